// SPDX-License-Identifier: BSD-3-Clause

/// The formats .npy and .npz of NumPy, in memory.
#ifndef VTLUA_ARRAY_NPY_H
#define VTLUA_ARRAY_NPY_H

#include "CArrays.h"

enum { VA_NPY_LARGEST_HEADER = 64 << 10 };

/// The header of a .npy file.
typedef struct {
  va_view view;       // type and shape; the strides of the elements in the file
  size_t item;        // the bytes of an element in the file
  size_t data;        // the offset of the first element
  size_t bytes;       // of all elements in the file
  bool swapped;       // the other order of bytes
  bool is_half;       // float16 in the file, float32 in the view
} va_npy;

/// Parses the header of a file of `length` bytes, of which at least the header is there. False, with
/// a message such as "is no .npy file", if it cannot be read.
bool va_npy_parse(
    const char *bytes, size_t available, size_t length, va_npy *npy, char *message, size_t room);
/// Converts the elements at `data` to a contiguous view of the shape and type.
void va_npy_decode(const va_npy *npy, const char *data, const va_view *to);
/// Writes the header of a view to `to`, which has room for 1 KiB; returns its length.
size_t va_npy_header(const va_view *view, char *to);

/// A file in a .npz file.
typedef struct {
  const char *name;
  size_t name_length;
  bool deflated;
  uint32_t crc;
  size_t packed, unpacked;
  size_t offset;  // of the bytes
} va_zip_member;

/// Finds the directory: its place in the file, and the number of members.
bool va_zip_open(
    const char *bytes, size_t length, size_t *directory, size_t *members, char *message,
    size_t room);
/// Reads the member at `*directory`, and moves that to the next.
bool va_zip_next(
    const char *bytes, size_t length, size_t *directory, va_zip_member *member, char *message,
    size_t room);
uint32_t va_crc32(uint32_t crc, const void *bytes, size_t length);

/// Inflates a member; `to` has room for member->unpacked bytes. False, with a message, if the data
/// is damaged or zlib is not installed, or if `*stop` is not 0. `stop` may be NULL.
bool va_zip_inflate(
    const char *bytes, const va_zip_member *member, char *to, const volatile int *stop,
    char *message, size_t room);
/// The largest number of bytes that va_zip_deflate writes.
size_t va_zip_bound(size_t length);
/// Deflates bytes to `to`; returns their number, or 0 with a message.
size_t va_zip_deflate(
    const char *bytes, size_t length, char *to, size_t to_room, const volatile int *stop,
    char *message, size_t room);

#endif
