// SPDX-License-Identifier: BSD-3-Clause
//
// The process groups of running programs.

#ifndef VTY_GROUPS_H
#define VTY_GROUPS_H

#include <stdbool.h>
#include <sys/types.h>

enum {
  VTY_GRACE = 500000000,       ///< nanoseconds between SIGTERM and SIGKILL
  VTY_AFTERMATH = 1000000000,  ///< nanoseconds after SIGKILL: a process may be in a system call
};

/// Prepares this process for its first program. Returns an error number where no program may be
/// started because this process ends.
int vty_groups_prepare(bool is_task);
/// Adds a group, and returns its place; -1 when the table is full.
int vty_group_add(pid_t group, bool is_task);
/// Removes the group at a place, which becomes -1.
void vty_group_remove(int *slot);
/// Notes that the head of the group at a place was reaped. Removes the group if nothing of it is
/// left.
void vty_group_lost_head(int *slot);
/// True if the table has the group. Async-signal-safe.
bool vty_group_is_known(pid_t group);
/// True if a process of the group runs.
bool vty_group_runs(pid_t group);
/// Sends a signal to a group, and continues it so that it can end. Async-signal-safe.
void vty_group_signal(pid_t group, int signal);

/// Starts the process that kills programs after their owner was killed, at the first call.
void vty_orphans_prepare(void);
/// Adds a group that ends with this process, and returns its place; -1 when the table is full.
int vty_orphan_add(pid_t group);

#endif
