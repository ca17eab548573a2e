// SPDX-License-Identifier: BSD-3-Clause

#include "team.h"

#include "include/Team.h"

#include <Threads.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_HELPERS = 63 };

// Work for less time than this is not worth waking a thread.
static const double worth_waking = 1e6;

// One caller at a time uses the team. Helpers join while the work is open; the caller never waits
// for one that has not begun.
static struct {
  pthread_mutex_t use;   // held by the caller that uses the team
  pthread_mutex_t lock;  // guards the fields below
  pthread_cond_t wake;
  void (*body)(void *, int64_t);
  void *context;
  const va_detail *detail;
  int64_t chunks;
  uint64_t number;  // of the work
  int seats;        // the helpers that may still join
  int helpers;      // the threads that exist
  _Atomic int inside;
  _Atomic int64_t next;
} team = {
    .use = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .wake = PTHREAD_COND_INITIALIZER,
};

static _Atomic int default_threads;

void va_set_threads(int threads) { atomic_store(&default_threads, threads > 0 ? threads : 0); }

int va_threads(void) {
  int threads = atomic_load(&default_threads);
  if (threads > 0) return threads;
  int processors = vty_processors();
  atomic_compare_exchange_strong(&default_threads, &threads, processors);
  return processors;
}

static void take_chunks(
    void (*body)(void *, int64_t), void *context, int64_t chunks, const va_detail *detail) {
  for (;;) {
    int64_t chunk = atomic_fetch_add_explicit(&team.next, 1, memory_order_relaxed);
    if (chunk >= chunks || va_is_stopped(detail)) return;
    body(context, chunk);
  }
}

static void *help(void *unused) {
  (void)unused;
  // Signals are for the threads that run Lua.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  uint64_t seen = 0;
  pthread_mutex_lock(&team.lock);
  for (;;) {
    while (team.seats == 0 || team.number == seen) pthread_cond_wait(&team.wake, &team.lock);
    seen = team.number;
    team.seats--;
    atomic_fetch_add(&team.inside, 1);
    void (*body)(void *, int64_t) = team.body;
    void *context = team.context;
    int64_t chunks = team.chunks;
    const va_detail *detail = team.detail;
    pthread_mutex_unlock(&team.lock);
    take_chunks(body, context, chunks, detail);
    atomic_fetch_sub_explicit(&team.inside, 1, memory_order_release);
    pthread_mutex_lock(&team.lock);
  }
  return NULL;
}

static va_status run_alone(
    int64_t chunks, void (*body)(void *, int64_t), void *context, const va_detail *detail) {
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    if (va_is_stopped(detail)) return VA_STOPPED;
    body(context, chunk);
  }
  return VA_OK;
}

va_status va_team_run(
    int64_t chunks, double nanoseconds, void (*body)(void *, int64_t), void *context,
    const va_detail *detail) {
  if (chunks <= 1 || nanoseconds < worth_waking) return run_alone(chunks, body, context, detail);
  int threads = detail && detail->threads > 0 ? detail->threads : va_threads();
  if (threads > chunks) threads = (int)chunks;
  if (threads > MOST_HELPERS + 1) threads = MOST_HELPERS + 1;
  if (threads <= 1 || pthread_mutex_trylock(&team.use) != 0)
    return run_alone(chunks, body, context, detail);
  pthread_mutex_lock(&team.lock);
  while (team.helpers < threads - 1) {
    if (vty_thread_start("vtlua-array", 0, help, NULL) != 0) break;
    team.helpers++;
  }
  team.body = body;
  team.context = context;
  team.chunks = chunks;
  team.detail = detail;
  team.seats = threads - 1;
  team.number++;
  atomic_store_explicit(&team.next, 0, memory_order_relaxed);
  pthread_cond_broadcast(&team.wake);
  pthread_mutex_unlock(&team.lock);

  take_chunks(body, context, chunks, detail);

  pthread_mutex_lock(&team.lock);
  team.seats = 0;
  pthread_mutex_unlock(&team.lock);
  while (atomic_load_explicit(&team.inside, memory_order_acquire) > 0) vty_relax();
  pthread_mutex_unlock(&team.use);
  return va_is_stopped(detail) ? VA_STOPPED : VA_OK;
}

// MARK: Instructions

static va_isa isa;

static void choose_isa(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) isa = VA_ISA_AVX2;
  if (isa == VA_ISA_AVX2 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512dq"))
    isa = VA_ISA_AVX512;
  const char *wanted = getenv("VTLUA_ISA");
  if (!wanted) return;
  if (strcmp(wanted, "base") == 0) isa = VA_ISA_BASE;
  if (strcmp(wanted, "avx2") == 0 && isa > VA_ISA_AVX2) isa = VA_ISA_AVX2;
#endif
}

va_isa va_isa_used(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, choose_isa);
  return isa;
}

const char *va_isa_name(void) {
  static const char *const names[] = {"base", "avx2", "avx512"};
  return names[va_isa_used()];
}
