// SPDX-License-Identifier: BSD-3-Clause
//
// What the parallel floor needs of C: the record of a task, which several threads read and one
// writes; waiting; child processes; and the loop that runs tasks in a Lua state.

#ifndef VTP_PARALLEL_H
#define VTP_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

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
  int64_t started, ended;  ///< nanoseconds of vtp_now
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

// MARK: Waiting

/// A mutex and a condition whose waits end at a time of CLOCK_MONOTONIC. pthread's own, because
/// the ThreadSanitizer knows them.
typedef struct vtp_monitor vtp_monitor;

vtp_monitor *vtp_monitor_make(void);
void vtp_monitor_free(vtp_monitor *monitor);
void vtp_monitor_lock(vtp_monitor *monitor);
void vtp_monitor_unlock(vtp_monitor *monitor);
/// Waits, with the lock held, until notified or until `deadline` (nanoseconds of vtl_now).
void vtp_monitor_wait(vtp_monitor *monitor, int64_t deadline);
void vtp_monitor_notify_one(vtp_monitor *monitor);
void vtp_monitor_notify_all(vtp_monitor *monitor);

/// CLOCK_MONOTONIC in nanoseconds.
int64_t vtp_now(void);
/// What has to be added to vtp_now for nanoseconds since 1970.
int64_t vtp_epoch(void);
/// Stays awake for a moment, in a loop that waits: to wake a thread that sleeps takes longer than
/// most short tasks. Whoever else wants the processor has it meanwhile.
void vtp_relax(void);

// MARK: Threads

/// How many processors this program may use.
int vtp_processors(void);
/// Starts a detached thread with a stack of so many bytes; an error number, or 0.
int vtp_thread_start(size_t stack, void *(*body)(void *), void *context);
/// Names the calling thread, for debuggers and `top`: 15 letters at most.
void vtp_thread_name(const char *name);

// MARK: Processes

/// Starts `program` with `arguments` and `environment`, both ended by NULL, in `directory` (NULL:
/// this one). The child has `channel` as descriptor 3, standard input from /dev/null, no signal
/// blocked or ignored but those of a terminal, and nothing else of ours. Its standard output and
/// standard error are `output`, or, where that is below 0, ours. An error number, or 0.
int vtp_spawn(const char *program, char *const *arguments, char *const *environment,
              const char *directory, int channel, const int output[2], pid_t *child);
/// In the child: ends with the parent's thread that started it, whatever happens to it. False
/// when the parent is gone already.
bool vtp_end_with_parent(pid_t parent);
/// A connected pair of stream sockets that no other child inherits; -1 and errno.
int vtp_socket_pair(int ends[2]);
/// Sends all bytes, and with the first of them `count` descriptors. 0, or an error number:
/// ETIMEDOUT at `deadline`.
int vtp_send(int socket, const struct iovec *parts, int part_count, const int *descriptors,
             int count, int64_t deadline);
/// Receives up to `length` bytes and up to `*count` descriptors. -1 and errno; 0: the end.
/// With `wait` false it returns at once, with EAGAIN when there is nothing.
ssize_t vtp_receive(int socket, void *bytes, size_t length, int *descriptors, int *count, bool wait);
/// Waits until the socket can be read or `deadline` comes; false then.
bool vtp_readable(int socket, int64_t deadline);
/// How a child ended: true once it has, with its code, or the negative of the signal's number.
bool vtp_reap(pid_t child, bool wait, int *end);
/// "SIGSEGV"; NULL for a number that is none.
const char *vtp_signal_name(int signal);

/// What a child process and its parent see of each other without a message: a page of memory.
typedef struct {
  int64_t call;         ///< the child's: what it runs; 0: nothing
  int64_t current;      ///< the child's: the number of the task
  int64_t cancel_call;  ///< the parent's: tasks of this call are not wanted ...
  int64_t cancel_from;  ///< ... from this number on; then it sends SIGUSR2
} vtp_page;

/// A pipe that no child inherits and whose reading end does not block; -1 and errno.
int vtp_pipe(int ends[2]);
/// A descriptor that others can make readable; -1 and errno.
int vtp_event(void);
/// Makes it readable.
void vtp_event_set(int event);
/// Makes it not readable.
void vtp_event_clear(int event);
/// Blocks these signals for the calling thread and those that it starts, and gives a descriptor
/// to read them from; -1 and errno.
int vtp_signals(const int *numbers, int count);
/// The next signal's number; 0 when there is none.
int vtp_next_signal(int descriptor);
/// Bytes of memory that a process occupies; 0 where that cannot be told.
int64_t vtp_resident(pid_t process);
/// Makes what C's standard output holds go out line by line.
void vtp_line_output(void);
/// What was written to C's standard output and standard error goes out. Other files are left alone:
/// a thread that waits for a line of one holds its lock.
void vtp_flush_output(void);

/// Memory that two processes share: a descriptor of so many bytes; -1 and errno.
int vtp_memory_make(size_t length);
/// Maps it; NULL and errno.
void *vtp_memory_map(int descriptor, size_t length, bool writable);
void vtp_memory_unmap(void *bytes, size_t length);
/// Limits this process's address space to what it has now and `bytes` more.
int vtp_limit_memory(size_t bytes);

#endif
