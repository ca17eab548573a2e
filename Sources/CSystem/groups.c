// SPDX-License-Identifier: BSD-3-Clause
//
// The process groups of the programs of this process, and their end with it.

#define _GNU_SOURCE
#include "groups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "Processes.h"
#include "Programs.h"
#include "Threads.h"

enum { GROUPS = 4096 };

/// The groups. A signal handler reads them.
static _Atomic(pid_t) groups[GROUPS];
/// True for programs of tasks, which end with this process however it ends.
static _Atomic(bool) of_tasks[GROUPS];
/// True for groups whose head was reaped, while other processes of it run.
static _Atomic(bool) headless[GROUPS];
static _Atomic(int) hint;
static _Atomic(bool) is_ending;

// MARK: The table

int vty_group_add(pid_t group, bool is_task) {
  int start = atomic_fetch_add_explicit(&hint, 1, memory_order_relaxed);
  for (int i = 0; i < GROUPS; i++) {
    int slot = (int)(((unsigned)start + (unsigned)i) % GROUPS);
    pid_t none = 0;
    if (!atomic_compare_exchange_strong(&groups[slot], &none, group)) continue;
    atomic_store(&of_tasks[slot], is_task);
    return slot;
  }
  return -1;
}

void vty_group_remove(int *slot) {
  if (*slot < 0) return;
  atomic_store(&headless[*slot], false);
  atomic_store(&of_tasks[*slot], false);
  atomic_store(&groups[*slot], 0);
  *slot = -1;
}

/// The group at a place; 0 when there is none, or its number may be another's by now.
static pid_t group_at(int slot) {
  pid_t group = atomic_load_explicit(&groups[slot], memory_order_relaxed);
  // While a process of the group runs, no new process gets its number.
  return group && atomic_load(&headless[slot]) && getpgid(group) >= 0 ? 0 : group;
}

void vty_group_lost_head(int *slot) {
  if (*slot < 0) return;
  atomic_store(&headless[*slot], true);
  pid_t group = group_at(*slot);
  if (!group || !vty_group_runs(group)) vty_group_remove(slot);
}

bool vty_group_is_known(pid_t group) {
  for (int i = 0; i < GROUPS; i++)
    if (group && atomic_load(&groups[i]) == group) return true;
  return false;
}

// MARK: Signals

void vty_group_signal(pid_t group, int signal) {
  kill(-group, signal);
  if (signal != SIGKILL) kill(-group, SIGCONT);
}

void vty_programs_signal(int signal) {
  for (int i = 0; i < GROUPS; i++) {
    pid_t group = group_at(i);
    if (group) vty_group_signal(group, signal);
  }
}

void vty_programs_kill_later(void) {
  bool some = false;
  for (int i = 0; i < GROUPS && !some; i++) some = group_at(i) != 0;
  if (!some || syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) != 0) return;
  // Nothing waits for the end of this process's descriptors.
  syscall(SYS_close_range, 0, ~0U, 0);
  setsid();
  for (int round = 0; some && round < 50; round++) {
    struct timespec nap = {0, VTY_GRACE / 50};
    nanosleep(&nap, NULL);
    some = false;
    for (int i = 0; i < GROUPS && !some; i++) {
      pid_t group = group_at(i);
      some = group && kill(-group, 0) == 0;
    }
  }
  for (int i = 0; some && i < GROUPS; i++) {
    pid_t group = group_at(i);
    if (group) kill(-group, SIGKILL);
  }
  _exit(0);
}

// MARK: The end of this process by `exit`

static bool tasks_run(bool signals, int signal) {
  bool run = false;
  for (int i = 0; i < GROUPS; i++) {
    pid_t group = atomic_load(&of_tasks[i]) ? group_at(i) : 0;
    if (!group || !vty_group_runs(group)) continue;
    run = true;
    if (signals) vty_group_signal(group, signal);
  }
  return run;
}

/// Ends the programs of tasks: the threads that run the tasks end now.
static void end_tasks(void) {
  atomic_store(&is_ending, true);
  if (!tasks_run(true, SIGTERM)) return;
  int64_t deadline = vty_now() + VTY_GRACE;
  while (tasks_run(false, 0)) {
    if (vty_now() >= deadline) {
      tasks_run(true, SIGKILL);
      return;
    }
    struct timespec nap = {0, 2000000};
    nanosleep(&nap, NULL);
  }
}

static void register_end(void) { atexit(end_tasks); }

int vty_groups_prepare(bool is_task) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  vty_signals_prepare();
  if (!is_task) return 0;
  pthread_once(&once, register_end);
  return atomic_load(&is_ending) ? ECANCELED : 0;
}

// MARK: Groups that run in the background

bool vty_background_runs(int slot) {
  pid_t group = group_at(slot);
  return group && vty_group_runs(group);
}

void vty_backgrounds_end(int *slots, int count) {
  bool killed = false;
  int64_t deadline = vty_now() + VTY_GRACE;
  for (int i = 0; i < count; i++) {
    pid_t group = group_at(slots[i]);
    if (group) vty_group_signal(group, SIGTERM);
  }
  for (int64_t pause = 200000;; pause += pause / 4) {
    bool remain = false;
    for (int i = 0; i < count; i++) {
      pid_t group = slots[i] < 0 ? 0 : group_at(slots[i]);
      if (!group || !vty_group_runs(group)) {
        vty_group_remove(&slots[i]);
        continue;
      }
      remain = true;
      if (killed || vty_now() < deadline) continue;
      kill(-group, SIGKILL);
    }
    if (!remain) return;
    if (vty_now() >= deadline) {
      if (killed) break;
      killed = true;
      deadline = vty_now() + VTY_AFTERMATH;
    }
    struct timespec nap = {0, pause < 10000000 ? pause : 10000000};
    nanosleep(&nap, NULL);
  }
  for (int i = 0; i < count; i++) vty_group_remove(&slots[i]);
}

// MARK: Processes of a group and of a session

/// The state letter and the process group of a process.
static bool read_state(pid_t pid, char *state, pid_t *group) {
  char name[64], text[512];
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return false;
  text[length] = '\0';
  const char *end = strrchr(text, ')');  // the name before it may contain any character
  int parent;
  return end && sscanf(end + 1, " %c %d %d", state, &parent, group) == 3;
}

/// The system's first process may reap one late that has ended.
bool vty_group_runs(pid_t group) {
  if (kill(-group, 0) != 0 && errno == ESRCH) return false;
  DIR *directory = opendir("/proc");
  if (!directory) return true;
  bool runs = false;
  struct dirent *entry;
  while (!runs && (entry = readdir(directory))) {
    pid_t pid = atoi(entry->d_name), found;
    char state;
    if (pid <= 0 || getpgid(pid) != group || !read_state(pid, &state, &found)) continue;
    runs = found == group && state != 'Z' && state != 'X';
  }
  closedir(directory);
  return runs;
}

void vty_kill_session(pid_t session) {
  DIR *directory = opendir("/proc");
  if (!directory) return;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    pid_t pid = atoi(entry->d_name);
    if (pid > 0 && pid != getpid() && getsid(pid) == session) kill(pid, SIGKILL);
  }
  closedir(directory);
}

/// An entry of a directory, as the system gives it.
struct entry {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

/// Kills the other processes of this one's session, and this process. Calls no function that takes
/// a lock: it runs in a signal handler.
static void kill_own_session(int signal) {
  (void)signal;
  pid_t own = getpid();
  int directory = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  _Alignas(8) char buffer[2048];
  long length;
  while (directory >= 0 && (length = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < length;) {
      const struct entry *entry = (const struct entry *)(buffer + at);
      at += entry->length;
      pid_t pid = 0;
      for (const char *digit = entry->name; *digit >= '0' && *digit <= '9'; digit++)
        pid = 10 * pid + (*digit - '0');
      if (pid > 0 && pid != own && getsid(pid) == own) kill(pid, SIGKILL);
    }
  kill(own, SIGKILL);
}

bool vty_end_session_with_parent(pid_t parent) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = kill_own_session;
  sigfillset(&action.sa_mask);
  sigaction(SIGPWR, &action, NULL);
  prctl(PR_SET_PDEATHSIG, SIGPWR);
  return getppid() == parent;
}

void vty_continue_at_end_of_parent(void) { prctl(PR_SET_PDEATHSIG, SIGCONT); }
