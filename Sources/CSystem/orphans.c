// SPDX-License-Identifier: BSD-3-Clause
//
// Programs that end with this process, even when it is killed.
//
// A shell waits for the end of a pipe whose other end this process alone holds, and then ends the
// process groups in a table that both share. A program that is started costs one store.

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "Memory.h"
#include "Processes.h"
#include "Programs.h"
#include "groups.h"

enum { PLACES = 1024 };

/// The groups; 0: none. NULL where there is no such shell.
static _Atomic(int32_t) *table;
static _Atomic(unsigned) orphans_hint;

/// Its standard input is the pipe, and descriptor 3 the table.
static const char script[] =
    "read -r nothing\n"
    "groups=\n"
    "for group in $(od -An -v -td4 -w4 /proc/self/fd/3); do\n"
    "  [ \"$group\" = 0 ] || groups=\"$groups $group\"\n"
    "done\n"
    "[ -n \"$groups\" ] || exit 0\n"
    "for group in $groups; do kill -s TERM -- \"-$group\"; kill -s CONT -- \"-$group\"; done\n"
    "sleep 0.5\n"
    "for group in $groups; do kill -s KILL -- \"-$group\"; done\n";

static void start(void) {
  size_t length = PLACES * sizeof *table;
  int memory = vty_memory_make(length), ends[2] = {-1, -1};
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  void *shared = memory < 0 ? NULL
                            : mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (shared && shared != MAP_FAILED && nowhere >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
    char *arguments[] = {"vtlua-programs", "-c", (char *)script, NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    vty_spawn_options options = {
        .program = "/bin/sh",
        .arguments = arguments,
        .environment = environment,
        .directory = "/",
        .input = ends[0],
        .output = nowhere,
        .errors = nowhere,
        .channel = memory,
        .session = true,
    };
    pid_t child;
    if (vty_spawn(&options, &child) == 0) table = shared;
    else close(ends[1]);
    close(ends[0]);
  }
  if (!table && shared && shared != MAP_FAILED) munmap(shared, length);
  if (memory >= 0) close(memory);
  if (nowhere >= 0) close(nowhere);
}

void vty_orphans_prepare(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
}

int vty_orphan_add(pid_t group) {
  if (!table) return -1;
  unsigned first = atomic_fetch_add_explicit(&orphans_hint, 1, memory_order_relaxed);
  for (unsigned i = 0; i < PLACES; i++) {
    int32_t none = 0;
    if (atomic_compare_exchange_strong(&table[(first + i) % PLACES], &none, group))
      return (int)((first + i) % PLACES);
  }
  return -1;
}

void vty_orphan_remove(int *place) {
  if (*place < 0 || !table) return;
  atomic_store(&table[*place], 0);
  *place = -1;
}
