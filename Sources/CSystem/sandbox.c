// SPDX-License-Identifier: BSD-3-Clause
//
// Landlock rules, and the messages of a sandboxed process. The kernel's headers may be older than the
// kernel, so that the constants are defined here; their values are part of the kernel's interface.

#define _GNU_SOURCE
#include "Sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIRECTORY = 1 << 3,
  REMOVE_DIRECTORY = 1 << 4,
  REMOVE_FILE = 1 << 5,
  MAKE_DIRECTORY = 1 << 7,
  MAKE_FILE = 1 << 8,
  REFER = 1 << 13,
  TRUNCATE = 1 << 14,
  USE_DEVICE = 1 << 15,
  /// The rights of the first version, and those that later ones added.
  ALL_1 = (1 << 13) - 1,
  OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | USE_DEVICE,
  TCP = 3,
  /// Abstract sockets and signals stay inside.
  SCOPES = 3,
};

struct ruleset {
  uint64_t files, network, scopes;
};

struct __attribute__((packed)) path_rule {
  uint64_t allowed;
  int32_t parent;
};

int vty_landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
  return version > 0 ? (int)version : 0;
}

static uint64_t handled(int version) {
  uint64_t rights = ALL_1;
  if (version >= 2) rights |= REFER;
  if (version >= 3) rights |= TRUNCATE;
  if (version >= 5) rights |= USE_DEVICE;
  return rights;
}

static uint64_t rights(unsigned access) {
  uint64_t rights = 0;
  if (access & VTY_SANDBOX_READ) rights |= READ_FILE | READ_DIRECTORY;
  if (access & VTY_SANDBOX_WRITE)
    rights |= WRITE_FILE | REMOVE_DIRECTORY | REMOVE_FILE | MAKE_DIRECTORY | MAKE_FILE | REFER |
              TRUNCATE;
  if (access & VTY_SANDBOX_LIST) rights |= READ_DIRECTORY;
  if (access & VTY_SANDBOX_EXECUTE) rights |= EXECUTE;
  return rights;
}

static int add_rule(int ruleset, const vty_sandbox_rule *rule, uint64_t handled) {
  int file = open(rule->path, O_PATH | O_CLOEXEC);
  if (file < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : errno;
  struct stat about;
  int error = fstat(file, &about) == 0 ? 0 : errno;
  if (!error) {
    struct path_rule path = {.allowed = rights(rule->access) & handled, .parent = file};
    if (!S_ISDIR(about.st_mode)) path.allowed &= OF_FILES;
    if (path.allowed && syscall(SYS_landlock_add_rule, ruleset, 1, &path, 0) != 0) error = errno;
  }
  close(file);
  return error;
}

int vty_sandbox_files(const vty_sandbox_rule *rules, size_t count, bool network) {
  int version = vty_landlock_version();
  if (!version) return ENOSYS;
  struct ruleset attributes = {.files = handled(version)};
  size_t size = sizeof attributes.files;
  if (version >= 4) {
    attributes.network = network ? 0 : TCP;
    size += sizeof attributes.network;
  }
  if (version >= 6) {
    attributes.scopes = SCOPES;
    size += sizeof attributes.scopes;
  }
  long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
  if (ruleset < 0) return errno;
  int error = 0;
  for (size_t i = 0; i < count && !error; i++)
    error = add_rule((int)ruleset, &rules[i], attributes.files);
  if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) error = errno;
  if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) error = errno;
  close((int)ruleset);
  return error;
}

#ifdef __GLIBC__
typedef __rlimit_resource_t resource_name;
#else
typedef int resource_name;
#endif

static int limit_to(resource_name resource, size_t value) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return errno;
  rlim_t wanted = value;
  if (limit.rlim_max != RLIM_INFINITY && wanted > limit.rlim_max) wanted = limit.rlim_max;
  limit.rlim_cur = limit.rlim_max = wanted;
  return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int vty_sandbox_limits(size_t memory, size_t file_size) {
  // Mapped files are not part of it, nor is address space that is only reserved.
  int error = limit_to(RLIMIT_DATA, memory);
  if (error) return error;
  signal(SIGXFSZ, SIG_IGN);
  return limit_to(RLIMIT_FSIZE, file_size);
}

// MARK: Messages

enum { ACTIVE = 1, NO_NETWORK = 2, NO_PROGRAMS = 4 };

static _Atomic(int) state;

void vty_sandbox_note(bool network, bool programs) {
  atomic_store(&state, ACTIVE | (network ? 0 : NO_NETWORK) | (programs ? 0 : NO_PROGRAMS));
}

bool vty_is_sandboxed(void) { return atomic_load_explicit(&state, memory_order_relaxed) != 0; }
bool vty_sandbox_refuses_network(void) { return atomic_load(&state) & NO_NETWORK; }
bool vty_sandbox_refuses_programs(void) { return atomic_load(&state) & NO_PROGRAMS; }

const char *vty_reason(int error, unsigned access) {
  if ((error == EACCES || error == EXDEV) && vty_is_sandboxed()) {
    if (access == VTY_SANDBOX_READ)
      return "refused by the sandbox of this run; --allow-read PATH allows to read more";
    if (access == VTY_SANDBOX_WRITE)
      return "refused by the sandbox of this run, which may write in results/ only; --allow-write "
             "PATH allows more";
    return "refused by the sandbox of this run; --allow-read PATH or --allow-write PATH allows more";
  }
  if (error == EMFILE) return "Too many open files; raise their limit with `ulimit -n`";
  if (error == EFBIG && vty_is_sandboxed())
    return "larger than the files of this run may be; --disk-limit SIZE allows more";
  return strerror(error);
}

void vty_adopt_orphans(void) { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
