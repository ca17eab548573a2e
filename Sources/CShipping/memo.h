// SPDX-License-Identifier: BSD-3-Clause
//
// The tables, functions and cells of an item, and their positions in its bytes.

#ifndef VTS_MEMO_H
#define VTS_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

typedef struct {
  const void *address;
  uint32_t stamp;  ///< a slot with another stamp is empty
  uint32_t entry;
} vts_memo_slot;

/// A table, function or cell.
typedef struct {
  size_t offset;       ///< of its first byte
  uint32_t reference;  ///< above 0: there are references to it
} vts_memo_entry;

/// A reference to an entry. It is written when the item is complete.
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

typedef enum { MEMO_NEW, MEMO_SEEN, MEMO_NO_MEMORY } vts_memo_result;

/// Records that `address` occurs at `offset`, for the first time or again.
vts_memo_result vts_memo_add(vts_memo *memo, const void *address, size_t offset);
/// Inserts the marks of shared values, and the references to them, into the item that ends `out`.
/// False when there is no memory.
bool vts_memo_share(vts_memo *memo, vts_bytes *out);
/// Removes all entries. Keeps the memory of small memos for the next item.
void vts_memo_clear(vts_memo *memo);
void vts_memo_free(vts_memo *memo);

#endif
