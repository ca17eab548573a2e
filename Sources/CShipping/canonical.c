// SPDX-License-Identifier: BSD-3-Clause
//
// Maps in canonical order: their keys sorted by their encoded bytes (RFC 8949, 4.2.1). Runs under
// lua_pcall, because this part of the walk creates strings.

#define _GNU_SOURCE

#include <stdlib.h>

#include "put.h"
#include "values.h"

static int compare(const void *a, const void *b, void *context) {
  const uint8_t *bytes = context;
  const vts_key *one = a, *other = b;
  size_t length = one->length < other->length ? one->length : other->length;
  int order = memcmp(bytes + one->offset, bytes + other->offset, length);
  return order ? order : one->length < other->length ? -1 : one->length > other->length;
}

/// Encodes the key on top and appends it to the keys; `out` serves as a buffer.
static bool note_key(vts_encoder *e, lua_State *L) {
  size_t begin = e->out.count;
  int rules = e->rules;
  e->rules &= ~VTS_REFERENCES;
  bool scalar = vts_scalar(e, L, lua_type(L, -1));
  e->rules = rules;
  size_t length = e->out.count - begin;
  e->out.count = begin;
  if (!scalar) {
    vts_refuse(e, L, WHAT_KEY);
    return true;
  }
  if (e->limit && e->key_bytes.count + length > e->limit) vts_fail(e, VTS_TOO_LONG);
  if (e->failure || !vts_reserve(&e->key_bytes, length) ||
      !VTS_ROOM_FOR_ONE(e->keys, e->key_count, e->key_capacity)) {
    vts_fail(e, VTS_NO_MEMORY);
    return false;
  }
  memcpy(e->key_bytes.bytes + e->key_bytes.count, e->out.bytes + begin, length);
  e->keys[e->key_count++] = (vts_key){e->key_bytes.count, length};
  e->key_bytes.count += length;
  return true;
}

void vts_begin_sorted(vts_encoder *e, lua_State *L, int64_t pairs) {
  int slot = lua_gettop(L);
  size_t first = e->key_count;
  vts_frame *frame = vts_push_frame(e, L, FRAME_SORTED, slot, pairs);
  if (!frame) return;
  frame->in_key = true;
  lua_pushnil(L);
  while (lua_next(L, slot)) {
    lua_settop(L, -2);
    lua_pushvalue(L, -1);
    if (!note_key(e, L)) return;
    lua_settop(L, -2);
  }
  frame->in_key = false;
  frame->n = (int64_t)(e->key_count - first);
  if (frame->n)
    qsort_r(e->keys + first, (size_t)frame->n, sizeof *e->keys, compare, e->key_bytes.bytes);
  vts_head(e, MAP, (uint64_t)frame->n);
  // While this frame is the innermost, its keys are the last ones.
  lua_pushnil(L);
}

/// Pushes the key whose encoded bytes begin at `at`.
static void push_key(lua_State *L, const uint8_t *at, size_t length) {
  unsigned major = at[0] >> 5, info = at[0] & 31;
  uint64_t number = info;
  unsigned size = info < 24 ? 0 : 1u << (info - 24);
  if (major == SIMPLE && size == 0) return lua_pushboolean(L, info == 21);
  if (size) {
    number = 0;
    for (unsigned i = 1; i <= size; i++) number = number << 8 | at[i];
  }
  switch (major) {
    case UNSIGNED: lua_pushinteger(L, (lua_Integer)number); break;
    case NEGATIVE: lua_pushinteger(L, (lua_Integer)~number); break;
    case BYTES: lua_pushlstring(L, (const char *)at + 1 + size, length - 1 - size); break;
    default: {
      lua_Number value;
      memcpy(&value, &number, 8);
      lua_pushnumber(L, value);
    }
  }
}

bool vts_step_sorted(vts_encoder *e, lua_State *L) {
  vts_frame *frame = &e->frames[e->depth - 1];
  size_t first = e->key_count - (size_t)frame->n;
  while (frame->i < frame->n) {
    const vts_key *key = &e->keys[first + (size_t)frame->i++];
    const uint8_t *bytes = e->key_bytes.bytes + key->offset;
    lua_settop(L, frame->slot);
    push_key(L, bytes, key->length);
    uint8_t *at = vts_room(e, key->length);
    if (!at) return false;
    memcpy(at, bytes, key->length);
    vts_advance(e, at + key->length);
    lua_pushvalue(L, -1);
    if (!vts_scalar(e, L, lua_rawget(L, frame->slot))) return true;
  }
  if (frame->n) {
    // The keys are sorted: the first one is not the first in `key_bytes`.
    size_t length = 0;
    for (size_t i = first; i < e->key_count; i++) length += e->keys[i].length;
    e->key_bytes.count -= length;
    e->key_count = first;
  }
  vts_pop_frame(e, L);
  return false;
}
