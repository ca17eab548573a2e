// SPDX-License-Identifier: BSD-3-Clause
//
// Child processes: starting, talking, ending.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CParallel.h"

/// Descriptors that travel with one message.
enum { MOST_DESCRIPTORS = 16, CHANNEL = 3 };

int vtp_spawn(const char *program, char *const *arguments, char *const *environment,
              const char *directory, int channel, const int output[2], pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);

  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  // dup2 to itself would leave the descriptor closed on exec.
  int source = channel == CHANNEL ? fcntl(channel, F_DUPFD_CLOEXEC, CHANNEL + 1) : channel;
  posix_spawn_file_actions_adddup2(&actions, source, CHANNEL);
  if (output[0] >= 0) posix_spawn_file_actions_adddup2(&actions, output[0], 1);
  if (output[1] >= 0) posix_spawn_file_actions_adddup2(&actions, output[1], 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, CHANNEL + 1);
  if (directory) posix_spawn_file_actions_addchdir_np(&actions, directory);

  sigset_t none, defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  sigdelset(&defaults, SIGINT);  // the first instruction of the child has to be deaf to Ctrl-C
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  // In a group of its own, with the programs that it starts: they end with it.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                            POSIX_SPAWN_SETPGROUP);

  int status = posix_spawn(child, program, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (source != channel) close(source);
  return status;
}

bool vtp_end_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

int vtp_socket_pair(int ends[2]) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  int room = 1 << 20;
  for (int end = 0; end < 2; end++) {
    setsockopt(ends[end], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    setsockopt(ends[end], SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  }
  return 0;
}

static int wait_for(int socket, short what, int64_t deadline) {
  struct pollfd ready = {socket, what, 0};
  for (;;) {
    int64_t left = deadline - vtp_now();
    if (left < 0) left = 0;
    struct timespec pause = {left / 1000000000, left % 1000000000};
    int count = ppoll(&ready, 1, &pause, NULL);
    if (count > 0) return 0;
    if (count == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

int vtp_send(int socket, const struct iovec *parts, int part_count, const int *descriptors,
             int count, int64_t deadline) {
  struct iovec left[8];
  if (part_count > 8 || count > MOST_DESCRIPTORS) return EINVAL;
  memcpy(left, parts, (size_t)part_count * sizeof *parts);
  struct iovec *part = left, *end = left + part_count;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control;
  while (part < end) {
    if (part->iov_len == 0) {
      part++;
      continue;
    }
    struct msghdr message = {.msg_iov = part, .msg_iovlen = (size_t)(end - part)};
    if (count) {
      memset(&control, 0, sizeof control);
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
      struct cmsghdr *header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
      memcpy(CMSG_DATA(header), descriptors, (size_t)count * sizeof(int));
    }
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return errno;
      int status = wait_for(socket, POLLOUT, deadline);
      if (status) return status;
      continue;
    }
    count = 0;
    while (part < end && (size_t)sent >= part->iov_len) sent -= (ssize_t)(part++)->iov_len;
    if (part < end) {
      part->iov_base = (char *)part->iov_base + sent;
      part->iov_len -= (size_t)sent;
    }
  }
  return 0;
}

ssize_t vtp_receive(int socket, void *bytes, size_t length, int *descriptors, int *count,
                    bool wait) {
  int most = *count < MOST_DESCRIPTORS ? *count : MOST_DESCRIPTORS;
  *count = 0;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  } control;
  struct iovec part = {bytes, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (most) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control;
  }
  ssize_t received;
  do {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  } while (received < 0 && errno == EINTR);
  if (received < 0 || !most) return received;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int found = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < found; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + (size_t)i * sizeof(int), sizeof descriptor);
      if (*count < most) descriptors[(*count)++] = descriptor;
      else close(descriptor);
    }
  }
  return received;
}

bool vtp_readable(int socket, int64_t deadline) {
  return wait_for(socket, POLLIN, deadline) == 0;
}

bool vtp_reap(pid_t child, bool wait, int *end) {
  int status;
  pid_t found;
  do {
    found = waitpid(child, &status, wait ? 0 : WNOHANG);
  } while (found < 0 && errno == EINTR);
  if (found == 0) return false;
  if (found < 0) *end = 0;  // somebody else waited for it
  else *end = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

const char *vtp_signal_name(int signal) {
  static _Thread_local char name[32];
  const char *short_name = sigabbrev_np(signal);
  if (!short_name) return NULL;
  snprintf(name, sizeof name, "SIG%s", short_name);
  return name;
}

int vtp_memory_make(size_t length) {
  int descriptor = memfd_create("vtlua", MFD_CLOEXEC);
  if (descriptor < 0) return -1;
  if (ftruncate(descriptor, (off_t)length) != 0) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  return descriptor;
}

void *vtp_memory_map(int descriptor, size_t length, bool writable) {
  void *bytes =
      mmap(NULL, length, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, descriptor, 0);
  if (bytes == MAP_FAILED) return NULL;
  // Small pages would cost more than the copy.
  madvise(bytes, length, MADV_HUGEPAGE);
  return bytes;
}

void vtp_memory_unmap(void *bytes, size_t length) { munmap(bytes, length); }

int vtp_limit_memory(size_t bytes) {
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

int vtp_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return 0;
}

int vtp_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
void vtp_event_set(int event) { eventfd_write(event, 1); }
void vtp_event_clear(int event) {
  eventfd_t value;
  eventfd_read(event, &value);
}

int vtp_signals(const int *numbers, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, numbers[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int vtp_next_signal(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int64_t vtp_resident(pid_t process) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/statm", process);
  FILE *file = fopen(name, "re");
  if (!file) return 0;
  long long all, resident = 0;
  int found = fscanf(file, "%lld %lld", &all, &resident);
  fclose(file);
  return found == 2 ? resident * sysconf(_SC_PAGESIZE) : 0;
}

void vtp_line_output(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
void vtp_flush_output(void) {
  fflush(stdout);
  fflush(stderr);
}
