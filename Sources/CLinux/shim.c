#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <syslog.h>
#include <unistd.h>

// FILEID_KERNFS: the handle is the 64-bit id of a kernfs node (include/linux/exportfs.h).
static const int kernfs_handle = 0xfe;

int tcptune_open_cgroup(int mount, uint64_t id) {
  union {
    struct file_handle handle;
    char space[sizeof(struct file_handle) + sizeof id];
  } request;
  memset(&request, 0, sizeof request);
  request.handle.handle_bytes = sizeof id;
  request.handle.handle_type = kernfs_handle;
  memcpy(request.handle.f_handle, &id, sizeof id);
  return open_by_handle_at(mount, &request.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int tcptune_nofile_limit(int pid, uint64_t *limit) {
  struct rlimit value;
  if (prlimit(pid, RLIMIT_NOFILE, NULL, &value) != 0) return -1;
  *limit = value.rlim_cur;
  return 0;
}

int tcptune_unshare_network(void) { return unshare(CLONE_NEWNET); }

int tcptune_unshare_network_and_mounts(void) { return unshare(CLONE_NEWNET | CLONE_NEWNS); }

int tcptune_join_network(int network) { return setns(network, CLONE_NEWNET); }

int tcptune_unshare_user_and_network(void) { return unshare(CLONE_NEWUSER | CLONE_NEWNET); }

int tcptune_fork(void) { return fork(); }

int tcptune_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

static int argument_count;
static char **arguments;

// Runs before the Swift runtime begins: that looks for its own path in /proc/self/exe, and aborts
// where a rescue shell or a chroot has no /proc. With a root given it does not look.
__attribute__((constructor(101))) static void begin(int count, char **words) {
  argument_count = count;
  arguments = words;
  if (access("/proc/self/exe", F_OK) != 0) setenv("SWIFT_ROOT", "/", 0);
}

int tcptune_argument_count(void) { return argument_count; }

const char *tcptune_argument(int index) {
  return index >= 0 && index < argument_count ? arguments[index] : NULL;
}

int tcptune_hold_signals(const int *numbers, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int index = 0; index < count; index++) sigaddset(&set, numbers[index]);
  if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int tcptune_next_signal(int descriptor) {
  struct signalfd_siginfo signal;
  return read(descriptor, &signal, sizeof signal) == sizeof signal ? (int)signal.ssi_signo : 0;
}

int tcptune_open_beneath(int folder, const char *path, int flags) {
  struct open_how how = {
      .flags = (uint64_t)flags,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int tcptune_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int tcptune_random(void *bytes, unsigned count) { return (int)getrandom(bytes, count, 0); }

int tcptune_is_procfs(int descriptor) {
  struct statfs system;
  if (fstatfs(descriptor, &system) != 0) return -1;
  return system.f_type == PROC_SUPER_MAGIC;
}

int tcptune_exchange(int folder, const char *one, const char *other) {
  return renameat2(folder, one, folder, other, RENAME_EXCHANGE);
}

int tcptune_rename_to_free(int folder, const char *name, int other_folder, const char *free_name) {
  if (renameat2(folder, name, other_folder, free_name, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // NFS, and ZFS before 2.2.
  if (linkat(folder, name, other_folder, free_name, 0) != 0) return -1;
  return unlinkat(folder, name, 0);
}

static const char label_name[] = "security.selinux";

int tcptune_label(int descriptor, char *label, unsigned size) {
  return (int)fgetxattr(descriptor, label_name, label, size);
}

int tcptune_set_label(int descriptor, const char *label, unsigned length) {
  return fsetxattr(descriptor, label_name, label, length, 0);
}

int tcptune_alarm_at(int64_t milliseconds) {
  int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer < 0) return -1;
  struct itimerspec moment = {
      .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000 + 1},
  };
  if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &moment, NULL) == 0) return timer;
  int failed = errno;
  close(timer);
  errno = failed;
  return -1;
}

int tcptune_spawn(const char *program, char *const *arguments, char *const *environment, int hold,
                  int ready, int errors, int own_session) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed != 0) {
    errno = failed;
    return -1;
  }
  failed = posix_spawnattr_init(&attributes);
  if (failed != 0) {
    posix_spawn_file_actions_destroy(&actions);
    errno = failed;
    return -1;
  }
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (own_session) flags |= POSIX_SPAWN_SETSID;
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, flags);
  // Any of them may have one of the new numbers: they are moved above all of these first.
  int next = 5;
  int *moved[] = {&hold, &ready, &errors};
  for (int index = 0; index < 3; index++)
    if (*moved[index] >= next) next = *moved[index] + 1;
  for (int index = 0; index < 3; index++) {
    if (*moved[index] < 0) continue;
    posix_spawn_file_actions_adddup2(&actions, *moved[index], next);
    *moved[index] = next++;
  }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  if (errors >= 0)
    posix_spawn_file_actions_adddup2(&actions, errors, 2);
  else
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  int first = 3;
  if (hold >= 0) {
    posix_spawn_file_actions_adddup2(&actions, hold, 3);
    posix_spawn_file_actions_adddup2(&actions, ready, 4);
    first = 5;
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, first);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  int process = -1;
  failed = posix_spawn(&process, program, &actions, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed == 0) return process;
  errno = failed;
  return -1;
}

int tcptune_hold_process(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int tcptune_signal_process(int process, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
}

void tcptune_log(const char *line) {
  openlog("tcptune", LOG_PID, LOG_DAEMON);
  syslog(LOG_ALERT, "%s", line);
  closelog();
}

_Static_assert(TCPTUNE_O_PATH == O_PATH, "O_PATH");
