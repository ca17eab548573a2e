// SPDX-License-Identifier: BSD-3-Clause
//
// Tables: which are lists, which of those are of one type, and which are maps.

#include "encoder.h"

enum { TYPED_HEAD = 5 + 2 + HEAD_SIZE };

static uint8_t *put_typed_head(uint8_t *at, bool floats, int64_t n) {
  at = vts_put_head(at, TAG, TAG_LIST);
  at = vts_put_head(at, TAG, floats ? TAG_FLOAT64 : TAG_INT64);
  return vts_put_head(at, BYTES, (uint64_t)n * 8);
}

/// Puts the number on top if it is of the type.
static inline bool put_number(lua_State *L, bool floats, uint8_t *at, bool one_nan) {
  if (floats) {
    if (lua_isinteger(L, -1)) return false;
    int number;
    lua_Number value = lua_tonumberx(L, -1, &number);
    if (value != value && one_nan) value = __builtin_nan("");
    memcpy(at, &value, 8);
    return number;
  }
  if (!lua_isinteger(L, -1)) return false;
  lua_Integer value = lua_tointegerx(L, -1, NULL);
  memcpy(at, &value, 8);
  return true;
}

static inline bool is_number_of(lua_State *L, bool floats) {
  return lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1) == floats;
}

typedef struct {
  int64_t pairs;    ///< how many there are
  int64_t inside;   ///< how many have a key from 1 to `border`
  int64_t border;
  bool in_order;    ///< 1, 2, 3, ...
  bool of_one_type; ///< all numbers of one kind so far
  bool floats;
} vts_survey;

static void count_pair(lua_State *L, vts_survey *s) {
  s->pairs++;
  if (!lua_isinteger(L, -2)) {
    s->in_order = false;
    return;
  }
  lua_Integer key = lua_tointegerx(L, -2, NULL);
  if (key != s->pairs) s->in_order = false;
  if (key >= 1 && key <= s->border) s->inside++;
}

/// Goes once through the table on top. The numbers of what may be a list of one type are put at
/// `at` meanwhile; that holds when the survey says so in the end.
static void survey(lua_State *L, vts_survey *s, uint8_t *at, bool one_nan) {
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    count_pair(L, s);
    if (s->of_one_type) {
      s->of_one_type = lua_type(L, -1) == LUA_TNUMBER && s->pairs <= s->border &&
                       put_number(L, s->floats, at, one_nan);
      at += 8;
    }
    lua_settop(L, -2);
  }
}

/// The same for a list whose keys are not in order.
static bool put_unordered(lua_State *L, int64_t n, bool floats, uint8_t *at, bool one_nan) {
  for (int64_t i = 1; i <= n; i++, at += 8) {
    lua_rawgeti(L, -1, i);
    bool fits = is_number_of(L, floats) && put_number(L, floats, at, one_nan);
    lua_settop(L, -2);
    if (!fits) return false;
  }
  return true;
}

void vts_begin_table(vts_encoder *e, lua_State *L) {
  vts_survey s = {.border = (int64_t)lua_rawlen(L, -1), .in_order = true};
  uint8_t *at = NULL;
  bool one_nan = e->rules & VTS_CANONICAL;
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
    }
  }
  bool may_be_typed = s.of_one_type;
  survey(L, &s, at, one_nan);
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
