// SPDX-License-Identifier: BSD-3-Clause

#include "encoder.h"

// MARK: Scalars

/// Strings that go by reference are left to vts_begin.
static inline bool scalar_at(vts_encoder *e, lua_State *L, int index, int type) {
  uint8_t *at;
  switch (type) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
      if (!(at = vts_room(e, 1))) return true;
      *at = type == LUA_TNIL ? 0xF6 : lua_toboolean(L, index) ? 0xF5 : 0xF4;
      e->out.count++;
      return true;
    case LUA_TNUMBER:
      if (!(at = vts_room(e, HEAD_SIZE))) return true;
      if (lua_isinteger(L, index)) {
        lua_Integer value = lua_tointegerx(L, index, NULL);
        at = value < 0 ? vts_put_head(at, NEGATIVE, ~(uint64_t)value)
                       : vts_put_head(at, UNSIGNED, (uint64_t)value);
      } else {
        lua_Number value = lua_tonumberx(L, index, NULL);
        uint64_t bits;
        memcpy(&bits, &value, 8);
        if (value != value && e->rules & VTS_CANONICAL) bits = 0x7FF8000000000000;
        bits = __builtin_bswap64(bits);
        *at++ = 0xFB;
        memcpy(at, &bits, 8);
        at += 8;
      }
      vts_advance(e, at);
      return true;
    case LUA_TSTRING: {
      size_t length;
      const char *bytes = lua_tolstring(L, index, &length);
      if (e->rules & VTS_REFERENCES && length >= LENT_STRING) return false;
      vts_bytes_item(e, BYTES, bytes, length);
      return true;
    }
    default: return false;
  }
}

static inline bool scalar(vts_encoder *e, lua_State *L, int type) {
  return scalar_at(e, L, -1, type);
}

bool vts_scalar(vts_encoder *e, lua_State *L, int type) { return scalar(e, L, type); }

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

/// Has the index on the stack, and up to date where `e` asks for it.
static bool need_names(vts_encoder *e, lua_State *L) {
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
  if (need_names(e, L)) e->again = e->memo.count > 0;
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
  return !need_names(e, L) || write_named(e, L);
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
    if (!need_names(e, L)) return false;
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
    lua_settop(L, -2);
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
    if (!scalar(e, L, lua_type(L, -1))) return vts_begin(e, L);
    lua_settop(L, -2);
  }
  e->depth--;
}

static void step_list(vts_encoder *e, lua_State *L, vts_frame *frame) {
  while (frame->i < frame->n) {
    int type = lua_rawgeti(L, frame->slot, ++frame->i);
    if (!scalar(e, L, type)) return vts_begin(e, L);
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
      if (!scalar(e, L, lua_type(L, -1))) {
        frame->in_key = true;
        return vts_begin(e, L);
      }
      lua_settop(L, -2);
    }
    if (!scalar(e, L, lua_type(L, -1))) return vts_begin(e, L);
    lua_settop(L, -2);
  }
  vts_pop_frame(e, L);
}

static void walk(vts_encoder *e, lua_State *L) {
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

// MARK: Items

static void clear(vts_encoder *e) {
  e->out.count = e->begin;
  e->depth = 0;
  e->code_count = 0;
  e->key_count = e->key_bytes.count = 0;
  e->refusals = 0;
  vts_memo_clear(&e->memo);
}

/// What an item is made of.
struct item {
  vts_encoder *encoder;
  int first;
  int count;  ///< below 0: the value itself
};

/// Leaves what it likes on the stack; an error value on top where `failure` is Lua's.
static void write_item(vts_encoder *e, lua_State *L, const struct item *item) {
  int top = lua_gettop(L);
  bool restarted = false;
  do {
    clear(e);
    e->again = false;
    lua_settop(L, top);
    if (vts_push_registry(L, REGISTRY_NAMES) != LUA_TTABLE) {
      if (!need_names(e, L)) break;
      lua_settop(L, top);
      vts_push_registry(L, REGISTRY_NAMES);
    }
    e->names = top + 1;
    e->fresh = restarted;
    if (item->count < 0) {
      lua_pushvalue(L, item->first);
      if (scalar(e, L, lua_type(L, -1))) break;
      vts_begin(e, L);
    } else {
      vts_head(e, ARRAY, (uint64_t)item->count);
      vts_push_frame(e, L, FRAME_ELEMENTS, item->first, item->count);
    }
    walk(e, L);
    restarted = true;
  } while (e->again && !e->failure);
}

static int write_protected(lua_State *L) {
  struct item item = *(struct item *)lua_touserdata(L, -1);
  lua_settop(L, -2);
  item.encoder->room = lua_gettop(L) + LUA_MINSTACK - 1;
  write_item(item.encoder, L, &item);
  if (item.encoder->failure > 0) return lua_error(L);  // its value lies on top
  return 0;
}

/// The canonical form makes strings: it runs protected, on copies of the values.
static int write_canonical(lua_State *L, struct item *item) {
  int values = item->count < 0 ? 1 : item->count;
  if (!lua_checkstack(L, values + 2)) return VTS_NO_STACK;
  vts_allocates(item->encoder, L);
  lua_pushcfunction(L, write_protected);
  for (int i = 0; i < values; i++) lua_pushvalue(L, item->first + i);
  item->first = 1;
  lua_pushlightuserdata(L, item);
  return lua_pcall(L, values + 1, 0, 0);
}

static int finish(vts_encoder *e) {
  if (!e->failure && e->refusals) e->failure = VTS_REFUSED;
  if (!e->failure && !vts_memo_share(&e->memo, &e->out)) e->failure = VTS_NO_MEMORY;
  if (e->failure) e->out.count = e->begin;
  return e->failure;
}

static int write(vts_encoder *e, lua_State *L, struct item *item) {
  int status = VTS_OK;
  if (e->rules & VTS_CANONICAL) status = write_canonical(L, item);
  else write_item(e, L, item);
  if (status != VTS_OK) vts_fail(e, status);
  return finish(e);
}

static int encode(vts_encoder *e, lua_State *L, struct item *item) {
  int top = lua_gettop(L);
  if (!lua_checkstack(L, 32)) return VTS_NO_STACK;
  e->room = top + 32;
  e->begin = e->out.count;
  e->failure = 0;
  e->thorough = e->postponed = false;
  int status = write(e, L, item);
  if (status > 0) {  // an error value lies on top
    lua_copy(L, -1, top + 1);
    top++;
  }
  lua_settop(L, top);
  if (e->postponed) vts_resume_collector(L);
  return status;
}

int vts_encode(vts_encoder *e, lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TNONE) type = LUA_TNIL;
  // A scalar needs none of what is prepared for the walk.
  if (type <= LUA_TSTRING && type != LUA_TLIGHTUSERDATA) {
    e->begin = e->out.count;
    e->failure = 0;
    if (scalar_at(e, L, index, type)) return e->failure;
  }
  struct item item = {e, lua_absindex(L, index), -1};
  return encode(e, L, &item);
}

int vts_encode_elements(vts_encoder *e, lua_State *L, int first, int count) {
  struct item item = {e, lua_absindex(L, first), count};
  return encode(e, L, &item);
}

vts_encoder *vts_encoder_new(int rules, vts_lender lender) {
  vts_encoder *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->rules = rules;
  e->lender = lender;
  return e;
}

void vts_encoder_free(vts_encoder *e) {
  free(e->out.bytes);
  free(e->frames);
  vts_memo_free(&e->memo);
  free(e->codes);
  free(e->code.bytes);
  free(e->keys);
  free(e->key_bytes.bytes);
  for (int i = 0; i < VTS_OFFENDERS; i++) {
    free(e->refused[i].path.bytes);
    free(e->refused[i].what.bytes);
  }
  free(e);
}

const uint8_t *vts_encoded(const vts_encoder *e, size_t *count) {
  *count = e->out.count;
  return e->out.bytes;
}

void vts_encoder_truncate(vts_encoder *e, size_t count) {
  if (count < e->out.count) e->out.count = count;
}

uint8_t *vts_encoder_room(vts_encoder *e, size_t more) {
  return vts_reserve(&e->out, more) ? e->out.bytes + e->out.count : NULL;
}

void vts_encoder_advance(vts_encoder *e, size_t count) { e->out.count += count; }

bool vts_encoder_refers(const vts_encoder *e) { return e->refers; }

uint8_t *vts_encoder_take(vts_encoder *e, size_t *count) {
  e->refers = false;
  uint8_t *bytes = e->out.bytes;
  *count = e->out.count;
  if (bytes && *count == 0) {
    free(bytes);
    bytes = NULL;
  } else if (bytes && e->out.capacity / 2 > *count + 64) {
    uint8_t *fitting = realloc(bytes, *count);
    if (fitting) bytes = fitting;
  }
  e->out = (vts_bytes){0};
  return bytes;
}
