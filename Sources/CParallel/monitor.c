// SPDX-License-Identifier: BSD-3-Clause
//
// Waiting, clocks and threads.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "CParallel.h"

struct vtp_monitor {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
};

vtp_monitor *vtp_monitor_make(void) {
  vtp_monitor *monitor = malloc(sizeof *monitor);
  if (!monitor) abort();  // 88 bytes: there is nothing that could be said any more
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&monitor->mutex, NULL);
  pthread_cond_init(&monitor->condition, &attributes);
  pthread_condattr_destroy(&attributes);
  return monitor;
}

void vtp_monitor_free(vtp_monitor *monitor) {
  pthread_cond_destroy(&monitor->condition);
  pthread_mutex_destroy(&monitor->mutex);
  free(monitor);
}

void vtp_monitor_lock(vtp_monitor *monitor) { pthread_mutex_lock(&monitor->mutex); }
void vtp_monitor_unlock(vtp_monitor *monitor) { pthread_mutex_unlock(&monitor->mutex); }

void vtp_monitor_wait(vtp_monitor *monitor, int64_t deadline) {
  struct timespec until = {deadline / 1000000000, deadline % 1000000000};
  pthread_cond_timedwait(&monitor->condition, &monitor->mutex, &until);
}

void vtp_monitor_notify_one(vtp_monitor *monitor) { pthread_cond_signal(&monitor->condition); }
void vtp_monitor_notify_all(vtp_monitor *monitor) { pthread_cond_broadcast(&monitor->condition); }

static int64_t read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t vtp_now(void) { return read_clock(CLOCK_MONOTONIC); }

int64_t vtp_epoch(void) { return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC); }

void vtp_relax(void) {
  for (int i = 0; i < 16; i++) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
  sched_yield();
}

int vtp_processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

int vtp_thread_start(size_t stack, void *(*body)(void *), void *context) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stack);
  int status = pthread_create(&thread, &attributes, body, context);
  pthread_attr_destroy(&attributes);
  return status;
}

void vtp_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }
