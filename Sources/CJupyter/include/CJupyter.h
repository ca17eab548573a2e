// SPDX-License-Identifier: BSD-3-Clause
//
// The functions of ZeroMQ and sodium that VTLua uses. Both libraries, and the twenty that they
// depend on, are loaded at their first use: a program that does not use a cluster starts without
// them.

#ifndef VTJ_JUPYTER_H
#define VTJ_JUPYTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads both libraries, once. Returns NULL, or a message that names the missing one and the
/// reason.
const char *vtj_load(void);
/// Loads ZeroMQ, and sets the three numbers of its version. False where it is not installed.
bool vtj_zmq_version(int version[3]);

// MARK: ZeroMQ (after vtj_load)

enum {
  VTJ_DEALER = 5, VTJ_ROUTER = 6, VTJ_PUB = 1, VTJ_SUB = 2, VTJ_REP = 4, VTJ_XPUB = 9, VTJ_PAIR = 0
};
enum { VTJ_POLLIN = 1 };

/// The text of an error number.
const char *vtj_error(int number);

/// The context of the process, created at the first call. Returns NULL and sets errno on failure.
void *vtj_context(void);
/// Creates a socket. Returns NULL and sets errno on failure.
void *vtj_socket(int type);
void vtj_close(void *socket);
int vtj_connect(void *socket, const char *endpoint);
int vtj_bind(void *socket, const char *endpoint);
/// For a router: a peer that connects again with its identity replaces its earlier connection.
int vtj_set_handover(void *socket);
int vtj_set_identity(void *socket, const void *bytes, size_t length);
int vtj_subscribe(void *socket, const void *prefix, size_t length);
/// Sets the options that all sockets have: no limit on the number of messages, keep-alive, and a
/// limited linger.
int vtj_set_defaults(void *socket, int linger_milliseconds);
/// Sets the size of the largest message that is accepted.
int vtj_set_largest(void *socket, int64_t bytes);
/// Limits the number of messages that wait in either direction, for each peer. Those to a peer that
/// reads too slowly are dropped.
int vtj_set_queue(void *socket, int messages);
/// For a router: a message that cannot be delivered is an error, EAGAIN where the peer's queue is full.
int vtj_set_mandatory(void *socket);
/// For a publisher: whether a message that one subscriber has no room for is sent to none, with the
/// error EAGAIN.
int vtj_set_all_or_none(void *socket, bool on);
/// Closes connections whose peer has read nothing for `milliseconds`. Only for TCP.
int vtj_set_patience(void *socket, int milliseconds);
/// Encrypts the connection by CURVE. The key is the server's (Z85, 40 characters); the client gets
/// a new pair of keys.
int vtj_set_curve(void *socket, const char *server_key);
/// Sends a copy of a part. Returns 0, or -1 and sets errno.
int vtj_send(void *socket, const void *bytes, size_t length, bool more);
/// Sends a part without a copy. `free` is called, on any thread, after it was sent.
int vtj_send_owned(void *socket, void *bytes, size_t length, void (*free)(void *, void *),
                   void *context, bool more);
/// Receives a message from one socket and sends all of its parts to another. False when there is
/// none.
bool vtj_forward(void *from, void *to);

/// A part of a message; released by vtj_part_close.
typedef struct {
  _Alignas(8) unsigned char storage[64];
} vtj_part;
/// Receives a part. Returns 1 if more parts of the message follow, 0 after the last one, or -1 and
/// sets errno (EAGAIN when there is none).
int vtj_receive(void *socket, vtj_part *part);
/// Creates a part with a copy of the bytes. Returns 0, or -1 and sets errno.
int vtj_part_copy(vtj_part *part, const void *bytes, size_t length);
const void *vtj_part_bytes(vtj_part *part, size_t *length);
/// The descriptor of the connection that a part came on; -1 where it is not known.
int vtj_part_source(vtj_part *part);
void vtj_part_close(vtj_part *part);

/// Waits until one of `count` sockets, or descriptors where the socket is NULL, is readable. Sets
/// `ready`. Returns the number of readable ones, or -1 and sets errno.
int vtj_poll(void *const *sockets, const int *descriptors, bool *ready, int count,
             long milliseconds);
/// Starts a monitor, which reports connections, disconnections and failed handshakes of a socket,
/// on an inproc endpoint of this name. Returns a socket that receives the reports; NULL and sets
/// errno on failure.
void *vtj_monitor(void *socket, const char *name);
/// Ends the monitor. Must be called before the socket is closed: otherwise reports about reconnects
/// during the linger are never received, and ZeroMQ's I/O thread waits for that.
void vtj_monitor_end(void *socket, void *monitor);
typedef enum {
  VTJ_EVENT_NONE,
  VTJ_EVENT_OTHER,
  VTJ_EVENT_CONNECTED,
  VTJ_EVENT_DISCONNECTED,
  VTJ_EVENT_HANDSHAKE_FAILED,
  VTJ_EVENT_REFUSED,
  VTJ_EVENT_ACCEPTED,
} vtj_event;
/// The next report; VTJ_EVENT_NONE when there is none.
vtj_event vtj_monitor_next(void *monitor);
/// Starts a monitor of a bound socket, which reports accepted connections and their ends.
void *vtj_monitor_accepted(void *socket, const char *name);
/// The next report, with the descriptor of its connection.
vtj_event vtj_monitor_take(void *monitor, int *descriptor);

// MARK: Bounds on what peers send (after vtj_load)

/// The connections that were accepted on some sockets. ZeroMQ keeps the parts of a message until the
/// last one arrives, and has no bound for their number: a connection that sends more without completing
/// a message is closed.
typedef struct vtj_inflow vtj_inflow;

/// Creates one. Returns NULL when there is no memory or descriptor.
vtj_inflow *vtj_inflow_make(void);
void vtj_inflow_free(vtj_inflow *inflow);
/// Adds a bound TCP socket. A message on it may have `most` bytes. Returns 0, or -1 and sets errno.
int vtj_inflow_add(vtj_inflow *inflow, void *socket, const char *name, int64_t most);
/// A descriptor that is readable when a quiet connection sends something.
int vtj_inflow_descriptor(const vtj_inflow *inflow);
/// A socket of each monitor, to be waited for.
int vtj_inflow_monitors(const vtj_inflow *inflow, void *monitors[], int capacity);
/// Notes that a complete message came on a connection.
void vtj_inflow_received(vtj_inflow *inflow, int source);
/// Looks at all connections, and closes those that have sent too much. Returns true while one sends:
/// it must be called again soon.
bool vtj_inflow_check(vtj_inflow *inflow);
/// Closes the connections of a socket whose peers do not read: for a second, or at all where `any`.
/// It must be called repeatedly.
void vtj_inflow_close_slow(vtj_inflow *inflow, void *socket, bool any);
/// The number of connections that were closed.
int vtj_inflow_closed(const vtj_inflow *inflow);

// MARK: Signatures seen by several processes

/// The last signatures, about 100,000, that any engine of a cluster on this machine has seen.
typedef struct vtj_seen vtj_seen;

/// Opens the memory of that name, which only this user can read, and creates it if there is none. NULL
/// where that is not possible. Memory that no process uses is removed.
vtj_seen *vtj_seen_open(const char *directory, const char *name);
/// Adds a signature of lowercase hexadecimal digits. False if it was there.
bool vtj_seen_add(vtj_seen *seen, const void *signature, size_t length);
/// True if a signature was added.
bool vtj_seen_has(vtj_seen *seen, const void *signature, size_t length);
void vtj_seen_close(vtj_seen *seen);

// MARK: sodium (after vtj_load)

enum { VTJ_SHA256 = 32, VTJ_DIGEST = 32 };

/// HMAC-SHA256 of the concatenation of several pieces.
void vtj_hmac(const void *key, size_t key_length, const void *const *pieces,
              const size_t *lengths, int count, uint8_t out[VTJ_SHA256]);
/// BLAKE2b of several pieces, each preceded by its length (64 bits, little-endian).
void vtj_digest(const void *const *pieces, const size_t *lengths, int count,
                uint8_t out[VTJ_DIGEST]);
/// True if the bytes are equal, in constant time.
bool vtj_equal(const void *a, const void *b, size_t length);
void vtj_random(void *bytes, size_t length);

#endif
