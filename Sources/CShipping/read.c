// SPDX-License-Identifier: BSD-3-Clause
//
// Heads, strings, frames and errors.

#include <lua_internals.h>
#include <stdarg.h>
#include <stdio.h>

#include "decoder.h"

/// The error value; the decoder has the reason.
static const char failed;

void vts_malformed(vts_decoder *d, lua_State *L, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(d->what, sizeof d->what, format, arguments);
  va_end(arguments);
  d->malformed = true;
  d->where = (size_t)(d->at - d->begin);
  lua_settop(L, SLOT_SHARED);
  lua_pushlightuserdata(L, (void *)&failed);
  lua_error(L);
  __builtin_unreachable();
}

void vts_no_memory(vts_decoder *d, lua_State *L) {
  d->no_memory = true;
  lua_settop(L, SLOT_SHARED);
  lua_pushlightuserdata(L, (void *)&failed);
  lua_error(L);
  __builtin_unreachable();
}

vts_item_head vts_read_head(vts_decoder *d, lua_State *L) {
  if (d->at == d->end) vts_malformed(d, L, "the bytes end too early");
  vts_item_head head = {*d->at >> 5, *d->at & 31, *d->at & 31};
  if (head.info < 24) {
    d->at++;
    return head;
  }
  if (head.info == 31)
    vts_malformed(d, L, head.major == SIMPLE ? "a break" : "an indefinite length");
  if (head.info > 27) vts_malformed(d, L, "a reserved head");
  unsigned power = head.info - 24;
  if (vts_left(d) < 1 + (1u << power)) {
    d->at = d->end;
    vts_malformed(d, L, "the bytes end too early");
  }
  head.number = vts_read_number(d->at + 1, power);
  d->at += 1 + (1u << power);
  return head;
}

const uint8_t *vts_read_bytes(vts_decoder *d, lua_State *L, uint64_t length) {
  if (length > vts_left(d)) vts_malformed(d, L, "a string longer than the bytes that are left");
  const uint8_t *bytes = d->at;
  d->at += length;
  return bytes;
}

void vts_expect(vts_decoder *d, lua_State *L, uint64_t values) {
  if (values > vts_left(d) || d->expected > vts_left(d) - values)
    vts_malformed(d, L, "a count larger than the bytes that are left");
  d->expected += values;
}

void vts_mark(vts_decoder *d, lua_State *L, int what) {
  if (d->mark < 0) return;
  if (lua_type(L, SLOT_SHARED) != LUA_TTABLE) {
    lua_createtable(L, 4, 0);
    lua_replace(L, SLOT_SHARED);
  }
  lua_pushvalue(L, -1);
  lua_rawseti(L, SLOT_SHARED, d->mark + 1);
  d->shared[d->mark] = what;
  d->mark = -1;
}

vts_open_frame *vts_open_new(vts_decoder *d, lua_State *L, vts_open_kind kind, int slot,
                             uint64_t n) {
  if (d->depth >= VTS_MAX_DEPTH) vts_malformed(d, L, "values are nested too deeply");
  if (slot + 12 > d->room) {
    if (!lua_checkstack(L, 256)) {
      if (vtl_stack_is_full(L, 256)) vts_malformed(d, L, "values are nested too deeply");
      vts_no_memory(d, L);
    }
    d->room = lua_gettop(L) + 256;
  }
  if (!VTS_ROOM_FOR_ONE(d->frames, d->depth, d->frame_capacity)) vts_no_memory(d, L);
  vts_open_frame *frame = &d->frames[d->depth++];
  *frame = (vts_open_frame){.kind = (uint8_t)kind, .slot = slot, .n = n};
  return frame;
}
