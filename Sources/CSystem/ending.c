// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include "Ending.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "Programs.h"

enum {
  LISTENERS = 64,
  SLICE = 1000000,  ///< nanoseconds between two looks whether the listeners are done
  SLICES = 300,
};

/// The descriptors that are written to, plus 1; 0: a free place. A signal handler reads them.
static _Atomic(int) listeners[LISTENERS];
static _Atomic(bool) is_ending;

int vty_ending_listen(int descriptor) {
  for (int i = 0; i < LISTENERS; i++) {
    int none = 0;
    if (atomic_compare_exchange_strong(&listeners[i], &none, descriptor + 1)) return i;
  }
  return -1;
}

void vty_ending_done(int place) {
  if (place >= 0) atomic_store(&listeners[place], 0);
}

bool vty_is_ending(void) { return atomic_load_explicit(&is_ending, memory_order_relaxed); }

void vty_ending_notify(void) {
  atomic_store(&is_ending, true);
  int left = 0;
  for (int i = 0; i < LISTENERS; i++) {
    int descriptor = atomic_load(&listeners[i]) - 1;
    if (descriptor >= 0 && write(descriptor, "", 1) == 1) left++;
  }
  for (int slice = 0; left && slice < SLICES; slice++) {
    struct timespec pause = {0, SLICE};
    nanosleep(&pause, NULL);
    left = 0;
    for (int i = 0; i < LISTENERS; i++) left += atomic_load(&listeners[i]) != 0;
  }
}

void vty_ending_block_signals(void) {
  sigset_t ending;
  sigemptyset(&ending);
  const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  for (int i = 0; i < 4; i++) sigaddset(&ending, signals[i]);
  pthread_sigmask(SIG_BLOCK, &ending, NULL);
}

// MARK: The signals

static void end_process(int signal) {
  vty_ending_notify();
  vty_programs_signal(signal);
  vty_programs_kill_later();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, NULL);
  raise(signal);  // it is blocked until this handler returns
}

static _Atomic(bool) ends_with_process;

void vty_signal_default(int signal) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = atomic_load(&ends_with_process) ? end_process : SIG_DFL;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, NULL);
}

void vty_programs_end_with_process(void) { atomic_store(&ends_with_process, true); }

/// Replaces the default actions of signals.
static void install_handlers(void) {
  if (!atomic_load(&ends_with_process)) return;
  const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  for (int i = 0; i < 4; i++) {
    struct sigaction action;
    if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL)
      vty_signal_default(ending[i]);
  }
}

static pthread_once_t handlers = PTHREAD_ONCE_INIT;

void vty_signals_prepare(void) { pthread_once(&handlers, install_handlers); }
