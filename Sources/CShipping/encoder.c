// SPDX-License-Identifier: BSD-3-Clause
//
// Items: from stack slots to bytes. An item that fails leaves no bytes.

#define _GNU_SOURCE

#include <stdlib.h>

#include <lua_internals.h>

#include "names.h"
#include "put.h"
#include "steps.h"
#include "values.h"

static void clear(vts_encoder *e) {
  e->out.count = e->begin;
  e->depth = 0;
  e->code_count = 0;
  e->key_count = e->key_bytes.count = 0;
  e->refusals = 0;
  vts_memo_clear(&e->memo);
}

/// The stack values of an item.
struct item {
  vts_encoder *encoder;
  int first;
  int count;  ///< below 0: the item is the value `first` itself, not an array
};

/// Leaves any values on the stack; with an error value on top if `failure` is one of Lua's.
static void write_item(vts_encoder *e, lua_State *L, const struct item *item) {
  int top = lua_gettop(L);
  bool restarted = false;
  do {
    clear(e);
    e->again = false;
    lua_settop(L, top);
    if (vts_push_registry(L, REGISTRY_NAMES) != LUA_TTABLE) {
      if (!vts_need_names(e, L)) break;
      lua_settop(L, top);
      vts_push_registry(L, REGISTRY_NAMES);
    }
    e->names = top + 1;
    e->fresh = restarted;
    if (item->count < 0) {
      lua_pushvalue(L, item->first);
      if (vts_scalar(e, L, lua_type(L, -1))) break;
      vts_begin(e, L);
    } else {
      vts_head(e, ARRAY, (uint64_t)item->count);
      vts_push_frame(e, L, FRAME_ELEMENTS, item->first, item->count);
    }
    vts_walk(e, L);
    restarted = true;
  } while (e->again && !e->failure);
}

static int write_protected(lua_State *L) {
  struct item item = *(struct item *)lua_touserdata(L, -1);
  lua_settop(L, -2);
  item.encoder->room = lua_gettop(L) + LUA_MINSTACK - 1;
  write_item(item.encoder, L, &item);
  if (item.encoder->failure > 0) return lua_error(L);  // the error value lies on top
  return 0;
}

/// The canonical form creates strings: it runs under lua_pcall, on copies of the values.
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

/// Removes the bytes of an item that failed, or is longer than the limit.
static int within_limit(vts_encoder *e) {
  if (!e->failure && e->limit && e->out.count - e->begin > e->limit) e->failure = VTS_TOO_LONG;
  if (e->failure) e->out.count = e->begin;
  return e->failure;
}

static int finish(vts_encoder *e) {
  if (!e->failure && e->refusals && !(e->rules & VTS_PARTIAL)) e->failure = VTS_REFUSED;
  if (!e->failure && !vts_memo_share(&e->memo, &e->out)) e->failure = VTS_NO_MEMORY;
  return within_limit(e);
}

static int write_argument(vts_encoder *e, lua_State *L, struct item *item) {
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
  int status = write_argument(e, L, item);
  if (status > 0) {  // an error value lies on top
    lua_copy(L, -1, top + 1);
    top++;
  }
  lua_settop(L, top);
  if (e->postponed) vtl_resume_collector(L);
  return status;
}

void vts_encoder_limit(vts_encoder *e, size_t most) { e->limit = most; }

bool vts_encoder_hide(vts_encoder *e, const char *module, size_t length) {
  if (!vts_reserve(&e->hidden, HEAD_SIZE + length)) return false;
  uint8_t *at = vts_put_head(e->hidden.bytes + e->hidden.count, BYTES, length);
  memcpy(at, module, length);
  e->hidden.count = (size_t)(at - e->hidden.bytes) + length;
  return true;
}

bool vts_encoder_roots(vts_encoder *e, const vts_root *roots, size_t count) {
  e->root_count = 0;
  for (size_t i = 0; i < count; i++) {
    if (!VTS_ROOM_FOR_ONE(e->roots, e->root_count, e->root_capacity)) return false;
    e->roots[e->root_count++] = roots[i];
  }
  return true;
}

const char *vts_next_module(const uint8_t *bytes, size_t count, size_t *position, size_t *length) {
  uint8_t tag[HEAD_SIZE];
  size_t size = (size_t)(vts_put_head(tag, TAG, TAG_NAMED) - tag);
  while (*position < count) {
    const uint8_t *at = memmem(bytes + *position, count - *position, tag, size);
    if (!at) break;
    at += size + 1;  // the head of an array of one or two
    *position = (size_t)(at - bytes);
    if (*position >= count || *at >> 5 != BYTES) continue;
    unsigned info = *at & 31, more = info < 24 ? 0 : 1u << (info & 3);
    if (info > 25 || count - *position <= more) continue;
    *length = more ? vts_read_number(at + 1, info - 24) : info;
    at += 1 + more;
    if ((size_t)(bytes + count - at) < *length) continue;
    *position = (size_t)(at - bytes) + *length;
    return (const char *)at;
  }
  return NULL;
}

int vts_encode(vts_encoder *e, lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TNONE) type = LUA_TNIL;
  // A scalar needs no preparations.
  if (type <= LUA_TSTRING && type != LUA_TLIGHTUSERDATA) {
    e->begin = e->out.count;
    e->failure = 0;
    if (vts_scalar_at(e, L, index, type)) return within_limit(e);
  }
  struct item item = {e, lua_absindex(L, index), -1};
  return encode(e, L, &item);
}

int vts_encode_elements(vts_encoder *e, lua_State *L, int first, int count) {
  struct item item = {e, lua_absindex(L, first), count};
  return encode(e, L, &item);
}

vts_encoder *vts_encoder_new(int rules, vts_reference_sink sink) {
  vts_encoder *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->rules = rules;
  e->sink = sink;
  return e;
}

void vts_encoder_free(vts_encoder *e) {
  free(e->out.bytes);
  free(e->frames);
  vts_memo_free(&e->memo);
  free(e->codes);
  free(e->code.bytes);
  free(e->hidden.bytes);
  free(e->roots);
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
