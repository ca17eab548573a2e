// SPDX-License-Identifier: BSD-3-Clause

#include "steps.h"

#include "names.h"
#include "put.h"
#include "values.h"

// MARK: Names

/// Updates the names before a value that is neither a scalar nor a plain table is looked up. Plain
/// tables that were encoded as data may have names now: then the item begins again.
static void refresh_names(vts_encoder *e, lua_State *L) {
  if (e->fresh) return;
  e->fresh = true;
  if (!vts_names_outdated(L)) return;
  if (vts_need_names(e, L)) e->again = e->memo.count > 0;
}

/// True if an entry of the index is the name of a hidden module, or of one of its fields.
static bool is_hidden(const vts_encoder *e, const char *entry, size_t length) {
  uint8_t head[2 * HEAD_SIZE];
  size_t begin = (size_t)(vts_put_head(vts_put_head(head, TAG, TAG_NAMED), ARRAY, 1) - head);
  if (length <= begin || memcmp(entry, head, begin - 1) != 0) return false;
  const uint8_t *name = e->hidden.bytes, *end = name + e->hidden.count;
  while (name < end) {
    // The head of a string of bytes, as vts_put_head has written it.
    unsigned info = *name & 31, size = info < 24 ? 0 : 1u << (info - 24);
    uint64_t count = size ? vts_read_number(name + 1, info - 24) : info;
    size_t whole = 1 + size + (size_t)count;
    if (length - begin >= whole && memcmp(entry + begin, name, whole) == 0) return true;
    name += whole;
  }
  return false;
}

/// Pushes the index's entry for the value on top and returns its bytes; NULL, and nothing pushed,
/// if it has none. The value stays.
static const char *name_of(vts_encoder *e, lua_State *L, size_t *length) {
  lua_pushvalue(L, -1);
  if (lua_rawget(L, e->names) == LUA_TSTRING) {
    const char *entry = lua_tolstring(L, -1, length);
    if (!e->hidden.count || !is_hidden(e, entry, *length)) return entry;
  }
  lua_settop(L, -2);
  return NULL;
}

static void append(vts_encoder *e, const char *bytes, size_t length) {
  uint8_t *at = vts_room(e, length);
  if (!at) return;
  memcpy(at, bytes, length);
  vts_advance(e, at + length);
}

/// True if an entry of the index is a class, not a name. Both are written unchanged.
static bool is_class_step(const char *name) {
  uint8_t head[HEAD_SIZE + 8];
  size_t length = (size_t)(vts_put_head(head, TAG, TAG_CLASS) - head);
  return memcmp(name, head, length) == 0;
}

/// Takes the value on top and writes its name, if it has one.
static bool write_named(vts_encoder *e, lua_State *L) {
  size_t length;
  const char *name = name_of(e, L, &length);
  if (!name) return false;
  append(e, name, length);
  lua_settop(L, -3);
  return true;
}

/// Like write_named, after modules were searched for fields that they got after their first update.
static bool write_named_thoroughly(vts_encoder *e, lua_State *L) {
  refresh_names(e, L);
  if (e->again || e->failure || write_named(e, L)) return true;
  if (e->thorough) return false;
  e->thorough = true;
  return !vts_need_names(e, L) || write_named(e, L);
}

/// Takes the value on top and writes its number, if the receiver has it.
static bool write_root(vts_encoder *e, lua_State *L) {
  const void *address = e->root_count ? lua_topointer(L, -1) : NULL;
  for (size_t i = 0; i < e->root_count; i++) {
    if (e->roots[i].address != address) continue;
    vts_head(e, TAG, TAG_ROOT);
    vts_head(e, UNSIGNED, e->roots[i].number);
    lua_settop(L, -2);
    return true;
  }
  return false;
}

// MARK: Containers

/// Writes the beginning of an object, up to its table. The metatable lies above the table, and is
/// taken.
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
    return e->rules & VTS_PARTIAL;
  }
  vts_head(e, TAG, TAG_OBJECT);
  vts_head(e, ARRAY, 2);
  append(e, name, length);
  lua_settop(L, -3);
  return true;
}

static void begin_table(vts_encoder *e, lua_State *L) {
  if (write_root(e, L)) return;
  size_t length;
  const char *class = name_of(e, L, &length);
  if (class && !is_class_step(class)) {
    if (vts_still_has_name(L, class)) {
      append(e, class, length);
      lua_settop(L, -3);
      return;
    }
    lua_settop(L, -2);
    class = NULL;
  }
  vts_memo_result result = vts_memo_add(&e->memo, lua_topointer(L, class ? -2 : -1), e->out.count);
  if (result != MEMO_NEW) {
    if (result == MEMO_NO_MEMORY) vts_fail(e, VTS_NO_MEMORY);
    lua_settop(L, class ? -3 : -2);
    return;
  }
  if (class) {
    // A definition of a class: the same tag, with the name and the content.
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

/// Writes the string on top as a reference, if the host shares it.
static bool share_string(vts_encoder *e, lua_State *L) {
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  if (!e->sink.share) return false;
  int64_t number = e->sink.share(e->sink.context, L, lua_gettop(L), bytes, length);
  if (number < 0) return false;
  e->refers = true;
  vts_head(e, TAG, TAG_SHARED_STRING);
  vts_head(e, UNSIGNED, (uint64_t)number);
  return true;
}

/// Writes the userdata on top as a reference, if it is a host object that may be encoded.
static bool refer(vts_encoder *e, lua_State *L) {
  if (!(e->rules & VTS_REFERENCES) || !e->sink.refer) return false;
  int64_t number = e->sink.refer(e->sink.context, L, lua_gettop(L));
  if (number < 0) return false;
  e->refers = true;
  vts_head(e, TAG, TAG_HOST);
  vts_head(e, UNSIGNED, (uint64_t)number);
  return true;
}

static void begin_string(vts_encoder *e, lua_State *L) {
  vts_allocates(e, L);
  if (!share_string(e, L)) {
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
      if (write_root(e, L)) return;
      if (e->rules & VTS_FUNCTIONS) return vts_begin_function(e, L);
      vts_refuse(e, L, WHAT_FUNCTION);
      break;
    case LUA_TUSERDATA:
      if (vts_begin_array(e, L)) return;
      refresh_names(e, L);
      if (e->again || e->failure || write_named(e, L)) return;
      if (refer(e, L)) break;
      if (write_named_thoroughly(e, L)) return;
      vts_refuse(e, L, WHAT_USERDATA);
      break;
    case LUA_TLIGHTUSERDATA:
      if (write_named_thoroughly(e, L)) return;
      vts_refuse(e, L, WHAT_LIGHT);
      break;
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
      case FRAME_SORTED:
        if (vts_step_sorted(e, L)) vts_begin(e, L);
        break;
      case FRAME_FUNCTION:
        if (vts_step_function(e, L)) vts_begin(e, L);
        break;
    }
  }
}
