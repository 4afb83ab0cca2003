#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

int tcptune_unshare_user_and_network(void) { return unshare(CLONE_NEWUSER | CLONE_NEWNET); }

int tcptune_fork(void) { return fork(); }

int tcptune_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }
