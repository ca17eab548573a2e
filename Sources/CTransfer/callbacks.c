// SPDX-License-Identifier: BSD-3-Clause
//
// libcurl's callbacks. They touch no Lua state: a Lua error must not leave libcurl by a long jump.

#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "transfer.h"

enum {
  HEADERS = 256 << 10,    ///< the largest size of a response's header
  ERROR_BODY = 64 << 10,  ///< bytes that are kept of the body of a refusal
};

static bool append(buffer *to, const char *bytes, size_t count) {
  if (count > to->room - to->count) {
    size_t room = to->room ? to->room : 4096;
    while (room - to->count < count) room *= 2;
    char *more = realloc(to->bytes, room);
    if (!more) return false;
    *to = (buffer){more, to->count, room};
  }
  if (count) memcpy(to->bytes + to->count, bytes, count);
  to->count += count;
  return true;
}

int vth_open_socket(void *context, int purpose, vth_address *address) {
  (void)context;
  (void)purpose;
  return socket(address->family, address->type | SOCK_CLOEXEC, address->protocol);
}

size_t vth_take_header(char *line, size_t size, size_t count, void *context) {
  request *self = context;
  size *= count;
  // Of several responses, such as 100 Continue, the last one counts.
  if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) self->headers.count = 0;
  if (self->headers.count + size > HEADERS) {
    self->refusal = "headers";
    return 0;
  }
  return append(&self->headers, line, size) ? size : 0;
}

/// The value of a header, which ends before a line end; NULL where there is none.
static const char *header(const request *self, const char *name) {
  const char *at = self->headers.bytes, *end = at + self->headers.count;
  size_t length = strlen(name);
  while (at < end) {
    const char *next = memchr(at, '\n', (size_t)(end - at));
    if (!next) break;
    if ((size_t)(next - at) > length && strncasecmp(at, name, length) == 0 && at[length] == ':') {
      at += length + 1;
      while (at < next && (*at == ' ' || *at == '\t')) at++;
      return at;
    }
    at = next + 1;
  }
  return NULL;
}

static int64_t number(const char *text) {
  if (!text || *text < '0' || *text > '9') return -1;
  errno = 0;
  long long value = strtoll(text, NULL, 10);
  return errno ? -1 : value;
}

bool vth_begin(request *self) {
  self->began = true;
  long status = 0;
  vth.curl_easy_getinfo(self->session->easy, VTH_RESPONSE_CODE, &status);
  int64_t length = number(header(self, "content-length"));
  bool is_encoded = header(self, "content-encoding") != NULL;
  self->total = is_encoded ? -1 : length;
  self->to_file = self->file >= 0 && (status == 200 || status == 206);
  if (self->to_file && status == 206) {
    // bytes 100-199/200
    const char *range = header(self, "content-range");
    bool fits = range && strncasecmp(range, "bytes ", 6) == 0 &&
                number(range + 6) == (int64_t)self->offset && !is_encoded;
    if (!fits) {
      self->refusal = "range";
      return false;
    }
    const char *slash = memchr(range, '/', strcspn(range, "\r\n"));
    self->total = slash ? number(slash + 1) : -1;
    self->received = self->offset;
  } else if (self->to_file) {
    if (ftruncate(self->file, 0) != 0) {
      self->file_error = errno;
      return false;
    }
    self->received = self->offset = 0;
  }
  if (self->to_file && lseek(self->file, (off_t)self->offset, SEEK_SET) < 0) {
    self->file_error = errno;
    return false;
  }
  if (self->total >= 0 && (uint64_t)self->total > self->most) {
    self->refusal = "size";
    return false;
  }
  return true;
}

size_t vth_take_body(char *bytes, size_t size, size_t count, void *context) {
  request *self = context;
  size *= count;
  if (!self->began && !vth_begin(self)) return 0;
  if (self->file >= 0 && !self->to_file) {
    size_t room = ERROR_BODY - self->body.count;
    if (room > size) room = size;
    return append(&self->body, bytes, room) ? size : 0;
  }
  if (size > self->most - self->received) {
    self->refusal = "size";
    return 0;
  }
  self->received += size;
  if (!self->to_file) {
    if (append(&self->body, bytes, size)) return size;
    self->refusal = "memory";
    return 0;
  }
  for (size_t done = 0; done < size;) {
    ssize_t written = write(self->file, bytes + done, size - done);
    if (written > 0) done += (size_t)written;
    else if (written < 0 && errno != EINTR) {
      self->file_error = errno;
      return 0;
    }
  }
  return size;
}
