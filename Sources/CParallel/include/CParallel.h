// SPDX-License-Identifier: BSD-3-Clause
//
// The record of a task, which several threads read and one writes; words that threads and
// processes share; and the loop that runs tasks in a Lua state.

#ifndef VTP_PARALLEL_H
#define VTP_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: A task

typedef enum {
  VTP_WAITING = 0,
  VTP_RUNNING = 1,
  VTP_DONE = 2,
  VTP_FAILED = 3,
  VTP_CANCELLED = 4,
} vtp_state;

enum {
  VTP_SMALL = 24,         ///< the size of the largest result that is kept in the record itself
  VTP_ELSEWHERE = 0xff,   ///< in `length`: the result is a position in the run's buffer
};

/// The record of a task, one cache line. The worker that runs the task writes it, and publishes it
/// by setting the state; from then on, every thread may read it.
typedef struct {
  uint32_t state;
  uint32_t payload;  ///< offset of its argument in the bytes of the batch
  int32_t worker;    ///< the number of the worker, from 1; 0: none yet
  uint16_t attempts;
  uint8_t length;    ///< of `small`, or VTP_ELSEWHERE
  int64_t started, ended;  ///< nanoseconds of vty_now
  void *result;      ///< an object with the parts that do not fit here
  union {
    uint8_t small[VTP_SMALL];
    uint64_t position;
  };
} vtp_task;

_Static_assert(sizeof(vtp_task) == 64, "a task's record fills one cache line");

static inline uint32_t vtp_task_state(const vtp_task *task) {
  return __atomic_load_n(&task->state, __ATOMIC_ACQUIRE);
}
static inline void vtp_task_publish(vtp_task *task, vtp_state state) {
  __atomic_store_n(&task->state, (uint32_t)state, __ATOMIC_RELEASE);
}

/// The result that is kept in the record. Swift accesses it through these functions, because a
/// Swift access to one field counts as one to the whole record, which another thread may be
/// writing.
static inline const uint8_t *vtp_task_small(const vtp_task *task) { return task->small; }
static inline void vtp_task_keep(vtp_task *task, const void *bytes, uint8_t length) {
  task->length = length;
  if (length) __builtin_memcpy(task->small, bytes, length);
}

/// Counts an attempt that failed before the task ran.
static inline void vtp_task_attempt(vtp_task *task, int worker) {
  task->attempts++;
  task->worker = worker;
}
/// Sets the attempts as reported by another process.
static inline void vtp_task_note(vtp_task *task, int worker, uint32_t attempts, int64_t started,
                                 int64_t ended) {
  task->attempts = attempts < UINT16_MAX ? (uint16_t)attempts : UINT16_MAX;
  task->worker = worker;
  task->started = started;
  task->ended = ended;
}
/// Sets missing times to `now`.
static inline void vtp_task_end(vtp_task *task, int64_t now) {
  if (!task->ended) task->ended = now;
  if (!task->started) task->started = task->ended;
}

/// A number that several threads share; all of them see its changes in the same order.
static inline int64_t vtp_load(const int64_t *word) {
  return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}
static inline void vtp_store(int64_t *word, int64_t value) {
  __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}
/// Sets the word to 0 if it has this value.
static inline void vtp_clear(int64_t *word, int64_t value) {
  __atomic_compare_exchange_n(word, &value, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
/// Adds, and returns the sum.
static inline int64_t vtp_add(int64_t *word, int64_t value) {
  return __atomic_add_fetch(word, value, __ATOMIC_SEQ_CST);
}
/// Lowers the word to `value`; false if it was not above it.
static inline bool vtp_lower(int64_t *word, int64_t value) {
  int64_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
  while (seen > value)
    if (__atomic_compare_exchange_n(word, &seen, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      return true;
  return false;
}

// MARK: Processes

enum {
  VTP_PAGE_CALLS = 64,    ///< the calls whose tasks a child has at a time, at most
  VTP_PRINTED = 1 << 20,  ///< the bytes of output that are kept for a task; the rest is dropped
  VTP_NOTES = 1 << 18,    ///< the bytes that the program itself adds to a task's output, at most
};

/// The state that a child process and its parent share without messages, in memory that both map.
/// The output of the running task follows.
typedef struct {
  int64_t call;     ///< the child's: what it runs; 0: nothing
  int64_t current;  ///< the child's: the number of the task
  /// The parent's: tasks of a call are not wanted from this number on. Then it sends SIGUSR2.
  struct {
    int64_t call, from;
  } cancelled[VTP_PAGE_CALLS];
  int64_t printed;  ///< the child's: the number of bytes of output of the running task
} vtp_page;

static inline size_t vtp_page_size(void) { return sizeof(vtp_page) + VTP_PRINTED + VTP_NOTES; }
static inline uint8_t *vtp_page_printed(vtp_page *page) { return (uint8_t *)(page + 1); }

/// Sets what the page says at a place.
static inline void vtp_page_cancel(vtp_page *page, int place, int64_t call, int64_t from) {
  vtp_store(&page->cancelled[place].from, from);
  vtp_store(&page->cancelled[place].call, call);
}
/// True if the page says at a place that tasks of the call are not wanted, from `*from` on.
static inline bool vtp_page_cancelled(const vtp_page *page, int place, int64_t call,
                                      int64_t *from) {
  if (place < 0 || place >= VTP_PAGE_CALLS || vtp_load(&page->cancelled[place].call) != call)
    return false;
  *from = vtp_load(&page->cancelled[place].from);
  return true;
}

#endif
