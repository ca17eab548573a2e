// SPDX-License-Identifier: BSD-3-Clause
//
// What we need of ZeroMQ and of sodium. Both libraries, and the twenty that they need in turn, are
// loaded when something is first needed of them: a program that speaks to no cluster starts without.

#ifndef VTJ_JUPYTER_H
#define VTJ_JUPYTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads both, once. NULL, or which one is not there, and why.
const char *vtj_load(void);

// MARK: ZeroMQ (after vtj_load)

enum {
  VTJ_DEALER = 5, VTJ_ROUTER = 6, VTJ_PUB = 1, VTJ_SUB = 2, VTJ_REP = 4, VTJ_XPUB = 9, VTJ_PAIR = 0
};
enum { VTJ_POLLIN = 1 };

/// An error's text.
const char *vtj_error(int number);

/// The context that a process has one of, made when first asked for. NULL and errno.
void *vtj_context(void);
/// A socket of the context. NULL and errno.
void *vtj_socket(int type);
void vtj_close(void *socket);
int vtj_connect(void *socket, const char *endpoint);
int vtj_bind(void *socket, const char *endpoint);
/// A router's: who connects again under its name is heard, in place of the connection before.
int vtj_set_handover(void *socket);
int vtj_set_identity(void *socket, const void *bytes, size_t length);
int vtj_subscribe(void *socket, const void *prefix, size_t length);
/// The settings that every socket of ours has: no limit of messages, keepalive, a linger that ends.
int vtj_set_defaults(void *socket, int linger_milliseconds);
/// No message that comes is longer.
int vtj_set_largest(void *socket, int64_t bytes);
/// Makes the socket speak CURVE to the server with this key (Z85, 40 letters), with a pair of keys
/// made for it.
int vtj_set_curve(void *socket, const char *server_key);
/// Sends a part, copied. 0, or -1 and errno.
int vtj_send(void *socket, const void *bytes, size_t length, bool more);
/// Sends a part without a copy: `free` is called, on any thread, when it has been sent.
int vtj_send_owned(void *socket, void *bytes, size_t length, void (*free)(void *, void *),
                   void *context, bool more);
/// Sends all parts of a message that a socket has received through another. False when there is none.
bool vtj_forward(void *from, void *to);

/// A received part, until vtj_part_close.
typedef struct {
  _Alignas(8) unsigned char storage[64];
} vtj_part;
/// Receives a part: 1 when more of the message follow, 0 when it was the last, -1 and errno (EAGAIN
/// when there is none).
int vtj_receive(void *socket, vtj_part *part);
/// Makes a part of a copy of some bytes: 0, or -1 and errno.
int vtj_part_copy(vtj_part *part, const void *bytes, size_t length);
const void *vtj_part_bytes(vtj_part *part, size_t *length);
void vtj_part_close(vtj_part *part);

/// Waits until one of `count` things is readable: sockets, or descriptors where the socket is NULL.
/// Sets `ready`; the number of them, or -1 and errno.
int vtj_poll(void *const *sockets, const int *descriptors, bool *ready, int count,
             long milliseconds);
/// Has connections, disconnections and failed handshakes told on an inproc endpoint of this name,
/// and connects a socket to it. NULL and errno.
void *vtj_monitor(void *socket, const char *name);
/// Ends this, before the socket is closed: nobody would take what is told of a connection that is
/// tried until the linger is over, and the thread that does all of ZeroMQ's work would wait for it.
void vtj_monitor_end(void *socket, void *monitor);
typedef enum {
  VTJ_EVENT_NONE,
  VTJ_EVENT_OTHER,
  VTJ_EVENT_CONNECTED,
  VTJ_EVENT_DISCONNECTED,
  VTJ_EVENT_HANDSHAKE_FAILED,
  VTJ_EVENT_REFUSED,
} vtj_event;
/// The next thing that was told; none when there is nothing more.
vtj_event vtj_monitor_next(void *monitor);

/// Starts a detached thread with a name of at most 15 letters; an error number, or 0.
int vtj_thread(const char *name, void *(*body)(void *), void *context);

/// Both ends of a pipe that no program inherits; the first never blocks, the second neither if
/// `is_free`. 0, or -1 and errno.
int vtj_pipe(int ends[2], bool is_free);

// MARK: sodium (after vtj_load)

enum { VTJ_SHA256 = 32, VTJ_DIGEST = 32 };

/// HMAC-SHA256 of several pieces, one after another.
void vtj_hmac(const void *key, size_t key_length, const void *const *pieces,
              const size_t *lengths, int count, uint8_t out[VTJ_SHA256]);
/// BLAKE2b of several pieces, each preceded by its length (64 bits, little-endian).
void vtj_digest(const void *const *pieces, const size_t *lengths, int count,
                uint8_t out[VTJ_DIGEST]);
/// Whether the bytes are the same, in a time that does not depend on where they differ.
bool vtj_equal(const void *a, const void *b, size_t length);
void vtj_random(void *bytes, size_t length);

#endif
