// SPDX-License-Identifier: BSD-3-Clause
//
// A request in progress, and what libcurl calls for it.

#ifndef VTH_TRANSFER_H
#define VTH_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "curl.h"

typedef struct {
  char *bytes;
  size_t count, room;
} buffer;

/// The handles of a state, which keep connections open between requests.
typedef struct {
  vth_easy *easy;
  vth_multi *multi;
  struct request *active;  ///< the request that the handle is used for
  bool calls;              ///< the progress function of that request runs
} session;

/// A request in progress. A userdata, so that it is released whatever happens.
typedef struct request {
  session *session;
  vth_list *list;
  buffer headers, body;
  char error[VTH_ERROR_SIZE];
  const char *refusal;   ///< the reason why a callback has ended the transfer
  int file;              ///< the descriptor that receives the body; -1: it is kept in memory
  int file_error;
  bool added, began, announced;
  bool to_file;          ///< the body of this response is what was asked for
  uint64_t offset;       ///< the size of the part that the file has
  uint64_t received;     ///< bytes of the whole that are there
  uint64_t most;
  int64_t total;         ///< the size of the whole; -1: not known
} request;

/// Opens a socket that a child process does not inherit.
int vth_open_socket(void *context, int purpose, vth_address *address);
/// Keeps a line of the response's header.
size_t vth_take_header(char *line, size_t size, size_t count, void *context);
/// Writes a part of the body to the file, or keeps it.
size_t vth_take_body(char *bytes, size_t size, size_t count, void *context);
/// Looks at the status and the header before the first byte of the body. False ends the transfer.
bool vth_begin(request *self);

#endif
