// SPDX-License-Identifier: BSD-3-Clause
//
// Each slot has the id of the process that holds it. A process that was killed cannot return its slots:
// those that wait look for such processes. A pipe of tokens, as make has it, would lose them.

#define _GNU_SOURCE
#include "Slots.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "Memory.h"
#include "Threads.h"

struct table {
  _Atomic int32_t count;
  _Atomic uint32_t changes;  ///< what waiting threads sleep on
  _Atomic int32_t waiting;
  _Atomic int32_t owners[VTY_MOST_SLOTS];  ///< process ids; 0: free
};

static _Atomic(struct table *) shared;
static _Atomic int shared_descriptor = -1;
/// The slots of this thread.
static _Thread_local int held[VTY_MOST_SLOTS];
static _Thread_local int held_count;

static void wake(struct table *table, int count) {
  table->changes++;
  if (table->waiting > 0) syscall(SYS_futex, &table->changes, FUTEX_WAKE, count, NULL, NULL, 0);
}

/// The number of slots that may be taken.
static int32_t count_of(struct table *table) {
  int32_t count = table->count;
  return count < VTY_MOST_SLOTS ? count : VTY_MOST_SLOTS;
}

/// Makes the table of this process, unless another thread does.
static struct table *make_table(void) {
  int descriptor = vty_memory_make(sizeof(struct table));
  if (descriptor < 0) return NULL;
  struct table *made = vty_memory_map(descriptor, sizeof *made, true);
  if (!made) {
    int error = errno;
    close(descriptor);
    errno = error;
    return NULL;
  }
  struct table *other = NULL;
  if (!atomic_compare_exchange_strong(&shared, &other, made)) {
    vty_memory_unmap(made, sizeof *made);
    close(descriptor);
    return other;
  }
  shared_descriptor = descriptor;
  return made;
}

bool vty_slots_add(int count) {
  struct table *table = shared;
  if (!table) table = make_table();
  if (!table) return false;
  table->count += count;
  wake(table, INT32_MAX);
  return true;
}

bool vty_slots_join(int descriptor) {
  struct table *table = NULL;
  if (vty_memory_keeps_size(descriptor))
    table = vty_memory_map(descriptor, sizeof *table, true);
  if (!table) {
    close(descriptor);
    return false;
  }
  shared_descriptor = descriptor;
  shared = table;
  return true;
}

int vty_slots_descriptor(void) {
  struct table *table = shared;
  return table && table->count > 0 ? shared_descriptor : -1;
}

int vty_slots_count(void) {
  struct table *table = shared;
  return table ? count_of(table) : 0;
}

void vty_slots_remove(int count) {
  struct table *table = shared;
  if (!table) return;
  table->count -= count;
  wake(table, INT32_MAX);
}

/// Takes free slots until the thread has `count`; true if it has them.
static bool take_free(struct table *table, int count, int32_t process) {
  int32_t all = count_of(table);
  for (int i = 0; i < all && held_count < count; i++) {
    int32_t owner = 0;
    if (table->owners[i] == 0 && atomic_compare_exchange_strong(&table->owners[i], &owner, process))
      held[held_count++] = i;
  }
  if (held_count >= count) return true;
  // Two threads that each have a part would wait for each other.
  if (held_count) vty_slots_release();
  return false;
}

/// Frees the slots of processes that have ended.
static void reclaim(struct table *table) {
  for (int i = 0; i < count_of(table); i++) {
    int32_t owner = table->owners[i];
    if (owner && kill(owner, 0) != 0 && errno == ESRCH)
      atomic_compare_exchange_strong(&table->owners[i], &owner, 0);
  }
}

int vty_slots_take(int count, long nanoseconds) {
  struct table *table = shared;
  if (!table || table->count <= 0 || held_count) return -1;
  int32_t process = getpid();
  int64_t end = vty_now() + nanoseconds;
  while (true) {
    int32_t all = count_of(table);
    if (all <= 0) return -1;
    uint32_t changes = table->changes;
    if (take_free(table, count < all ? count : all, process)) return 1;
    int64_t left = end - vty_now();
    if (left <= 0) {
      reclaim(table);
      return take_free(table, count < all ? count : all, process) ? 1 : 0;
    }
    struct timespec time = {left / 1000000000, left % 1000000000};
    table->waiting++;
    syscall(SYS_futex, &table->changes, FUTEX_WAIT, changes, &time, NULL, 0);
    table->waiting--;
  }
}

int vty_slots_release(void) {
  struct table *table = shared;
  int count = held_count;
  if (!count || !table) return 0;
  for (int i = 0; i < count; i++) table->owners[held[i]] = 0;
  held_count = 0;
  wake(table, count);
  return count;
}
