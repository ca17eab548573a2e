// SPDX-License-Identifier: BSD-3-Clause
//
// Pairs of sockets between two processes, with descriptors that travel along.

#ifndef VTY_SOCKETS_H
#define VTY_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/// The descriptors that vty_receive gives at once, at most.
enum { VTY_MOST_DESCRIPTORS = 128 };

/// A connected pair of stream sockets that no child inherits. 0, or -1 and errno.
int vty_socket_pair(int ends[2]);
/// Sends all bytes of at most 8 parts, and the descriptors with the first of them, which must have a byte
/// for each VTY_MOST_DESCRIPTORS of them. Returns an error number, or 0: ETIMEDOUT at `deadline`
/// (nanoseconds of vty_now).
int vty_send(int socket, const struct iovec *parts, int part_count, const int *descriptors,
             int count, int64_t deadline);
/// Receives at most `length` bytes and at most `*count` descriptors. Returns the number of bytes;
/// 0: the end; -1 and errno. Without `wait` it returns at once, with EAGAIN when there is nothing.
ssize_t vty_receive(int socket, void *bytes, size_t length, int *descriptors, int *count,
                    bool wait);
/// Waits until the socket can be read; false when `deadline` comes first.
bool vty_readable(int socket, int64_t deadline);

#endif
