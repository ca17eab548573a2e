// SPDX-License-Identifier: BSD-3-Clause
//
// Long decompositions: a function of LAPACK cannot be stopped, so it computes on a thread of its
// own, on copies. When the state is stopped, the caller leaves, and the copies are freed when the
// function returns.

#include "lapack.h"
#include "team.h"

#include <Threads.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SLICE = 10000000 };  // nanoseconds between two looks for a stop

typedef struct {
  va_lapack task;  // over the copies
  va_status (*run)(va_lapack *task);
  va_view copies[VA_LAPACK_VIEWS];
  va_detail detail;
  int stop;
  pthread_mutex_t lock;
  pthread_cond_t end;
  bool has_ended, is_left;
  va_status status;
} computation;

static _Atomic int left_behind;

// OpenBLAS frees its memory when the program exits: a function that still computes would fault.
static void leave_at_once(int status, void *unused) {
  (void)unused;
  if (atomic_load(&left_behind) == 0) return;
  fflush(NULL);
  _exit(status);
}

// Handlers run in reverse order: this one after all others.
__attribute__((constructor)) static void register_exit(void) { on_exit(leave_at_once, NULL); }

static void delete(computation *computation) {
  for (int i = 0; i < VA_LAPACK_VIEWS; i++)
    if (computation->task.views[i]) free(computation->copies[i].data);
  pthread_mutex_destroy(&computation->lock);
  pthread_cond_destroy(&computation->end);
  free(computation);
}

static void *compute(void *context) {
  computation *computation = context;
  // Signals are for the threads that run Lua.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  va_status status = computation->run(&computation->task);
  pthread_mutex_lock(&computation->lock);
  computation->status = status;
  computation->has_ended = true;
  bool is_left = computation->is_left;
  pthread_cond_signal(&computation->end);
  pthread_mutex_unlock(&computation->lock);
  if (is_left) {
    delete(computation);
    atomic_fetch_sub(&left_behind, 1);
  }
  return NULL;
}

// The computation over copies of the task's views; NULL without memory.
static computation *copy_of(const va_lapack *task, va_status (*run)(va_lapack *)) {
  computation *computation = calloc(1, sizeof *computation);
  if (!computation) return NULL;
  computation->task = *task;
  computation->run = run;
  computation->detail.threads = task->detail->threads;
  computation->detail.stop = &computation->stop;
  computation->task.detail = &computation->detail;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&computation->lock, NULL);
  pthread_cond_init(&computation->end, &monotonic);
  pthread_condattr_destroy(&monotonic);
  bool has_memory = true;
  for (int i = 0; i < VA_LAPACK_VIEWS; i++) {
    if (!task->views[i]) continue;
    va_view *copy = &computation->copies[i];
    *copy = *task->views[i];
    va_set_strides(copy);
    copy->data = calloc((size_t)va_count(copy) + 1, va_size(copy->dtype));
    computation->task.views[i] = copy;
    if (!copy->data) has_memory = false;
    else if (i < task->inputs) va_assign(task->views[i], copy);
  }
  if (has_memory) return computation;
  delete(computation);
  return NULL;
}

va_status va_lapack_run_apart(va_lapack *task, va_status (*run)(va_lapack *)) {
  computation *computation = copy_of(task, run);
  if (!computation) return VA_NO_MEMORY;
  if (vty_thread_start("vtlua-lapack", 0, compute, computation) != 0) {
    delete(computation);
    return run(task);
  }
  pthread_mutex_lock(&computation->lock);
  while (!computation->has_ended && !va_is_stopped(task->detail)) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += SLICE;
    if (until.tv_nsec >= 1000000000) {
      until.tv_sec++;
      until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&computation->end, &computation->lock, &until);
  }
  if (!computation->has_ended) {
    computation->is_left = true;
    atomic_fetch_add(&left_behind, 1);
    __atomic_store_n(&computation->stop, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&computation->lock);
    return VA_STOPPED;
  }
  pthread_mutex_unlock(&computation->lock);
  va_status status = computation->status;
  task->detail->place = computation->detail.place;
  for (int i = task->inputs; i < VA_LAPACK_VIEWS && status == VA_OK; i++)
    if (task->views[i]) va_assign(&computation->copies[i], task->views[i]);
  delete(computation);
  return status;
}
