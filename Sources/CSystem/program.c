// SPDX-License-Identifier: BSD-3-Clause
//
// Programs that a shell runs for this process.
//
// Each is the head of a process group, so that it ends with everything that it has started, and
// Ctrl-C at the terminal goes to this process alone, which then ends the groups. A program that
// needs the terminal is stopped by the system (SIGTTIN, SIGTTOU), because its group is not the
// foreground group; then the terminal is lent to it until it ends, and Ctrl-C goes to it.

#define _GNU_SOURCE
#include "Programs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "Processes.h"
#include "Threads.h"
#include "groups.h"

enum {
  LOOK = 20000000,  ///< nanoseconds between two looks for programs that wait for the terminal
};

/// Guards the list of programs, the state of each with respect to the terminal, and reaping.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static vty_program *programs;
static bool is_watching;
/// The modes of the terminal before it was lent.
static struct termios modes;

// MARK: The terminal

/// Makes `group` the foreground group. A background process may do so only with SIGTTOU blocked.
static bool set_foreground(int terminal, pid_t group) {
  sigset_t output, before;
  sigemptyset(&output);
  sigaddset(&output, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &output, &before);
  bool done = tcsetpgrp(terminal, group) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return done;
}

static int open_terminal(void) { return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC); }

/// Handles SIGTTIN and SIGTTOU of this process after the terminal was lent: waits while a program
/// has it, because the system repeats the signal; otherwise stops, as by default.
static void wait_for_terminal(int signal) {
  (void)signal;
  int saved = errno;
  int terminal = open_terminal();
  pid_t holder = terminal < 0 ? -1 : tcgetpgrp(terminal);
  if (terminal >= 0) close(terminal);
  bool is_lent = holder == getpgrp();
  is_lent |= vty_group_is_known(holder);
  struct timespec pause = {0, 5000000};
  if (is_lent) nanosleep(&pause, NULL);
  else raise(SIGSTOP);
  errno = saved;
}

static void install_terminal_handlers(void) {
  const int stopping[] = {SIGTTIN, SIGTTOU};
  for (int i = 0; i < 2; i++) {
    struct sigaction action;
    if (sigaction(stopping[i], NULL, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = wait_for_terminal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(stopping[i], &action, NULL);
  }
}

/// Lends the terminal to a program that was stopped because it needs it.
static void lend_terminal(vty_program *program) {
  int terminal = open_terminal();
  if (terminal < 0) return;
  pid_t own = getpgrp(), holder = tcgetpgrp(terminal);
  if (holder == own) {
    tcgetattr(terminal, &modes);
    install_terminal_handlers();
    if (set_foreground(terminal, program->pid)) {
      program->has_terminal = program->had_terminal = true;
      program->stopped = false;
      kill(-program->pid, SIGCONT);
    }
  } else {
    bool is_lent = false;
    for (vty_program *other = programs; other; other = other->next)
      if (other->has_terminal && other->pid == holder) is_lent = true;
    // This process is in the background itself: it is stopped, as a child of its group would stop
    // it, until the user continues it.
    if (!is_lent) kill(0, SIGTTIN);
  }
  close(terminal);
}

/// Takes the terminal back, with its modes if the program did not restore them.
static void return_terminal(vty_program *program, bool restores) {
  if (!program->has_terminal) return;
  program->has_terminal = false;
  int terminal = open_terminal();
  if (terminal < 0) return;
  pid_t holder = tcgetpgrp(terminal);
  // The program may have passed it on to a group that has ended.
  if (holder == program->pid || kill(-holder, 0) != 0) set_foreground(terminal, getpgrp());
  if (restores && tcgetpgrp(terminal) == getpgrp()) tcsetattr(terminal, TCSADRAIN, &modes);
  close(terminal);
}

/// Follows a program that was stopped. The lock must be held.
static void meet_stop(vty_program *program) {
  if (program->ended || !program->pid) return;
  siginfo_t info;
  info.si_pid = 0;
  // It may have ended while its starter does something else.
  if (program->has_terminal &&
      waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
    return return_terminal(program, info.si_code != CLD_EXITED);
  info.si_pid = 0;
  if (waitid(P_PID, (id_t)program->pid, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid) {
    if (info.si_status == SIGTTIN || info.si_status == SIGTTOU) {
      program->stopped = true;
    } else if (program->has_terminal && info.si_status == SIGTSTP) {
      // Ctrl-Z: the user wants the shell that started this process.
      return_terminal(program, true);
      program->stopped = true;
      kill(0, SIGTSTP);
      return;  // the stop takes effect in a moment; then the user continues this process
    }
  }
  if (program->stopped) lend_terminal(program);
}

/// Manages programs whose starters wait elsewhere, such as in a read of a pipe.
static void *watch(void *context) {
  (void)context;
  pthread_mutex_lock(&lock);
  while (programs) {
    for (vty_program *program = programs; program; program = program->next) meet_stop(program);
    pthread_mutex_unlock(&lock);
    struct timespec pause = {0, LOOK};
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&lock);
  }
  is_watching = false;
  pthread_mutex_unlock(&lock);
  return NULL;
}

/// Starts the thread of `watch` where there is a terminal. The lock must be held.
static void begin_watching(void) {
  if (is_watching) return;
  int terminal = open_terminal();
  if (terminal < 0) return;
  close(terminal);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  is_watching = vty_thread_start("vtlua-programs", 128 << 10, watch, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// MARK: One program

int vty_program_spawn(vty_program *program, const vty_spawn_options *options) {
  bool is_task = program->is_task, is_orphan_killed = program->ends_with_owner;
  memset(program, 0, sizeof *program);
  program->is_task = is_task;
  program->ends_with_owner = is_orphan_killed;
  program->slot = program->descriptor = program->watched = -1;
  int refused = vty_groups_prepare(is_task);
  if (refused) return refused;
  if (is_orphan_killed) vty_orphans_prepare();
  pid_t pid;
  // A process that ends at once must not be forgotten between the two.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int status = vty_spawn(options, &pid);
  if (!status) {
    program->pid = pid;
    program->slot = vty_group_add(pid, is_task);
    if (is_orphan_killed) program->watched = vty_orphan_add(pid);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (status) return status;
  program->descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
  pthread_mutex_lock(&lock);
  program->next = programs;
  if (programs) programs->previous = program;
  programs = program;
  pthread_mutex_unlock(&lock);
  return 0;
}

int vty_program_start(vty_program *program, const char *command, int input, int output) {
  char *arguments[] = {"sh", "-c", "--", (char *)command, NULL};
  vty_spawn_options options = {
      .program = "/bin/sh",
      .arguments = arguments,
      .environment = environ,
      .input = input < 0 ? VTY_INHERIT : input,
      .output = output < 0 ? -1 : output,
      .errors = -1,
      .channel = -1,
      .keeps_descriptors = true,
  };
  program->ends_with_owner = false;
  int status = vty_program_spawn(program, &options);
  if (status || (output < 0 && input < 0)) return status;
  pthread_mutex_lock(&lock);
  begin_watching();
  pthread_mutex_unlock(&lock);
  return 0;
}

/// Reaps the program if it has ended.
static bool reap(vty_program *program) {
  if (program->ended) return true;
  siginfo_t info;
  info.si_pid = 0;
  int result = waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOHANG | WNOWAIT);
  if (result == 0 && !info.si_pid) return false;
  pthread_mutex_lock(&lock);
  // From here on, the number may belong to another process.
  if (!program->is_task) vty_group_remove(&program->slot);
  if (result != 0 || waitpid(program->pid, &program->status, 0) != program->pid)
    program->status = 0;  // SIGCHLD is ignored: the status is lost
  vty_group_lost_head(&program->slot);
  if (program->slot < 0) vty_orphan_remove(&program->watched);
  program->ended = true;
  return_terminal(program, WIFSIGNALED(program->status));
  if (program->previous) program->previous->next = program->next;
  else programs = program->next;
  if (program->next) program->next->previous = program->previous;
  pthread_mutex_unlock(&lock);
  if (program->descriptor >= 0) close(program->descriptor);
  program->descriptor = -1;
  return true;
}

bool vty_program_wait(vty_program *program, int64_t deadline) {
  int64_t pause = 200000;
  for (;;) {
    int64_t left = deadline - vty_now();
    if (left < 0) left = 0;
    if (left > LOOK) left = LOOK;
    struct pollfd ready = {program->descriptor, POLLIN, 0};
    if (program->descriptor < 0 && left > pause) {  // no pidfd: short naps that become longer
      left = pause;
      pause += pause / 2;
    }
    struct timespec nap = {0, left};
    int count = ppoll(&ready, program->descriptor >= 0, &nap, NULL);
    if (reap(program)) return true;
    if (count < 0) return false;
    pthread_mutex_lock(&lock);
    meet_stop(program);
    pthread_mutex_unlock(&lock);
    if (vty_now() >= deadline) return false;
  }
}

// MARK: Ending them

void vty_programs_end(vty_program *const *ending, int count) {
  // A head that has ended is not reaped yet, so that the number is still its group's.
  for (int i = 0; i < count; i++) vty_group_signal(ending[i]->pid, SIGTERM);
  bool killed = false;
  int64_t deadline = vty_now() + VTY_GRACE;
  for (int64_t pause = 200000;; pause += pause / 4) {
    bool remain = false;
    for (int i = 0; i < count; i++)
      // After its head, other processes of a group may remain.
      if (!reap(ending[i]) || vty_group_runs(ending[i]->pid)) remain = true;
    if (!remain) break;
    if (vty_now() >= deadline) {
      if (killed) break;
      killed = true;
      pause = 200000;
      deadline = vty_now() + VTY_AFTERMATH;
      for (int i = 0; i < count; i++) kill(-ending[i]->pid, SIGKILL);
    }
    struct timespec nap = {0, pause < 10000000 ? pause : 10000000};
    nanosleep(&nap, NULL);
  }
  for (int i = 0; i < count; i++)
    if (ending[i]->ended) {
      vty_group_remove(&ending[i]->slot);
      vty_orphan_remove(&ending[i]->watched);
    }
}
