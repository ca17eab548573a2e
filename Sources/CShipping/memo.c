// SPDX-License-Identifier: BSD-3-Clause

#include "memo.h"

#include <stdlib.h>
#include <string.h>

#include "format.h"

enum { FIRST_SLOTS = 64, KEPT_SLOTS = 64 << 10 };

static vts_memo_slot *slot_of(const vts_memo *memo, const void *address) {
  size_t at = (size_t)(((uintptr_t)address * 0x9E3779B97F4A7C15u) >> memo->shift);
  for (;;) {
    vts_memo_slot *slot = &memo->slots[at];
    if (slot->stamp != memo->stamp || slot->address == address) return slot;
    at = (at + 1) & (memo->slot_count - 1);
  }
}

static bool make_slots(vts_memo *memo, size_t count) {
  vts_memo_slot *old = memo->slots;
  size_t old_count = memo->slot_count;
  vts_memo_slot *slots = calloc(count, sizeof *slots);
  if (!slots) return false;
  memo->slots = slots;
  memo->slot_count = count;
  memo->shift = 64 - (unsigned)__builtin_ctzll(count);
  uint32_t stamp = memo->stamp;
  memo->stamp = stamp ? stamp : 1;
  for (size_t i = 0; i < old_count; i++)
    if (old[i].stamp == stamp) *slot_of(memo, old[i].address) = old[i];
  free(old);
  return true;
}

vts_memo_result vts_memo_add(vts_memo *memo, const void *address, size_t offset) {
  if (memo->count * 2 >= memo->slot_count &&
      !make_slots(memo, memo->slot_count ? memo->slot_count * 2 : FIRST_SLOTS))
    return MEMO_NO_MEMORY;
  vts_memo_slot *slot = slot_of(memo, address);
  if (slot->stamp == memo->stamp) {
    if (!VTS_ROOM_FOR_ONE(memo->references, memo->reference_count, memo->reference_capacity))
      return MEMO_NO_MEMORY;
    memo->references[memo->reference_count++] = (vts_memo_reference){offset, slot->entry};
    memo->entries[slot->entry].reference = 1;
    return MEMO_SEEN;
  }
  if (memo->count >= UINT32_MAX ||
      !VTS_ROOM_FOR_ONE(memo->entries, memo->count, memo->capacity))
    return MEMO_NO_MEMORY;
  *slot = (vts_memo_slot){address, memo->stamp, (uint32_t)memo->count};
  memo->entries[memo->count++] = (vts_memo_entry){offset, 0};
  return MEMO_NEW;
}

void vts_memo_clear(vts_memo *memo) {
  if (!memo->count) return;
  memo->count = memo->reference_count = 0;
  if (memo->slot_count > KEPT_SLOTS) return vts_memo_free(memo);
  // When the stamp wraps around, slots with old stamps must be cleared.
  if (++memo->stamp == 0) {
    memset(memo->slots, 0, memo->slot_count * sizeof *memo->slots);
    memo->stamp = 1;
  }
}

void vts_memo_free(vts_memo *memo) {
  free(memo->slots);
  free(memo->entries);
  free(memo->references);
  *memo = (vts_memo){0};
}

// MARK: Sharing

enum { MARK_SIZE = 2 };  // the head of tag 28, and of 29

/// Moves the bytes from `from` up to `end` so that they end at `to`; returns where they begin now.
static uint8_t *move_up(uint8_t *from, uint8_t *end, uint8_t *to) {
  size_t length = (size_t)(end - from);
  memmove(to - length, from, length);
  return to - length;
}

bool vts_memo_share(vts_memo *memo, vts_bytes *out) {
  if (!memo->reference_count) return true;
  // Tag 29 numbers the tags 28 in the order of their positions.
  uint32_t marks = 0;
  for (size_t i = 0; i < memo->count; i++)
    if (memo->entries[i].reference) memo->entries[i].reference = ++marks;
  size_t more = (size_t)marks * MARK_SIZE;
  for (size_t i = 0; i < memo->reference_count; i++)
    more += MARK_SIZE + vts_head_size(memo->entries[memo->references[i].entry].reference - 1);
  if (!vts_reserve(out, more)) return false;

  // From the end, so that every byte is moved once.
  uint8_t *end = out->bytes + out->count, *to = end + more;
  out->count += more;
  size_t entry = memo->count, reference = memo->reference_count;
  for (;;) {
    while (entry && !memo->entries[entry - 1].reference) entry--;
    if (!entry && !reference) return true;
    // A shared value has bytes, a reference has none yet: of two at the same offset, the reference
    // comes first.
    bool is_mark = entry && (!reference || memo->entries[entry - 1].offset >=
                                               memo->references[reference - 1].offset);
    size_t offset =
        is_mark ? memo->entries[entry - 1].offset : memo->references[reference - 1].offset;
    to = move_up(out->bytes + offset, end, to);
    end = out->bytes + offset;
    uint8_t piece[MARK_SIZE + HEAD_SIZE + 8], *past;
    if (is_mark) {
      entry--;
      past = vts_put_head(piece, TAG, TAG_SHARED);
    } else {
      uint32_t mark = memo->entries[memo->references[--reference].entry].reference;
      past = vts_put_head(vts_put_head(piece, TAG, TAG_REFERENCE), UNSIGNED, mark - 1);
    }
    size_t length = (size_t)(past - piece);
    to -= length;
    memcpy(to, piece, length);
  }
}
