// SPDX-License-Identifier: BSD-3-Clause
//
// Lua functions: each bytecode once per item, upvalues as cells that functions can share.

#include <stdlib.h>

#include "put.h"
#include "values.h"

static int keep_code(lua_State *L, const void *bytes, size_t length, void *context) {
  (void)L;
  vts_bytes *code = context;
  if (!vts_reserve(code, length)) return 1;
  memcpy(code->bytes + code->count, bytes, length);
  code->count += length;
  return 0;
}

static uint64_t hash_of(const vts_bytes *code) {
  uint64_t hash = code->count, word;
  size_t i = 0;
  for (; i + 8 <= code->count; i += 8) {
    memcpy(&word, code->bytes + i, 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  for (; i < code->count; i++) hash = (hash ^ code->bytes[i]) * 0x100000001B3u;
  return hash;
}

/// Writes the current bytecode, or the number of equal bytecode that was written before.
static void write_code(vts_encoder *e) {
  uint64_t hash = hash_of(&e->code);
  for (size_t i = 0; i < e->code_count; i++) {
    const vts_code *code = &e->codes[i];
    if (code->hash == hash && code->length == e->code.count &&
        memcmp(e->out.bytes + code->offset, e->code.bytes, code->length) == 0)
      return vts_head(e, UNSIGNED, i);
  }
  vts_head(e, TAG, TAG_CODE);
  vts_bytes_item(e, BYTES, e->code.bytes, e->code.count);
  if (e->failure) return;
  if (!VTS_ROOM_FOR_ONE(e->codes, e->code_count, e->code_capacity))
    return vts_fail(e, VTS_NO_MEMORY);
  e->codes[e->code_count++] =
      (vts_code){hash, e->out.count - e->code.count, e->code.count};
}

void vts_begin_function(vts_encoder *e, lua_State *L) {
  // Recorded before its upvalues: one of them may be the function itself.
  vts_memo_result result = vts_memo_add(&e->memo, lua_topointer(L, -1), e->out.count);
  if (result != MEMO_NEW) {
    if (result == MEMO_NO_MEMORY) vts_fail(e, VTS_NO_MEMORY);
    lua_settop(L, -2);
    return;
  }
  e->code.count = 0;
  if (lua_dump(L, keep_code, &e->code, 0) != 0) return vts_fail(e, VTS_NO_MEMORY);
  lua_Debug ar;
  lua_pushvalue(L, -1);
  lua_getinfo(L, ">u", &ar);
  vts_head(e, TAG, TAG_FUNCTION);
  vts_head(e, ARRAY, 1 + (uint64_t)ar.nups);
  write_code(e);
  vts_push_frame(e, L, FRAME_FUNCTION, lua_gettop(L), ar.nups);
}

bool vts_step_function(vts_encoder *e, lua_State *L) {
  vts_frame *frame = &e->frames[e->depth - 1];
  while (frame->i < frame->n) {
    int n = (int)++frame->i;
    const void *cell = lua_upvalueid(L, frame->slot, n);
    vts_memo_result result = vts_memo_add(&e->memo, cell, e->out.count);
    if (result == MEMO_NO_MEMORY) return vts_fail(e, VTS_NO_MEMORY), false;
    if (result == MEMO_SEEN) continue;
    vts_head(e, ARRAY, 1);
    lua_getupvalue(L, frame->slot, n);
    if (!vts_scalar(e, L, lua_type(L, -1))) return true;
    lua_settop(L, -2);
  }
  vts_pop_frame(e, L);
  return false;
}
