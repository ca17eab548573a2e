// SPDX-License-Identifier: BSD-3-Clause

#include "tagged.h"

#include <lauxlib.h>
#include <lua_internals.h>
#include <string.h>

bool vts_read_list(vts_decoder *d, lua_State *L) {
  vts_item_head kind = vts_read_head(d, L);
  if (kind.major != TAG || (kind.number != TAG_FLOAT64 && kind.number != TAG_INT64))
    vts_malformed(d, L, "a list of an unknown type");
  vts_item_head head = vts_read_head(d, L);
  if (head.major != BYTES) vts_malformed(d, L, "a list without its bytes");
  const uint8_t *at = vts_read_bytes(d, L, head.number);
  uint64_t n = head.number / 8;
  if (head.number % 8) vts_malformed(d, L, "a list that ends within a number");
  if (n > INT32_MAX / 2) vts_malformed(d, L, "a list that is too long");
  if (d->fill) d->fill = false;
  else lua_createtable(L, (int)n, 0);
  vts_mark(d, L, SHARED_VALUE);
  bool floats = kind.number == TAG_FLOAT64;
  for (uint64_t i = 1; i <= n; i++, at += 8) {
    if (floats) {
      lua_Number value;
      memcpy(&value, at, 8);
      lua_pushnumber(L, value);
    } else {
      lua_Integer value;
      memcpy(&value, at, 8);
      lua_pushinteger(L, value);
    }
    lua_rawseti(L, -2, (lua_Integer)i);
  }
  return true;
}

// MARK: Functions

struct code {
  const char *bytes;
  size_t length;
};

static const char *next_piece(lua_State *L, void *context, size_t *length) {
  (void)L;
  struct code *code = context;
  *length = code->length;
  code->length = 0;
  return code->bytes;
}

static struct code read_code(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major == UNSIGNED) {
    if (head.number >= d->code_count) vts_malformed(d, L, "a reference to unknown code");
    return (struct code){(const char *)d->codes[head.number].bytes, d->codes[head.number].length};
  }
  if (head.major == TAG && head.number == TAG_CODE) head = vts_read_head(d, L);
  else head.major = SIMPLE;
  if (head.major != BYTES) vts_malformed(d, L, "a function without its code");
  const uint8_t *bytes = vts_read_bytes(d, L, head.number);
  if (!VTS_ROOM_FOR_ONE(d->codes, d->code_count, d->code_capacity)) vts_no_memory(d, L);
  d->codes[d->code_count].bytes = bytes;
  d->codes[d->code_count++].length = head.number;
  return (struct code){(const char *)bytes, head.number};
}

bool vts_read_function(vts_decoder *d, lua_State *L) {
  if (!d->trusted) vts_malformed(d, L, "a function; only data is accepted here");
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number < 1 || head.number > 1 + 255)
    vts_malformed(d, L, "a function without its code");
  struct code code = read_code(d, L);
  if (lua_load(L, next_piece, &code, "=code", "b") != LUA_OK) lua_error(L);
  lua_Debug ar;
  lua_pushvalue(L, -1);
  lua_getinfo(L, ">u", &ar);
  if (head.number != 1 + (uint64_t)ar.nups)
    vts_malformed(d, L, "a function with %llu upvalues for %d",
                  (unsigned long long)head.number - 1, ar.nups);
  uint64_t cells = head.number - 1;
  vts_expect(d, L, cells);
  vts_mark(d, L, SHARED_VALUE);
  // lua_load has set the first upvalue to the globals; every upvalue is set below.
  vts_open_new(d, L, OPEN_FUNCTION, lua_gettop(L), cells);
  return false;
}

bool vts_open_cell(vts_decoder *d, lua_State *L) {
  vts_open_frame *frame = &d->frames[d->depth - 1];
  int upvalue = (int)frame->i + 1;
  vts_item_head head = vts_read_head(d, L);
  if (head.major == TAG && head.number == TAG_REFERENCE) {
    head = vts_read_head(d, L);
    if (head.major != UNSIGNED || head.number >= d->shared_count ||
        d->shared[head.number] <= SHARED_VALUE)
      vts_malformed(d, L, "a reference that is not to an upvalue");
    lua_rawgeti(L, SLOT_SHARED, (lua_Integer)head.number + 1);
    lua_upvaluejoin(L, frame->slot, upvalue, -1, d->shared[head.number]);
    lua_settop(L, -2);
    frame->i++;
    return false;
  }
  if (head.major == TAG && head.number == TAG_SHARED) {
    if (!VTS_ROOM_FOR_ONE(d->shared, d->shared_count, d->shared_capacity)) vts_no_memory(d, L);
    d->mark = (int64_t)d->shared_count;
    d->shared[d->shared_count++] = SHARED_NOT_YET;
    vts_mark(d, L, upvalue);  // the function is on top
    head = vts_read_head(d, L);
  }
  if (head.major != ARRAY || head.number != 1) vts_malformed(d, L, "an upvalue without its cell");
  return true;
}

// MARK: References

static uint64_t read_reference(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != UNSIGNED) vts_malformed(d, L, "a reference without a number");
  if (!d->references) vts_malformed(d, L, "a reference; none is accepted here");
  return head.number;
}

bool vts_read_shared_string(vts_decoder *d, lua_State *L) {
  uint64_t number = read_reference(d, L);
  vts_shared_string *string = d->references->string(d->references->context, number);
  if (!string) vts_malformed(d, L, "a reference to nothing");
  // No finalizer may run while the lock is held: it could wait for the same lock.
  d->postponed = vtl_postpone_collector(L);
  pthread_rwlock_rdlock(&string->lock);
  d->reading = string;
  if (!string->bytes && string->length)
    luaL_error(L, "a shared string is gone: its Lua state was closed when memory was exhausted");
  lua_pushlstring(L, string->bytes, string->length);
  d->reading = NULL;
  pthread_rwlock_unlock(&string->lock);
  if (d->postponed) {
    d->postponed = false;
    vtl_resume_collector(L);
  }
  return true;
}

bool vts_read_host(vts_decoder *d, lua_State *L) {
  uint64_t number = read_reference(d, L);
  int status = d->references->push(d->references->context, L, number);
  if (status < 0) vts_malformed(d, L, "a reference to nothing");
  if (status > 0) lua_error(L);
  return true;
}

bool vts_read_root(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != UNSIGNED || head.number > INT32_MAX || d->roots == LUA_NOREF ||
      lua_rawgeti(L, LUA_REGISTRYINDEX, d->roots) != LUA_TTABLE)
    vts_malformed(d, L, "a reference to a value of the call; none is accepted here");
  int type = lua_rawgeti(L, -1, (lua_Integer)head.number);
  if (type != LUA_TTABLE && type != LUA_TFUNCTION)
    vts_malformed(d, L, "a reference to nothing");
  lua_remove(L, -2);
  return true;
}
