// SPDX-License-Identifier: BSD-3-Clause

#include "PipeSignal.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

static void only_sigpipe(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGPIPE);
}

void vty_hold_sigpipe(struct vty_held_signal *held) {
  sigset_t pipe, pending;
  only_sigpipe(&pipe);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe, &held->before);
  held->was_pending = sigismember(&pending, SIGPIPE) == 1;
}

void vty_release_sigpipe(const struct vty_held_signal *held) {
  int error = errno;
  sigset_t pipe;
  only_sigpipe(&pipe);
  struct timespec none = {0, 0};
  if (!held->was_pending)
    while (sigtimedwait(&pipe, NULL, &none) < 0 && errno == EINTR) continue;
  pthread_sigmask(SIG_SETMASK, &held->before, NULL);
  errno = error;
}

ssize_t vty_write_without_signal(int descriptor, const void *bytes, size_t count) {
  struct vty_held_signal held;
  vty_hold_sigpipe(&held);
  ssize_t written = write(descriptor, bytes, count);
  vty_release_sigpipe(&held);
  return written;
}
