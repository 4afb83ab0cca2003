#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
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
