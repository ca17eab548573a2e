// SPDX-License-Identifier: BSD-3-Clause
//
// Restricts what a process may do, for good: files by Landlock, other system calls by seccomp.

#ifndef VTY_SANDBOX_H
#define VTY_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

enum {
  VTY_SANDBOX_READ = 1,
  VTY_SANDBOX_WRITE = 2,
  VTY_SANDBOX_EXECUTE = 4,
  VTY_SANDBOX_LIST = 8,  ///< the names in directories
};

/// The accesses that are allowed at a path and below it.
typedef struct {
  const char *path;
  unsigned access;
} vty_sandbox_rule;

/// The version of the kernel's Landlock; 0 where it has none, or where it is switched off.
int vty_landlock_version(void);
/// True if the kernel has seccomp filters.
bool vty_has_seccomp(void);

/// Restricts this thread, and those that it starts from now on, to what the rules allow. Rules for
/// paths that do not exist are left out. Without `network`, TCP is refused as well, where Landlock can.
/// Returns an error number, or 0.
int vty_sandbox_files(const vty_sandbox_rule *rules, size_t count, bool network);

/// Restricts the system calls of all threads of this process. Calls by which a process looks into others
/// or changes the system end it with SIGSYS; others that are refused return EPERM. Returns an error
/// number, or 0.
int vty_sandbox_calls(bool network, bool programs);

/// Limits the private memory of this process, and the size of each file that it writes, in bytes. A write
/// beyond the limit fails with EFBIG. Returns an error number, or 0.
int vty_sandbox_limits(size_t memory, size_t file_size);

/// Makes this process the parent of those below it whose own parent ends.
void vty_adopt_orphans(void);

/// Notes that this process is in a sandbox, for messages.
void vty_sandbox_note(bool network, bool programs);
bool vty_is_sandboxed(void);
/// True if the sandbox refuses the network, or programs. False where there is no sandbox.
bool vty_sandbox_refuses_network(void);
bool vty_sandbox_refuses_programs(void);

/// The system's text for an error. In a sandbox, the text for a refused permission, or for a file that is too
/// large, names the option that would give it: for reading, for writing, or for either. That for too many
/// open files names the limit.
const char *vty_reason(int error, unsigned access);

#endif
