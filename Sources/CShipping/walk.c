// SPDX-License-Identifier: BSD-3-Clause
//
// The walk: what a value begins with, and the steps of what holds other values.

#include "put.h"

// MARK: Calls that may raise

void vts_allocates(vts_encoder *e, lua_State *L) {
  if (!e->postponed) e->postponed = vts_postpone_collector(L);
}

// MARK: Names

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

/// Called before a name decides about what is neither scalar nor plain table. Plain tables may
/// have been taken for data that are known by name now: then the item begins again.
static void refresh_names(vts_encoder *e, lua_State *L) {
  if (e->fresh) return;
  e->fresh = true;
  if (!vts_names_outdated(L)) return;
  if (vts_need_names(e, L)) e->again = e->memo.count > 0;
}

/// Pushes what the index has for the value on top, or nothing; the value stays.
static const char *name_of(vts_encoder *e, lua_State *L, size_t *length) {
  lua_pushvalue(L, -1);
  if (lua_rawget(L, e->names) == LUA_TSTRING) return lua_tolstring(L, -1, length);
  lua_settop(L, -2);
  return NULL;
}

static void append(vts_encoder *e, const char *bytes, size_t length) {
  uint8_t *at = vts_room(e, length);
  if (!at) return;
  memcpy(at, bytes, length);
  vts_advance(e, at + length);
}

/// Whether an entry of the index is a class and no name; both are written as they stand.
static bool is_class(const char *name) {
  uint8_t head[HEAD_SIZE + 8];
  size_t length = (size_t)(vts_put_head(head, TAG, TAG_CLASS) - head);
  return memcmp(name, head, length) == 0;
}

/// Writes the value on top by its name and takes it, if it has one.
static bool write_named(vts_encoder *e, lua_State *L) {
  size_t length;
  const char *name = name_of(e, L, &length);
  if (!name) return false;
  append(e, name, length);
  lua_settop(L, -3);
  return true;
}

/// As write_named, having looked everywhere.
static bool write_named_thoroughly(vts_encoder *e, lua_State *L) {
  refresh_names(e, L);
  if (e->again || e->failure || write_named(e, L)) return true;
  if (e->thorough) return false;
  e->thorough = true;
  return !vts_need_names(e, L) || write_named(e, L);
}

// MARK: Containers

vts_frame *vts_push_frame(vts_encoder *e, lua_State *L, vts_frame_kind kind, int slot,
                          int64_t n) {
  if (e->depth >= VTS_MAX_DEPTH) {
    vts_fail(e, VTS_TOO_DEEP);
    return NULL;
  }
  // A frame has two slots above its own, and looks things up above them.
  if (slot + 16 > e->room) {
    if (!lua_checkstack(L, 256)) {
      vts_fail(e, vts_stack_is_full(L, 256) ? VTS_TOO_DEEP : VTS_NO_MEMORY);
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

/// Writes what comes before an object's table; the metatable is on top of the table, and taken.
static bool begin_object(vts_encoder *e, lua_State *L) {
  size_t length;
  const char *name;
  refresh_names(e, L);
  if (e->again || e->failure) return false;
  name = name_of(e, L, &length);
  if (!name && !e->thorough) {
    e->thorough = true;
    if (!vts_need_names(e, L)) return false;
    name = name_of(e, L, &length);
  }
  if (!name) {
    lua_settop(L, -2);
    vts_refuse(e, L, WHAT_METATABLE);
    return false;
  }
  vts_head(e, TAG, TAG_OBJECT);
  vts_head(e, ARRAY, 2);
  append(e, name, length);
  lua_settop(L, -3);
  return true;
}

static void begin_table(vts_encoder *e, lua_State *L) {
  size_t length;
  const char *class = name_of(e, L, &length);
  if (class && !is_class(class)) {
    append(e, class, length);
    lua_settop(L, -3);
    return;
  }
  vts_meeting meeting = vts_memo_meet(&e->memo, lua_topointer(L, class ? -2 : -1), e->out.count);
  if (meeting != MEMO_NEW) {
    if (meeting == MEMO_NO_MEMORY) vts_fail(e, VTS_NO_MEMORY);
    lua_settop(L, class ? -3 : -2);
    return;
  }
  if (class) {
    // The definition: the same tag with the name and what is in it.
    size_t tag = vts_head_size(TAG_CLASS);
    append(e, class, tag);
    vts_head(e, ARRAY, 2);
    append(e, class + tag, length - tag);
    lua_settop(L, -2);
  }
  if (lua_getmetatable(L, -1) && !begin_object(e, L)) {
    if (!e->failure) lua_settop(L, -2);  // else an error value may lie on top
    return;
  }
  vts_begin_table(e, L);
}

static bool lend(vts_encoder *e, lua_State *L) {
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  if (!e->lender.lend) return false;
  int64_t number = e->lender.lend(e->lender.context, L, lua_gettop(L), bytes, length);
  if (number < 0) return false;
  e->refers = true;
  vts_head(e, TAG, TAG_LENT);
  vts_head(e, UNSIGNED, (uint64_t)number);
  return true;
}

static bool refer(vts_encoder *e, lua_State *L) {
  if (!(e->rules & VTS_REFERENCES) || !e->lender.refer) return false;
  int64_t number = e->lender.refer(e->lender.context, L, lua_gettop(L));
  if (number < 0) return false;
  e->refers = true;
  vts_head(e, TAG, TAG_HOST);
  vts_head(e, UNSIGNED, (uint64_t)number);
  return true;
}

static void begin_string(vts_encoder *e, lua_State *L) {
  vts_allocates(e, L);
  if (!lend(e, L)) {
    size_t length;
    const char *bytes = lua_tolstring(L, -1, &length);
    vts_bytes_item(e, BYTES, bytes, length);
  }
  lua_settop(L, -2);
}

void vts_begin(vts_encoder *e, lua_State *L) {
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: return begin_string(e, L);
    case LUA_TTABLE: return begin_table(e, L);
    case LUA_TFUNCTION:
      if (lua_iscfunction(L, -1)) {
        if (write_named_thoroughly(e, L)) return;
        vts_refuse(e, L, WHAT_C_FUNCTION);
        break;
      }
      refresh_names(e, L);
      if (e->again || e->failure || write_named(e, L)) return;
      if (e->rules & VTS_FUNCTIONS) return vts_begin_function(e, L);
      vts_refuse(e, L, WHAT_FUNCTION);
      break;
    case LUA_TUSERDATA:
      refresh_names(e, L);
      if (e->again || e->failure || write_named(e, L)) return;
      if (refer(e, L)) break;
      if (write_named_thoroughly(e, L)) return;
      vts_refuse(e, L, WHAT_USERDATA);
      break;
    case LUA_TLIGHTUSERDATA: vts_refuse(e, L, WHAT_LIGHT); break;
    default: vts_refuse(e, L, WHAT_COROUTINE); break;
  }
  lua_settop(L, -2);
}

// MARK: The walk

static void step_elements(vts_encoder *e, lua_State *L, vts_frame *frame) {
  while (frame->i < frame->n) {
    lua_pushvalue(L, frame->slot + (int)frame->i++);
    if (!vts_scalar(e, L, lua_type(L, -1))) return vts_begin(e, L);
    lua_settop(L, -2);
  }
  e->depth--;
}

static void step_list(vts_encoder *e, lua_State *L, vts_frame *frame) {
  while (frame->i < frame->n) {
    int type = lua_rawgeti(L, frame->slot, ++frame->i);
    if (!vts_scalar(e, L, type)) return vts_begin(e, L);
    lua_settop(L, -2);
  }
  vts_pop_frame(e, L);
}

static void step_map(vts_encoder *e, lua_State *L, vts_frame *frame) {
  for (;;) {
    if (frame->in_key) {  // the key is written, its value lies on top
      frame->in_key = false;
    } else {
      if (!lua_next(L, frame->slot)) break;
      lua_pushvalue(L, -2);
      if (!vts_scalar(e, L, lua_type(L, -1))) {
        frame->in_key = true;
        return vts_begin(e, L);
      }
      lua_settop(L, -2);
    }
    if (!vts_scalar(e, L, lua_type(L, -1))) return vts_begin(e, L);
    lua_settop(L, -2);
  }
  vts_pop_frame(e, L);
}

void vts_walk(vts_encoder *e, lua_State *L) {
  while (e->depth && !e->failure && !e->again) {
    vts_frame *frame = &e->frames[e->depth - 1];
    switch ((vts_frame_kind)frame->kind) {
      case FRAME_ELEMENTS: step_elements(e, L, frame); break;
      case FRAME_LIST: step_list(e, L, frame); break;
      case FRAME_MAP: step_map(e, L, frame); break;
      case FRAME_SORTED: vts_step_sorted(e, L); break;
      case FRAME_FUNCTION: vts_step_function(e, L); break;
    }
  }
}
