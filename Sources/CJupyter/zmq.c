// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

_Static_assert(sizeof(vtj_part) == sizeof(zmq_msg_t), "a part is a message of ZeroMQ");
_Static_assert(VTJ_DEALER == ZMQ_DEALER && VTJ_ROUTER == ZMQ_ROUTER && VTJ_PUB == ZMQ_PUB &&
                   VTJ_SUB == ZMQ_SUB && VTJ_REP == ZMQ_REP && VTJ_XPUB == ZMQ_XPUB && VTJ_PAIR == ZMQ_PAIR,
               "the numbers are those of ZeroMQ");

const char *vtj_error(int number) { return vtj.zmq_strerror(number); }

static void *context;
static void make_context(void) { context = vtj.zmq_ctx_new(); }

void *vtj_context(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_context);
  return context;
}

void *vtj_socket(int type) {
  void *all = vtj_context();
  return all ? vtj.zmq_socket(all, type) : NULL;
}

void vtj_close(void *socket) { vtj.zmq_close(socket); }
int vtj_connect(void *socket, const char *endpoint) { return vtj.zmq_connect(socket, endpoint); }
int vtj_bind(void *socket, const char *endpoint) { return vtj.zmq_bind(socket, endpoint); }
int vtj_set_identity(void *socket, const void *bytes, size_t length) {
  return vtj.zmq_setsockopt(socket, ZMQ_ROUTING_ID, bytes, length);
}

int vtj_subscribe(void *socket, const void *prefix, size_t length) {
  return vtj.zmq_setsockopt(socket, ZMQ_SUBSCRIBE, prefix, length);
}

static int set_number(void *socket, int option, int value) {
  return vtj.zmq_setsockopt(socket, option, &value, sizeof value);
}

int vtj_set_defaults(void *socket, int linger_milliseconds) {
  // Keep-alive packets after a minute, every 20 seconds: some networks drop idle connections.
  return set_number(socket, ZMQ_SNDHWM, 0) || set_number(socket, ZMQ_RCVHWM, 0) ||
         set_number(socket, ZMQ_LINGER, linger_milliseconds) ||
         set_number(socket, ZMQ_TCP_KEEPALIVE, 1) ||
         set_number(socket, ZMQ_TCP_KEEPALIVE_IDLE, 60) ||
         set_number(socket, ZMQ_TCP_KEEPALIVE_INTVL, 20) ||
         set_number(socket, ZMQ_RECONNECT_IVL, 100) ||
         set_number(socket, ZMQ_RECONNECT_IVL_MAX, 2000);
}

int vtj_set_handover(void *socket) { return set_number(socket, ZMQ_ROUTER_HANDOVER, 1); }

int vtj_set_largest(void *socket, int64_t bytes) {
  return vtj.zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes, sizeof bytes);
}

int vtj_set_queue(void *socket, int messages) {
  return set_number(socket, ZMQ_SNDHWM, messages) || set_number(socket, ZMQ_RCVHWM, messages) ? -1
                                                                                             : 0;
}

int vtj_set_mandatory(void *socket) { return set_number(socket, ZMQ_ROUTER_MANDATORY, 1); }
int vtj_set_all_or_none(void *socket, bool on) {
  return set_number(socket, ZMQ_XPUB_NODROP, on);
}

int vtj_set_patience(void *socket, int milliseconds) {
  return set_number(socket, ZMQ_TCP_MAXRT, milliseconds);
}

int vtj_set_curve(void *socket, const char *server_key) {
  char public_key[41], secret_key[41];
  if (vtj.zmq_curve_keypair(public_key, secret_key) != 0) return -1;
  int status = vtj.zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, strlen(server_key)) ||
               vtj.zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 40) ||
               vtj.zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 40);
  explicit_bzero(secret_key, sizeof secret_key);
  return status ? -1 : 0;
}

/// Sends without waiting. Because the number of messages is not limited, a send would only wait for
/// a connection that ZeroMQ has given up, to a peer that does not speak its protocol.
static int send_message(void *socket, zmq_msg_t *message, bool more) {
  while (vtj.zmq_msg_send(message, socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) < 0) {
    if (errno == EINTR) continue;
    int reason = errno;
    vtj.zmq_msg_close(message);
    errno = reason;
    return -1;
  }
  return 0;
}

int vtj_send(void *socket, const void *bytes, size_t length, bool more) {
  vtj_part part;
  if (vtj_part_copy(&part, bytes, length) != 0) return -1;
  return send_message(socket, (zmq_msg_t *)&part, more);
}

int vtj_send_owned(void *socket, void *bytes, size_t length, void (*release)(void *, void *),
                   void *owner, bool more) {
  zmq_msg_t message;
  if (vtj.zmq_msg_init_data(&message, bytes, length, release, owner) != 0) {
    release(bytes, owner);
    return -1;
  }
  return send_message(socket, &message, more);
}

int vtj_receive(void *socket, vtj_part *part) {
  zmq_msg_t *message = (zmq_msg_t *)part;
  vtj.zmq_msg_init(message);
  while (vtj.zmq_msg_recv(message, socket, ZMQ_DONTWAIT) < 0)
    if (errno != EINTR) return -1;
  return vtj.zmq_msg_more(message) ? 1 : 0;
}

int vtj_part_copy(vtj_part *part, const void *bytes, size_t length) {
  zmq_msg_t *message = (zmq_msg_t *)part;
  if (vtj.zmq_msg_init_size(message, length) != 0) return -1;
  if (length) memcpy(vtj.zmq_msg_data(message), bytes, length);
  return 0;
}

const void *vtj_part_bytes(vtj_part *part, size_t *length) {
  *length = vtj.zmq_msg_size((zmq_msg_t *)part);
  return vtj.zmq_msg_data((zmq_msg_t *)part);
}

int vtj_part_source(vtj_part *part) { return vtj.zmq_msg_get((zmq_msg_t *)part, ZMQ_SRCFD); }

void vtj_part_close(vtj_part *part) { vtj.zmq_msg_close((zmq_msg_t *)part); }

bool vtj_forward(void *from, void *to) {
  vtj_part part;
  int more = vtj_receive(from, &part);
  if (more < 0) return false;
  while (true) {
    send_message(to, (zmq_msg_t *)&part, more > 0);
    if (more <= 0) return true;
    more = vtj_receive(from, &part);
    if (more < 0) return true;
  }
}

int vtj_poll(void *const *sockets, const int *descriptors, bool *ready, int count,
             long milliseconds) {
  enum { FEW = 32 };
  zmq_pollitem_t few[FEW], *items = few;
  if (count < 0) {
    errno = EINVAL;
    return -1;
  }
  if (count > FEW && !(items = calloc((size_t)count, sizeof *items))) {
    errno = ENOMEM;
    return -1;
  }
  for (int i = 0; i < count; i++)
    items[i] = (zmq_pollitem_t){
        .socket = sockets[i], .fd = sockets[i] ? 0 : descriptors[i], .events = ZMQ_POLLIN};
  int found = vtj.zmq_poll(items, count, milliseconds);
  for (int i = 0; i < count; i++)
    ready[i] = found > 0 && items[i].revents & (ZMQ_POLLIN | ZMQ_POLLERR);
  if (items != few) {
    int reason = errno;
    free(items);
    errno = reason;
  }
  return found;
}

static void *start_monitor(void *socket, const char *name, int events) {
  if (vtj.zmq_socket_monitor(socket, name, events) != 0) return NULL;
  void *monitor = vtj_socket(ZMQ_PAIR);
  if (monitor && vtj_connect(monitor, name) != 0) {
    vtj.zmq_close(monitor);
    return NULL;
  }
  return monitor;
}

void *vtj_monitor(void *socket, const char *name) {
  return start_monitor(socket, name,
                       ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
}

void *vtj_monitor_accepted(void *socket, const char *name) {
  return start_monitor(socket, name, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED);
}

void vtj_monitor_end(void *socket, void *monitor) {
  vtj.zmq_socket_monitor(socket, NULL, 0);
  vtj.zmq_close(monitor);
}

vtj_event vtj_monitor_next(void *monitor) {
  int descriptor;
  return vtj_monitor_take(monitor, &descriptor);
}

vtj_event vtj_monitor_take(void *monitor, int *descriptor) {
  vtj_part part;
  int more = vtj_receive(monitor, &part);
  if (more < 0) return VTJ_EVENT_NONE;
  uint16_t event = 0;
  uint32_t value = 0;
  size_t length;
  const char *bytes = vtj_part_bytes(&part, &length);
  if (length >= sizeof event + sizeof value) {
    memcpy(&event, bytes, sizeof event);
    memcpy(&value, bytes + sizeof event, sizeof value);
  }
  *descriptor = (int)value;
  vtj_part_close(&part);
  while (more > 0) {
    more = vtj_receive(monitor, &part);
    if (more >= 0) vtj_part_close(&part);
  }
  switch (event) {
    case ZMQ_EVENT_ACCEPTED: return VTJ_EVENT_ACCEPTED;
    case ZMQ_EVENT_CONNECTED: return VTJ_EVENT_CONNECTED;
    case ZMQ_EVENT_DISCONNECTED: return VTJ_EVENT_DISCONNECTED;
    case ZMQ_EVENT_CONNECT_RETRIED: return VTJ_EVENT_REFUSED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return VTJ_EVENT_HANDSHAKE_FAILED;
    default: return VTJ_EVENT_OTHER;
  }
}
