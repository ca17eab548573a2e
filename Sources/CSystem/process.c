// SPDX-License-Identifier: BSD-3-Clause
//
// Starting and reaping child processes, signals, standard output.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Processes.h"

// A descriptor of the parent at a place where none of the child's is put over it. dup2 to itself
// would leave a descriptor closed on exec.
static int moved(int descriptor) {
  return descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, VTY_CHANNEL + 1);
}

// Closes all descriptors from `first` on in the child.
static void close_from(posix_spawn_file_actions_t *actions, int first) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  posix_spawn_file_actions_addclosefrom_np(actions, first);
#else
  // Other libraries lack it: those that are open now.
  DIR *open = opendir("/proc/self/fd");
  if (!open) return;
  for (struct dirent *entry; (entry = readdir(open));) {
    int descriptor = atoi(entry->d_name);
    if (descriptor >= first && descriptor != dirfd(open) &&
        (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) == 0)
      posix_spawn_file_actions_addclose(actions, descriptor);
  }
  closedir(open);
#endif
}

int vty_spawn(const vty_spawn_options *options, pid_t *child) {
  const int given[] = {options->input, options->output, options->errors, options->channel};
  int copies[4] = {-1, -1, -1, -1};
  int status = 0;
  for (int i = 0; i < 4 && !status; i++) {
    copies[i] = moved(given[i]);
    if (given[i] >= 0 && copies[i] < 0) status = errno;
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);

  if (copies[0] < 0 && options->input != VTY_INHERIT)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  for (int i = 0; i < 4; i++)
    if (copies[i] >= 0) posix_spawn_file_actions_adddup2(&actions, copies[i], i);
  int first = VTY_CHANNEL + (copies[3] >= 0);
  if (!options->keeps_descriptors) close_from(&actions, first);
  if (options->directory) posix_spawn_file_actions_addchdir_np(&actions, options->directory);

  sigset_t none, defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  if (options->keeps_interrupt) sigdelset(&defaults, SIGINT);
  // `nohup` and its like ask for these to stay ignored.
  for (int i = 0; i < 3; i++) {
    const int asked[] = {SIGHUP, SIGQUIT, SIGTERM};
    struct sigaction action;
    if (sigaction(asked[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
      sigdelset(&defaults, asked[i]);
  }
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  // The head of a group, with the programs that it starts: they can be signalled as one.
  posix_spawnattr_setpgroup(&attributes, 0);
  short group = options->session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
  posix_spawnattr_setflags(&attributes, (short)(group | POSIX_SPAWN_SETSIGMASK |
                                                POSIX_SPAWN_SETSIGDEF));

  if (!status)
    status = posix_spawn(child, options->program, &actions, &attributes, options->arguments,
                         options->environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  for (int i = 0; i < 4; i++)
    if (copies[i] >= 0) close(copies[i]);
  return status;
}

bool vty_end_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

int vty_reap(pid_t child, bool wait, int *end) {
  int status;
  pid_t found;
  do {
    found = waitpid(child, &status, wait ? 0 : WNOHANG);
  } while (found < 0 && errno == EINTR);
  if (found <= 0) return found == 0 ? 0 : -1;
  *end = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return 1;
}

const char *vty_signal_name(int signal) {
  // sigabbrev_np is newer than glibc 2.31, and other libraries lack it.
  static const char *const names[] = {
      [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",     [SIGQUIT] = "SIGQUIT",
      [SIGILL] = "SIGILL",   [SIGTRAP] = "SIGTRAP",   [SIGABRT] = "SIGABRT",
      [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",     [SIGKILL] = "SIGKILL",
      [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV",   [SIGUSR2] = "SIGUSR2",
      [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM",   [SIGTERM] = "SIGTERM",
      [SIGCHLD] = "SIGCHLD", [SIGCONT] = "SIGCONT",   [SIGSTOP] = "SIGSTOP",
      [SIGTSTP] = "SIGTSTP", [SIGTTIN] = "SIGTTIN",   [SIGTTOU] = "SIGTTOU",
      [SIGURG] = "SIGURG",   [SIGXCPU] = "SIGXCPU",   [SIGXFSZ] = "SIGXFSZ",
      [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF", [SIGWINCH] = "SIGWINCH",
      [SIGIO] = "SIGPOLL",   [SIGSYS] = "SIGSYS",
#ifdef SIGSTKFLT
      [SIGSTKFLT] = "SIGSTKFLT",
#endif
#ifdef SIGPWR
      [SIGPWR] = "SIGPWR",
#endif
  };
  if (signal < 0 || (size_t)signal >= sizeof names / sizeof *names) return NULL;
  return names[signal];
}

int vty_limit_memory(size_t bytes) {
  unsigned long pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  if (!statm) return errno;
  int found = fscanf(statm, "%lu", &pages);
  fclose(statm);
  if (found != 1) return EIO;
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0) return errno;
  rlim_t wanted = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
  if (limit.rlim_max != RLIM_INFINITY && wanted > limit.rlim_max) wanted = limit.rlim_max;
  limit.rlim_cur = wanted;
  return setrlimit(RLIMIT_AS, &limit) == 0 ? 0 : errno;
}

int vty_pipe(int ends[2], bool nonblocking) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (nonblocking) fcntl(ends[1], F_SETFL, O_NONBLOCK);
  return 0;
}

int vty_signals(const int *numbers, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, numbers[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int vty_next_signal(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int64_t vty_resident(pid_t process) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/statm", process);
  FILE *file = fopen(name, "re");
  if (!file) return 0;
  long long all, resident = 0;
  int found = fscanf(file, "%lld %lld", &all, &resident);
  fclose(file);
  return found == 2 ? resident * sysconf(_SC_PAGESIZE) : 0;
}

void vty_line_output(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
void vty_flush_output(void) {
  fflush(stdout);
  fflush(stderr);
}
