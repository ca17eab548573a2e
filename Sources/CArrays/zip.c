// SPDX-License-Identifier: BSD-3-Clause
//
// ZIP files of stored and deflated members, with the 64-bit extension.

#include <stdio.h>
#include <string.h>

#include <Library.h>
#include <pthread.h>

#include "NPY.h"

static uint64_t number(const char *at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | (unsigned char)at[i];
  return value;
}

static bool fail(char *message, size_t room, const char *text) {
  snprintf(message, room, "%s", text);
  return false;
}

// MARK: The directory

enum { END = 22, END_64 = 56, LOCATOR_64 = 20, ENTRY = 46, LOCAL = 30 };

bool va_zip_open(
    const char *bytes, size_t length, size_t *directory, size_t *members, char *message,
    size_t room) {
  if (length < END) return fail(message, room, "is no .npz file");
  // The record at the end may be followed by a comment of up to 64 KiB.
  size_t at = length - END, least = at > 65535 ? at - 65535 : 0;
  while (number(bytes + at, 4) != 0x06054b50) {
    if (at == least) return fail(message, room, "is no .npz file");
    at--;
  }
  uint64_t count = number(bytes + at + 10, 2), offset = number(bytes + at + 16, 4);
  if ((count == 0xffff || offset == 0xffffffff) && at >= LOCATOR_64 &&
      number(bytes + at - LOCATOR_64, 4) == 0x07064b50) {
    uint64_t end = number(bytes + at - LOCATOR_64 + 8, 8);
    if (length < END_64 || end > length - END_64 || number(bytes + end, 4) != 0x06064b50)
      return fail(message, room, "has a damaged directory");
    count = number(bytes + end + 32, 8);
    offset = number(bytes + end + 48, 8);
  }
  if (offset > length || count > (length - offset) / ENTRY)
    return fail(message, room, "has a damaged directory");
  *directory = offset;
  *members = count;
  return true;
}

/// Reads the 64-bit sizes from the extra fields of an entry, where the 32-bit ones are full.
static bool read_extra(
    const char *at, size_t length, uint64_t *unpacked, uint64_t *packed, uint64_t *offset) {
  uint64_t *fields[] = {unpacked, packed, offset};
  while (length >= 4) {
    size_t size = number(at + 2, 2);
    if (size > length - 4) return false;
    if (number(at, 2) == 1) {
      size_t used = 0;
      for (int i = 0; i < 3; i++) {
        if (*fields[i] != 0xffffffff) continue;
        if (size - used < 8) return false;
        *fields[i] = number(at + 4 + used, 8);
        used += 8;
      }
    }
    at += 4 + size;
    length -= 4 + size;
  }
  return true;
}

bool va_zip_next(
    const char *bytes, size_t length, size_t *directory, va_zip_member *member, char *message,
    size_t room) {
  size_t at = *directory;
  if (at > length || length - at < ENTRY || number(bytes + at, 4) != 0x02014b50)
    return fail(message, room, "has a damaged directory");
  const char *entry = bytes + at;
  size_t name = number(entry + 28, 2), extra = number(entry + 30, 2), comment = number(entry + 32, 2);
  if (length - at - ENTRY < name + extra + comment)
    return fail(message, room, "has a damaged directory");
  uint64_t method = number(entry + 10, 2), packed = number(entry + 20, 4);
  uint64_t unpacked = number(entry + 24, 4), offset = number(entry + 42, 4);
  if (!read_extra(entry + ENTRY + name, extra, &unpacked, &packed, &offset))
    return fail(message, room, "has a damaged directory");
  if (number(entry + 8, 2) & 1) return fail(message, room, "is encrypted");
  if (method != 0 && method != 8) return fail(message, room, "is compressed by an unknown method");
  if (offset > length || length - offset < LOCAL || number(bytes + offset, 4) != 0x04034b50)
    return fail(message, room, "has a damaged directory");
  size_t start = LOCAL + number(bytes + offset + 26, 2) + number(bytes + offset + 28, 2);
  if (length - offset < start || length - offset - start < packed)
    return fail(message, room, "is cut off");
  // Deflate makes nothing more than 1032 times smaller.
  if (method == 0 ? packed != unpacked : unpacked / 1032 > packed)
    return fail(message, room, "has a damaged directory");
  *member = (va_zip_member){entry + ENTRY, name, method == 8, (uint32_t)number(entry + 16, 4),
                            packed, unpacked, offset + start};
  *directory = at + ENTRY + name + extra + comment;
  return true;
}

// MARK: Checksums

static uint32_t crc_table[8][256];

static void make_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    crc_table[0][i] = crc;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++)
      crc_table[k][i] = crc_table[k - 1][i] >> 8 ^ crc_table[0][crc_table[k - 1][i] & 255];
}

uint32_t va_crc32(uint32_t crc, const void *bytes, size_t length) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_table);
  const unsigned char *at = bytes;
  crc = ~crc;
  for (; length >= 8; length -= 8, at += 8) {
    uint32_t low = crc ^ (uint32_t)number((const char *)at, 4);
    crc = crc_table[7][low & 255] ^ crc_table[6][low >> 8 & 255] ^ crc_table[5][low >> 16 & 255] ^
          crc_table[4][low >> 24] ^ crc_table[3][at[4]] ^ crc_table[2][at[5]] ^
          crc_table[1][at[6]] ^ crc_table[0][at[7]];
  }
  for (; length > 0; length--) crc = crc >> 8 ^ crc_table[0][(crc ^ *at++) & 255];
  return ~crc;
}

// MARK: zlib, loaded when it is first needed

/// z_stream of zlib 1.
typedef struct {
  const unsigned char *next_in;
  unsigned available_in;
  unsigned long total_in;
  unsigned char *next_out;
  unsigned available_out;
  unsigned long total_out;
  const char *text;
  void *state;
  void *(*allocate)(void *, unsigned, unsigned);
  void (*release)(void *, void *);
  void *context;
  int data_type;
  unsigned long adler, reserved;
} stream;

enum { NO_FLUSH = 0, FINISH = 4, OK = 0, STREAM_END = 1, DEFLATED = 8, RAW = -15, CHUNK = 1 << 22 };

static struct {
  int (*inflate_begin)(stream *, int, const char *, int);
  int (*inflate)(stream *, int);
  int (*inflate_end)(stream *);
  int (*deflate_begin)(stream *, int, int, int, int, int, const char *, int);
  int (*deflate)(stream *, int);
  int (*deflate_end)(stream *);
} zlib;

static bool zlib_is_loaded;
static char zlib_failure[256];

static void load_zlib(void) {
  static const char *const names[] = {"libz.so.1", NULL};
  static const vty_symbol symbols[] = {
      {"inflateInit2_", &zlib.inflate_begin}, {"inflate", &zlib.inflate},
      {"inflateEnd", &zlib.inflate_end},      {"deflateInit2_", &zlib.deflate_begin},
      {"deflate", &zlib.deflate},             {"deflateEnd", &zlib.deflate_end}};
  const vty_library library = {names, "zlib1g", symbols, 6};
  zlib_is_loaded = vty_library_load(&library, zlib_failure, sizeof zlib_failure);
}

static bool need_zlib(char *message, size_t room) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_zlib);
  if (zlib_is_loaded) return true;
  snprintf(message, room, "is compressed, which needs libz.so.1 (Debian: zlib1g)");
  return false;
}

/// Moves up to a chunk of what is left to the stream.
static unsigned portion(size_t *left) {
  unsigned part = *left > CHUNK ? CHUNK : (unsigned)*left;
  *left -= part;
  return part;
}

bool va_zip_inflate(
    const char *bytes, const va_zip_member *member, char *to, const volatile int *stop,
    char *message, size_t room) {
  if (!need_zlib(message, room)) return false;
  stream in = {.next_in = (const unsigned char *)bytes + member->offset,
               .next_out = (unsigned char *)to};
  if (zlib.inflate_begin(&in, RAW, "1", (int)sizeof in) != OK)
    return fail(message, room, "cannot be inflated: there is no memory");
  size_t in_left = member->packed, out_left = member->unpacked;
  int status = OK;
  while (status == OK && !(stop && *stop)) {
    if (in.available_in == 0) in.available_in = portion(&in_left);
    if (in.available_out == 0) in.available_out = portion(&out_left);
    unsigned before_in = in.available_in, before_out = in.available_out;
    status = zlib.inflate(&in, NO_FLUSH);
    if (status == OK && before_in == in.available_in && before_out == in.available_out) break;
  }
  bool complete = status == STREAM_END && in.available_out == 0 && out_left == 0;
  zlib.inflate_end(&in);
  return complete ? true : fail(message, room, "has damaged data");
}

size_t va_zip_bound(size_t length) { return length + length / 1000 + 1024; }

size_t va_zip_deflate(
    const char *bytes, size_t length, char *to, size_t to_room, const volatile int *stop,
    char *message, size_t room) {
  if (!need_zlib(message, room)) return 0;
  stream out = {.next_in = (const unsigned char *)bytes, .next_out = (unsigned char *)to};
  if (zlib.deflate_begin(&out, 6, DEFLATED, RAW, 8, 0, "1", (int)sizeof out) != OK) {
    fail(message, room, "cannot be compressed: there is no memory");
    return 0;
  }
  size_t in_left = length, out_left = to_room;
  int status = OK;
  while (status == OK && !(stop && *stop)) {
    if (out.available_in == 0) out.available_in = portion(&in_left);
    if (out.available_out == 0) out.available_out = portion(&out_left);
    status = zlib.deflate(&out, in_left == 0 ? FINISH : NO_FLUSH);
  }
  size_t written = (size_t)((char *)out.next_out - to);
  zlib.deflate_end(&out);
  if (status == STREAM_END) return written;
  fail(message, room, "cannot be compressed");
  return 0;
}
