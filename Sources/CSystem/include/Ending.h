// SPDX-License-Identifier: BSD-3-Clause
//
// Threads that have something to do before a signal ends the process.

#ifndef VTY_ENDING_H
#define VTY_ENDING_H

#include <stdbool.h>

/// Registers a pipe. Before a signal ends the process by the action of `vty_signal_default`, a byte
/// is written to it, and the process waits for `vty_ending_done`, 0.3 s at most. Returns the place;
/// -1: there is none.
int vty_ending_listen(int descriptor);
/// Unregisters a place. The process does not wait for it any more.
void vty_ending_done(int place);

/// True if the process is about to end.
bool vty_is_ending(void);
/// Notifies the listeners, and waits for them. Async-signal-safe.
void vty_ending_notify(void);

/// Blocks the signals in the calling thread: a thread that listens must not be the one that waits.
void vty_ending_block_signals(void);

#endif
