// SPDX-License-Identifier: BSD-3-Clause
//
// Tables: lists of numbers of one type, other lists, and maps.

#include <lua_internals.h>

#include "values.h"

enum { TYPED_HEAD = 5 + 2 + HEAD_SIZE };

static uint8_t *put_typed_head(uint8_t *at, bool floats, int64_t n) {
  at = vts_put_head(at, TAG, TAG_LIST);
  at = vts_put_head(at, TAG, floats ? TAG_FLOAT64 : TAG_INT64);
  return vts_put_head(at, BYTES, (uint64_t)n * 8);
}

/// Writes the number at `index` if it has the type.
static inline bool put_number(lua_State *L, int index, bool floats, uint8_t *at, bool one_nan) {
  if (floats) {
    if (lua_isinteger(L, index) || lua_type(L, index) != LUA_TNUMBER) return false;
    lua_Number value = lua_tonumberx(L, index, NULL);
    if (value != value && one_nan) value = __builtin_nan("");
    memcpy(at, &value, 8);
    return true;
  }
  if (!lua_isinteger(L, index)) return false;
  lua_Integer value = lua_tointegerx(L, index, NULL);
  memcpy(at, &value, 8);
  return true;
}

typedef struct {
  int64_t pairs;    ///< the number of pairs
  int64_t inside;   ///< the number of pairs with a key from 1 to `border`
  int64_t border;
  bool in_order;    ///< 1, 2, 3, ...
  bool of_one_type; ///< all numbers of one kind so far
  bool floats;
} vts_scan;

static void count_pair(lua_State *L, vts_scan *s) {
  s->pairs++;
  if (!lua_isinteger(L, -2)) {
    s->in_order = false;
    return;
  }
  lua_Integer key = lua_tointegerx(L, -2, NULL);
  if (key != s->pairs) s->in_order = false;
  if (key >= 1 && key <= s->border) s->inside++;
}

/// Traverses the table on top once. While it may be a list of one type, writes its numbers at
/// `at`; they are valid if `of_one_type` is still set at the end.
static void scan(lua_State *L, vts_scan *s, uint8_t *at, bool one_nan) {
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    count_pair(L, s);
    if (s->of_one_type) {
      s->of_one_type = s->pairs <= s->border && put_number(L, -1, s->floats, at, one_nan);
      at += 8;
    }
    lua_settop(L, -2);
  }
}

/// Writes a list of one type whose keys were not traversed in order; false if it is none.
static bool put_unordered(lua_State *L, int64_t n, bool floats, uint8_t *at, bool one_nan) {
  for (int64_t i = 1; i <= n; i++, at += 8) {
    lua_rawgeti(L, -1, i);
    bool fits = put_number(L, -1, floats, at, one_nan);
    lua_settop(L, -2);
    if (!fits) return false;
  }
  return true;
}

enum { AT_ONCE = 8 };

/// Writes a list of one type without a traversal; false when it is none, or when that takes a
/// traversal.
///
/// To find out whether a table has keys besides its list, it must be traversed, which is the
/// larger part of the cost of a long list. A table whose hash part has at most one node is the
/// exception: lua_next after the last element returns the only other key, if there is one.
static bool put_plain_list(lua_State *L, int64_t n, bool floats, uint8_t *at, bool one_nan) {
  if (vtl_node_power(L, -1) != 0) return false;
  int table = lua_gettop(L);
  if (!lua_checkstack(L, AT_ONCE)) return false;
  for (int64_t i = 0; i < n; i += AT_ONCE) {
    int count = n - i < AT_ONCE ? (int)(n - i) : AT_ONCE;
    for (int k = 1; k <= count; k++) lua_rawgeti(L, table, i + k);
    bool fit = true;
    for (int k = 1; k <= count && fit; k++, at += 8)
      fit = put_number(L, table + k, floats, at, one_nan);
    lua_settop(L, table);
    if (!fit) return false;
  }
  lua_pushinteger(L, n);
  bool more = lua_next(L, table);
  lua_settop(L, table);
  return !more;
}

void vts_begin_table(vts_encoder *e, lua_State *L) {
  vts_scan s = {.border = (int64_t)lua_rawlen(L, -1), .in_order = true};
  uint8_t *at = NULL;
  bool one_nan = e->rules & VTS_CANONICAL;
  // Each element takes a byte or more.
  if (e->limit && (uint64_t)s.border > e->limit) {
    vts_fail(e, VTS_TOO_LONG);
    lua_settop(L, -2);
    return;
  }
  if (s.border >= TYPED_LIST) {
    lua_rawgeti(L, -1, 1);
    s.of_one_type = lua_type(L, -1) == LUA_TNUMBER;
    s.floats = !lua_isinteger(L, -1);
    lua_settop(L, -2);
    if (s.of_one_type) {
      if (!(at = vts_room(e, TYPED_HEAD + (size_t)s.border * 8))) {
        lua_settop(L, -2);
        return;
      }
      at = put_typed_head(at, s.floats, s.border);
      if (put_plain_list(L, s.border, s.floats, at, one_nan)) {
        vts_advance(e, at + s.border * 8);
        lua_settop(L, -2);
        return;
      }
    }
  }
  bool may_be_typed = s.of_one_type;
  scan(L, &s, at, one_nan);
  bool is_list = s.pairs == s.border && s.inside == s.pairs;
  if (is_list && may_be_typed &&
      (s.in_order ? s.of_one_type : put_unordered(L, s.border, s.floats, at, one_nan))) {
    vts_advance(e, at + s.border * 8);
    lua_settop(L, -2);
    return;
  }
  int slot = lua_gettop(L);
  if (is_list) {
    vts_head(e, ARRAY, (uint64_t)s.pairs);
    vts_push_frame(e, L, FRAME_LIST, slot, s.pairs);
  } else if (e->rules & VTS_CANONICAL) {
    vts_begin_sorted(e, L, s.pairs);
  } else {
    vts_head(e, MAP, (uint64_t)s.pairs);
    if (vts_push_frame(e, L, FRAME_MAP, slot, s.pairs)) lua_pushnil(L);
  }
}
