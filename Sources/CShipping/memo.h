// SPDX-License-Identifier: BSD-3-Clause
//
// What of an item was met, and where in the bytes it lies.

#ifndef VTS_MEMO_H
#define VTS_MEMO_H

#include "shipping.h"

typedef struct {
  const void *address;
  uint32_t stamp;  ///< a slot of another stamp is empty
  uint32_t entry;
} vts_memo_slot;

/// A table, function or cell.
typedef struct {
  size_t offset;       ///< where it begins
  uint32_t reference;  ///< above 0: it is referred to
} vts_memo_entry;

/// A place where something is referred to. Nothing is written there before the item is complete.
typedef struct {
  size_t offset;
  uint32_t entry;
} vts_memo_reference;

typedef struct {
  vts_memo_slot *slots;
  size_t slot_count;  ///< a power of two, or 0
  unsigned shift;
  uint32_t stamp;
  vts_memo_entry *entries;  ///< by offset
  size_t count, capacity;
  vts_memo_reference *references;  ///< by offset
  size_t reference_count, reference_capacity;
} vts_memo;

typedef enum { MEMO_NEW, MEMO_SEEN, MEMO_NO_MEMORY } vts_meeting;

/// Notes that `address` is met at `offset`, for the first time or again.
vts_meeting vts_memo_meet(vts_memo *memo, const void *address, size_t offset);
/// Writes into the item that ends `out` the marks of what is shared, and the references.
bool vts_memo_share(vts_memo *memo, vts_bytes *out);
/// Forgets everything, quickly.
void vts_memo_clear(vts_memo *memo);
void vts_memo_free(vts_memo *memo);

#endif
