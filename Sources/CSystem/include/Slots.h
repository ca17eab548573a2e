// SPDX-License-Identifier: BSD-3-Clause
//
// A budget of processors that the threads of several processes share: each thread that computes holds a
// slot. The table of slots is in memory that child processes map, too.

#ifndef VTY_SLOTS_H
#define VTY_SLOTS_H

#include <stdbool.h>

enum { VTY_MOST_SLOTS = 1000 };

/// Adds `count` free slots to the table of this process, which is made if there is none; false and errno.
bool vty_slots_add(int count);
/// Maps the table of another process, which this process closes the descriptor of; false and errno.
bool vty_slots_join(int descriptor);
/// The descriptor of the table; -1 without one.
int vty_slots_descriptor(void);
/// The number of slots; 0 without a budget.
int vty_slots_count(void);
/// Removes `count` slots that were added. Without any, no thread waits for a slot.
void vty_slots_remove(int count);

/// Takes `count` slots for the calling thread, at most all of them. Waits for `nanoseconds` at most.
/// Returns 1 if it has got them, 0 if it has not, and -1 if there is no budget or the thread has a slot
/// already.
int vty_slots_take(int count, long nanoseconds);
/// Returns all slots of the calling thread, and their number.
int vty_slots_release(void);

#endif
