// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include "Sockets.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "Threads.h"

int vty_socket_pair(int ends[2]) {
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
    int64_t left = deadline - vty_now();
    if (left < 0) left = 0;
    struct timespec pause = {left / 1000000000, left % 1000000000};
    int count = ppoll(&ready, 1, &pause, NULL);
    if (count > 0) return 0;
    if (count == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

int vty_send(int socket, const struct iovec *parts, int part_count, const int *descriptors,
             int count, int64_t deadline) {
  struct iovec left[8];
  if (part_count > 8) return EINVAL;
  memcpy(left, parts, (size_t)part_count * sizeof *parts);
  struct iovec *part = left, *end = left + part_count;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(VTY_MOST_DESCRIPTORS * sizeof(int))];
  } control;
  while (part < end) {
    if (part->iov_len == 0) {
      part++;
      continue;
    }
    struct msghdr message = {.msg_iov = part, .msg_iovlen = (size_t)(end - part)};
    int batch = count < VTY_MOST_DESCRIPTORS ? count : VTY_MOST_DESCRIPTORS;
    // Each further batch of descriptors goes with a byte of its own.
    struct iovec byte = {part->iov_base, 1};
    if (count > batch) {
      message.msg_iov = &byte;
      message.msg_iovlen = 1;
    }
    if (batch) {
      memset(&control, 0, sizeof control);
      message.msg_control = control.bytes;
      message.msg_controllen = CMSG_SPACE((size_t)batch * sizeof(int));
      struct cmsghdr *header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN((size_t)batch * sizeof(int));
      memcpy(CMSG_DATA(header), descriptors, (size_t)batch * sizeof(int));
    }
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return errno;
      int status = wait_for(socket, POLLOUT, deadline);
      if (status) return status;
      continue;
    }
    count -= batch;
    descriptors += batch;
    while (part < end && (size_t)sent >= part->iov_len) sent -= (ssize_t)(part++)->iov_len;
    if (part < end) {
      part->iov_base = (char *)part->iov_base + sent;
      part->iov_len -= (size_t)sent;
    }
  }
  return 0;
}

ssize_t vty_receive(int socket, void *bytes, size_t length, int *descriptors, int *count,
                    bool wait) {
  int most = *count < VTY_MOST_DESCRIPTORS ? *count : VTY_MOST_DESCRIPTORS;
  *count = 0;
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(VTY_MOST_DESCRIPTORS * sizeof(int))];
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

bool vty_readable(int socket, int64_t deadline) {
  return wait_for(socket, POLLIN, deadline) == 0;
}
