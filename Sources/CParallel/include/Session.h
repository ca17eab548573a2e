// SPDX-License-Identifier: BSD-3-Clause
//
// Programs that outlive their terminal.

#ifndef VTP_SESSION_H
#define VTP_SESSION_H

#include <sys/types.h>

/// Starts `program` with `arguments` and `environment`, both ended by NULL, in a session of its
/// own: no terminal's signal reaches it, and it is the head of a group that can be signalled as
/// one. It has `input` as standard input (below 0: /dev/null), `output` as standard output and
/// standard error, no signal blocked or ignored, and nothing else of ours. An error number, or 0.
int vtp_spawn_session(const char *program, char *const *arguments, char *const *environment,
                      int input, int output, pid_t *child);

#endif
