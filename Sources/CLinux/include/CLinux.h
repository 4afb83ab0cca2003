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

#endif
