// SPDX-License-Identifier: BSD-3-Clause
//
// Closes connections that send endless messages. The system counts the bytes of each connection, and
// the owner of the sockets reports the messages that are complete.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum { MOST_SOCKETS = 8, QUIET = 1000 };

typedef struct {
  int descriptor;  ///< a duplicate: ZeroMQ may close its own at any time
  int source;      ///< ZeroMQ's descriptor
  int socket;      ///< the index of the socket that accepted it
  bool listens;    ///< the system reports when it sends
  int64_t seen, completed;  ///< bytes at the last look, and when the last message was complete
  int64_t grew_at;          ///< the time of the last look that found more
  int64_t taken, taken_at;  ///< bytes that the peer has taken, and when that was first seen
} connection;

struct vtj_inflow {
  int events;  ///< readable when one of the connections that are not looked at sends
  int count, connection_count, capacity, closed;
  struct {
    void *socket, *monitor;
    int64_t most;
  } sockets[MOST_SOCKETS];
  connection *connections;
  bool active;  ///< false while all connections are quiet
};

static int64_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Reads the counts of a connection; false for what is no TCP connection.
static bool read_counts(int descriptor, struct tcp_info *about) {
  socklen_t length = sizeof *about;
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, about, &length) == 0 &&
         length >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof about->tcpi_bytes_received;
}

/// The bytes that a connection has received; -1 for what is no TCP connection.
static int64_t received(int descriptor) {
  struct tcp_info about;
  return read_counts(descriptor, &about) ? (int64_t)about.tcpi_bytes_received : -1;
}

vtj_inflow *vtj_inflow_make(void) {
  vtj_inflow *inflow = calloc(1, sizeof *inflow);
  if (!inflow) return NULL;
  inflow->events = epoll_create1(EPOLL_CLOEXEC);
  if (inflow->events >= 0) return inflow;
  free(inflow);
  return NULL;
}

void vtj_inflow_free(vtj_inflow *inflow) {
  for (int i = 0; i < inflow->count; i++)
    vtj_monitor_end(inflow->sockets[i].socket, inflow->sockets[i].monitor);
  for (int i = 0; i < inflow->connection_count; i++) close(inflow->connections[i].descriptor);
  close(inflow->events);
  free(inflow->connections);
  free(inflow);
}

int vtj_inflow_add(vtj_inflow *inflow, void *socket, const char *name, int64_t most) {
  if (inflow->count == MOST_SOCKETS) {
    errno = ENOSPC;
    return -1;
  }
  void *monitor = vtj_monitor_accepted(socket, name);
  if (!monitor) return -1;
  inflow->sockets[inflow->count].socket = socket;
  inflow->sockets[inflow->count].monitor = monitor;
  inflow->sockets[inflow->count++].most = most;
  return 0;
}

int vtj_inflow_descriptor(const vtj_inflow *inflow) { return inflow->events; }

int vtj_inflow_monitors(const vtj_inflow *inflow, void *monitors[], int capacity) {
  int count = inflow->count < capacity ? inflow->count : capacity;
  for (int i = 0; i < count; i++) monitors[i] = inflow->sockets[i].monitor;
  return count;
}

int vtj_inflow_closed(const vtj_inflow *inflow) { return inflow->closed; }

static void listen_to(vtj_inflow *inflow, int index, int operation) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET | EPOLLONESHOT};
  connection *one = &inflow->connections[index];
  one->listens = epoll_ctl(inflow->events, operation, one->descriptor, &event) == 0;
}

/// Listens to quiet connections again. Not to one whose bytes ZeroMQ does not take, because its queue is
/// full: that would report at once.
static void listen_to_quiet(vtj_inflow *inflow) {
  for (int i = 0; i < inflow->connection_count; i++) {
    connection *one = &inflow->connections[i];
    int waiting = 0;
    if (one->listens) continue;
    if (received(one->descriptor) != one->seen) inflow->active = true;
    else if (ioctl(one->descriptor, SIOCINQ, &waiting) == 0 && !waiting)
      listen_to(inflow, i, EPOLL_CTL_MOD);
  }
}

static void forget(vtj_inflow *inflow, int index) {
  close(inflow->connections[index].descriptor);
  inflow->connections[index] = inflow->connections[--inflow->connection_count];
}

static void forget_source(vtj_inflow *inflow, int socket, int source) {
  for (int i = inflow->connection_count - 1; i >= 0; i--)
    if (inflow->connections[i].socket == socket && inflow->connections[i].source == source)
      forget(inflow, i);
}

static void accept_connection(vtj_inflow *inflow, int socket, int source) {
  forget_source(inflow, socket, source);
  int descriptor = fcntl(source, F_DUPFD_CLOEXEC, 3);
  if (descriptor < 0) return;
  int64_t bytes = received(descriptor);
  if (inflow->connection_count == inflow->capacity) {
    int capacity = inflow->capacity ? 2 * inflow->capacity : 16;
    connection *all = realloc(inflow->connections, (size_t)capacity * sizeof *all);
    if (all) {
      inflow->connections = all;
      inflow->capacity = capacity;
    }
  }
  if (bytes < 0 || inflow->connection_count == inflow->capacity) {
    close(descriptor);
    return;
  }
  int index = inflow->connection_count++;
  inflow->connections[index] =
      (connection){.descriptor = descriptor, .source = source, .socket = socket};
  listen_to(inflow, index, EPOLL_CTL_ADD);
}

static void take_reports(vtj_inflow *inflow) {
  for (int i = 0; i < inflow->count; i++) {
    int source;
    for (vtj_event event; (event = vtj_monitor_take(inflow->sockets[i].monitor, &source));) {
      if (event == VTJ_EVENT_ACCEPTED) accept_connection(inflow, i, source);
      else if (event == VTJ_EVENT_DISCONNECTED) forget_source(inflow, i, source);
    }
  }
}

void vtj_inflow_received(vtj_inflow *inflow, int source) {
  take_reports(inflow);
  for (int i = 0; i < inflow->connection_count; i++)
    if (inflow->connections[i].source == source)
      inflow->connections[i].completed = received(inflow->connections[i].descriptor);
}

static void close_connection(vtj_inflow *inflow, int index) {
  // ZeroMQ sees the end and closes its descriptor, which resets the connection: the peer must not wait.
  struct linger none = {.l_onoff = 1, .l_linger = 0};
  setsockopt(inflow->connections[index].descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  shutdown(inflow->connections[index].descriptor, SHUT_RDWR);
  inflow->closed++;
  forget(inflow, index);
}

void vtj_inflow_close_slow(vtj_inflow *inflow, void *socket, bool any) {
  take_reports(inflow);
  int64_t now = milliseconds();
  for (int i = inflow->connection_count - 1; i >= 0; i--) {
    connection *one = &inflow->connections[i];
    struct tcp_info about;
    int waiting = 0;
    if (inflow->sockets[one->socket].socket != socket || !read_counts(one->descriptor, &about))
      continue;
    ioctl(one->descriptor, SIOCOUTQ, &waiting);
    int64_t taken = (int64_t)about.tcpi_bytes_acked;
    if (!waiting || taken != one->taken || !one->taken_at) one->taken_at = now;
    one->taken = taken;
    if (waiting && (any || now - one->taken_at >= QUIET)) close_connection(inflow, i);
  }
}

bool vtj_inflow_check(vtj_inflow *inflow) {
  take_reports(inflow);
  struct epoll_event events[8];
  int64_t now = milliseconds();
  // Each connection reports once, until it is quiet again.
  while (epoll_wait(inflow->events, events, 8, 0) > 0) inflow->active = true;
  if (!inflow->active) {
    listen_to_quiet(inflow);
    return inflow->active;
  }
  int64_t total = 0, most_over = 0;
  bool sends = false;
  int largest = -1;
  for (int i = 0; i < inflow->connection_count; i++) {
    connection *one = &inflow->connections[i];
    int64_t bytes = received(one->descriptor), over = bytes - one->completed;
    if (bytes != one->seen) {
      one->grew_at = now;
      one->listens = false;
    }
    one->seen = bytes;
    // After a complete message there is nothing to look at until more comes.
    if (over > 0 && now - one->grew_at < QUIET) sends = true;
    if (over > inflow->sockets[one->socket].most) {
      close_connection(inflow, i--);
      continue;
    }
    total += over;
    if (over > most_over) {
      most_over = over;
      largest = i;
    }
  }
  // Many connections together have the bound of two.
  if (largest >= 0 && total > 2 * inflow->sockets[inflow->connections[largest].socket].most)
    close_connection(inflow, largest);
  if (sends) return true;
  inflow->active = false;
  listen_to_quiet(inflow);
  return inflow->active;
}
