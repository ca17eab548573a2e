// SPDX-License-Identifier: BSD-3-Clause
//
// Growing arrays on the heap.

#ifndef VTS_BYTES_H
#define VTS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} vts_bytes;

/// Makes room for `more` bytes after the last; false when there is no memory.
bool vts_grow(vts_bytes *bytes, size_t more);

/// Like vts_grow, without a call when there is room already.
static inline bool vts_reserve(vts_bytes *bytes, size_t more) {
  return bytes->capacity - bytes->count >= more || vts_grow(bytes, more);
}

/// Doubles the capacity of `*items`, whose elements have `size` bytes; false when there is no
/// memory.
bool vts_grow_items(void **items, size_t *capacity, size_t size);

#define VTS_ROOM_FOR_ONE(items, count, capacity) \
  ((count) < (capacity) || vts_grow_items((void **)&(items), &(capacity), sizeof *(items)))

#endif
