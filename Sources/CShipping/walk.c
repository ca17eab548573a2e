// SPDX-License-Identifier: BSD-3-Clause

#include "walk.h"

#include <lua_internals.h>

#include "names.h"
#include "values.h"

void vts_allocates(vts_encoder *e, lua_State *L) {
  if (!e->postponed) e->postponed = vtl_postpone_collector(L);
}

static int update_names(lua_State *L) {
  const vts_encoder *e = lua_touserdata(L, 1);
  vts_prepare(L);
  vts_names_update(L, e->thorough);
  return 0;
}

bool vts_need_names(vts_encoder *e, lua_State *L) {
  vts_allocates(e, L);
  if (!lua_checkstack(L, 2)) return vts_fail(e, VTS_NO_STACK), false;
  lua_pushcfunction(L, update_names);
  lua_pushlightuserdata(L, e);
  int status = lua_pcall(L, 1, 0, 0);
  if (status != LUA_OK) vts_fail(e, status);
  return status == LUA_OK;
}

vts_frame *vts_push_frame(vts_encoder *e, lua_State *L, vts_frame_kind kind, int slot,
                          int64_t n) {
  if (e->depth >= VTS_MAX_DEPTH) {
    vts_refuse_depth(e, L);
    return NULL;
  }
  // A frame has two slots above its own, and look-ups need slots above those.
  if (slot + 16 > e->room) {
    if (!lua_checkstack(L, 256)) {
      if (vtl_stack_is_full(L, 256)) vts_refuse_depth(e, L);
      else vts_fail(e, VTS_NO_MEMORY);
      return NULL;
    }
    e->room = lua_gettop(L) + 256;
  }
  if (!VTS_ROOM_FOR_ONE(e->frames, e->depth, e->frame_capacity)) {
    vts_fail(e, VTS_NO_MEMORY);
    return NULL;
  }
  vts_frame *frame = &e->frames[e->depth++];
  *frame = (vts_frame){.kind = (uint8_t)kind, .slot = slot, .n = n};
  return frame;
}

void vts_pop_frame(vts_encoder *e, lua_State *L) {
  lua_settop(L, e->frames[--e->depth].slot - 1);
}
