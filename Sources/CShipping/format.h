// SPDX-License-Identifier: BSD-3-Clause
//
// The bytes of the format: CBOR's major types and tags, and the heads of its items.

#ifndef VTS_FORMAT_H
#define VTS_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "Tags.h"

/// CBOR's major types.
enum { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

/// The tags of Tags.h, by short names.
enum {
  TAG_SHARED = VTS_TAG_SHARED,
  TAG_REFERENCE = VTS_TAG_REFERENCE,
  TAG_INT64 = VTS_TAG_INT64,
  TAG_FLOAT64 = VTS_TAG_FLOAT64,
  TAG_LIST = VTS_TAG_LIST,
  TAG_FUNCTION = VTS_TAG_FUNCTION,
  TAG_CODE = VTS_TAG_CODE,
  TAG_NAMED = VTS_TAG_NAMED,
  TAG_OBJECT = VTS_TAG_OBJECT,
  TAG_CLASS = VTS_TAG_CLASS,
  TAG_SHARED_STRING = VTS_TAG_SHARED_STRING,
  TAG_HOST = VTS_TAG_HOST,
  TAG_ROOT = VTS_TAG_ROOT,
  TAG_ARRAY = VTS_TAG_ARRAY,
  TAG_BOOLEANS = VTS_TAG_BOOLEANS,
  TAG_COMPLEX = VTS_TAG_COMPLEX,
  TAG_SHARED_ARRAY = VTS_TAG_SHARED_ARRAY,
};

/// A list with fewer elements is a plain array.
enum { TYPED_LIST = 16 };
/// A shorter string is copied.
enum { SHARED_STRING_LENGTH = 64 << 10 };
/// The elements of a shorter array are copied with VTS_LENT_ARRAYS.
enum { LENT_ARRAY_LENGTH = 1 << 20 };

/// The size of the longest head.
enum { HEAD_SIZE = 9 };

/// The size of the shortest head that holds `number`.
static inline size_t vts_head_size(uint64_t number) {
  return number < 24 ? 1 : number < 0x100 ? 2 : number < 0x10000 ? 3 : number >> 32 ? 9 : 5;
}

/// Writes the shortest head and returns the position after it. May overwrite up to HEAD_SIZE bytes.
static inline uint8_t *vts_put_head(uint8_t *at, unsigned major, uint64_t number) {
  if (number < 24) {
    *at++ = (uint8_t)(major << 5 | number);
    return at;
  }
  unsigned power = number < 0x100 ? 0 : number < 0x10000 ? 1 : number >> 32 ? 3 : 2;
  *at++ = (uint8_t)(major << 5 | (24 + power));
  uint64_t big = __builtin_bswap64(number << (64 - (8u << power)));
  memcpy(at, &big, 8);
  return at + (1u << power);
}

/// Reads a big-endian number of 1 << `power` bytes.
static inline uint64_t vts_read_number(const uint8_t *at, unsigned power) {
  uint64_t number = 0;
  memcpy(&number, at, 1u << power);
  return __builtin_bswap64(number) >> (64 - (8u << power));
}

#endif
