// SPDX-License-Identifier: BSD-3-Clause

#include "bytes.h"

#include <stdlib.h>

bool vts_grow(vts_bytes *bytes, size_t more) {
  if (more > SIZE_MAX / 4 - bytes->count) return false;
  size_t needed = bytes->count + more;
  size_t capacity = bytes->capacity < 128 ? 256 : bytes->capacity * 2;
  if (capacity < needed) capacity = needed;
  uint8_t *fresh = realloc(bytes->bytes, capacity);
  if (!fresh) return false;
  bytes->bytes = fresh;
  bytes->capacity = capacity;
  return true;
}

bool vts_grow_items(void **items, size_t *capacity, size_t size) {
  size_t more = *capacity ? *capacity * 2 : 16;
  void *fresh = more > SIZE_MAX / 2 / size ? NULL : realloc(*items, more * size);
  if (!fresh) return false;
  *items = fresh;
  *capacity = more;
  return true;
}
