// SPDX-License-Identifier: BSD-3-Clause
//
// The clock, the lock and threads.

#ifndef VTY_THREADS_H
#define VTY_THREADS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

static inline int64_t vty_read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
/// CLOCK_MONOTONIC in nanoseconds.
static inline int64_t vty_now(void) { return vty_read_clock(CLOCK_MONOTONIC); }
/// CLOCK_REALTIME in nanoseconds since 1970.
static inline int64_t vty_wall(void) { return vty_read_clock(CLOCK_REALTIME); }

/// A mutex and a condition whose waits end at a time of CLOCK_MONOTONIC. They are pthread's own,
/// because the ThreadSanitizer knows them.
typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
} vty_monitor;

vty_monitor *vty_monitor_make(void);
void vty_monitor_free(vty_monitor *monitor);
static inline void vty_monitor_lock(vty_monitor *monitor) { pthread_mutex_lock(&monitor->mutex); }
static inline void vty_monitor_unlock(vty_monitor *monitor) {
  pthread_mutex_unlock(&monitor->mutex);
}
/// Waits, with the lock held, until notified or until `deadline` (nanoseconds of vty_now).
static inline void vty_monitor_wait(vty_monitor *monitor, int64_t deadline) {
  struct timespec until = {deadline / 1000000000, deadline % 1000000000};
  pthread_cond_timedwait(&monitor->condition, &monitor->mutex, &until);
}
static inline void vty_monitor_notify_one(vty_monitor *monitor) {
  pthread_cond_signal(&monitor->condition);
}
static inline void vty_monitor_notify_all(vty_monitor *monitor) {
  pthread_cond_broadcast(&monitor->condition);
}

/// Spins for a moment in a loop that waits, then yields the processor: waking a thread that sleeps
/// takes longer than most short tasks.
void vty_relax(void);
/// The number of processors that this program may use.
int vty_processors(void);
/// Starts a detached thread named `name` (at most 15 letters) with a stack of `stack` bytes; 0:
/// the system's default. Returns an error number, or 0.
int vty_thread_start(const char *name, size_t stack, void *(*body)(void *), void *context);

#endif
