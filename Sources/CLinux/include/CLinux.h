// The kernel's own headers for sock_diag, and the few calls that Swift cannot express.
//
// linux/tcp.h is left out: it defines tcp_info a second time beside the C library's. No feature
// macro is set here: it would change types that Swift has already imported.
#ifndef CLINUX_H
#define CLINUX_H

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdint.h>

// How often a call that a signal ended is made before that counts as its failure: one that is ended
// ever again would hold the program up for ever.
#define TCPTUNE_MOST_INTERRUPTIONS 100

// INET_DIAG_CGROUP_ID came with Linux 5.7; the headers of the machine that builds may be older.
#define TCPTUNE_INET_DIAG_CGROUP_ID 21

// Opens the folder of a cgroup by its id, beneath the cgroup2 mount that `mount` is open on.
// Returns a descriptor, or -1 with errno: EPERM without CAP_DAC_READ_SEARCH, ESTALE when the
// cgroup is gone. (open_by_handle_at with a kernfs handle: its struct ends in a flexible array.)
int tcptune_open_cgroup(int mount, uint64_t id);

// The soft RLIMIT_NOFILE of a process, in descriptors. Returns 0, or -1 with errno. (prlimit is
// hidden behind a feature macro.)
int tcptune_nofile_limit(int pid, uint64_t *limit);

// Moves the calling thread into a network namespace of its own. Returns 0, or -1 with errno.
int tcptune_unshare_network(void);

// The same for a network and a mount namespace at once.
int tcptune_unshare_network_and_mounts(void);

// Moves the calling thread into the network namespace that a descriptor is open on. Returns 0, or -1
// with errno: EPERM without CAP_SYS_ADMIN, EINVAL for a descriptor of something else.
int tcptune_join_network(int network);

// Moves the calling process into a user namespace of its own, in which it may do everything, and a
// network namespace that belongs to it. Returns 0, or -1 with errno.
int tcptune_unshare_user_and_network(void);

// fork(2), which Swift hides because of threads; the caller must have only one. Returns as fork does.
int tcptune_fork(void);

// Has the kernel kill the calling process when the thread that made it ends. Returns 0, or -1 with
// errno. (prctl takes a variable number of arguments.)
int tcptune_die_with_parent(void);

// Blocks these signals and returns a descriptor that becomes readable when one has come, or -1 with
// errno. (signalfd, which Swift's C library does not export.)
int tcptune_hold_signals(const int *numbers, int count);

// The number of the next signal that has come, or 0 where none has.
int tcptune_next_signal(int descriptor);

// The words that the program was started with, the program's name first. (Swift reads them from
// /proc/self/cmdline, which may be missing.)
int tcptune_argument_count(void);
const char *tcptune_argument(int index);

// Opens a file below the folder that a descriptor is open on; no part of the path may lead out of it
// or be a link. Returns a descriptor, or -1 with errno: ENOSYS before Linux 5.6. (openat2.)
int tcptune_open_beneath(int folder, const char *path, int flags);

// O_PATH, which is hidden behind a feature macro.
#define TCPTUNE_O_PATH 010000000

// A pipe whose ends are closed on exec, and so many bytes that nobody can foresee. Return -1 with
// errno. (pipe2 is hidden behind a feature macro, getrandom is in a header that Swift does not
// import.)
int tcptune_pipe(int ends[2]);
int tcptune_random(void *bytes, unsigned count);

// Whether a descriptor is open on procfs: 1 or 0, or -1 with errno. (fstatfs, whose numbers are in a
// header that the C library does not bring.)
int tcptune_is_procfs(int descriptor);

// Swaps two files of a folder, or gives a file a name that must be free. Return 0, or -1 with errno:
// EINVAL where the file system cannot swap; where it cannot see that a name is free the file has both
// names for a moment. (renameat2, which is hidden behind a feature macro.)
int tcptune_exchange(int folder, const char *one, const char *other);
int tcptune_rename_to_free(int folder, const char *name, int other_folder, const char *free_name);

// A file's SELinux label, ended by a zero. Return its length or 0, or -1 with errno: ENODATA or
// ENOTSUP where there is none. (xattr.h is not among what Swift imports.)
int tcptune_label(int descriptor, char *label, unsigned size);
int tcptune_set_label(int descriptor, const char *label, unsigned length);

// A descriptor that becomes readable at a moment of CLOCK_BOOTTIME, in milliseconds, which goes on
// while the machine sleeps. Returns -1 with errno. (timerfd.)
int tcptune_alarm_at(int64_t milliseconds);

// Starts a program, in a session of its own where that is asked for, with no signal
// blocked or ignored, in the folder /, with `hold` as descriptor 3 and `ready` as 4, and /dev/null as
// standard input and output; -1 leaves a descriptor out. Standard error goes to /dev/null too unless
// `errors` is another descriptor. Returns the process, or -1 with errno.
int tcptune_spawn(const char *program, char *const *arguments, char *const *environment, int hold,
                  int ready, int errors, int own_session);

// A process held by a descriptor, and a signal to it. Return -1 with errno. (pidfd_open and
// pidfd_send_signal.)
int tcptune_hold_process(int pid);
int tcptune_signal_process(int process, int signal);

// One line for the system's log, as an alert. (syslog takes a variable number of arguments.)
void tcptune_log(const char *line);

#endif
