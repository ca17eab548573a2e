// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "Session.h"

int vtp_spawn_session(const char *program, char *const *arguments, char *const *environment,
                      int input, int output, pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);

  // Above the standard streams, lest one of them is overwritten before it is used.
  int source = input < 0 ? -1 : fcntl(input, F_DUPFD_CLOEXEC, 3);
  int sink = fcntl(output, F_DUPFD_CLOEXEC, 3);
  if (input < 0) posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  else posix_spawn_file_actions_adddup2(&actions, source, 0);
  posix_spawn_file_actions_adddup2(&actions, sink, 1);
  posix_spawn_file_actions_adddup2(&actions, sink, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  int status = posix_spawn(child, program, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (source >= 0) close(source);
  if (sink >= 0) close(sink);
  return status;
}
