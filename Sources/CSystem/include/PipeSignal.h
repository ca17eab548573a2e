// SPDX-License-Identifier: BSD-3-Clause
//
// Writing where the other end may be closed, without SIGPIPE, which would end the process. To ignore the
// signal would be inherited by programs.

#ifndef VTY_PIPE_SIGNAL_H
#define VTY_PIPE_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct vty_held_signal {
  sigset_t before;   ///< the mask of the thread
  bool was_pending;  ///< the signal is another's
};

/// Keeps SIGPIPE from the calling thread until `vty_release_sigpipe`.
void vty_hold_sigpipe(struct vty_held_signal *held);
/// Removes a SIGPIPE that has come since, and restores the mask. errno stays.
void vty_release_sigpipe(const struct vty_held_signal *held);

/// Writes as `write` does; a closed end gives EPIPE and no signal.
ssize_t vty_write_without_signal(int descriptor, const void *bytes, size_t count);

#endif
