// SPDX-License-Identifier: BSD-3-Clause
//
// The order of values of any type.

#include <stdlib.h>
#include <string.h>

#include "frame.h"

typedef struct {
  const char *text;
  size_t length;
  double number;
  int64_t integer;
  int type;  // 0: a boolean, 1: a number, 2: a text, 3: missing
  bool is_integer;
  int64_t place;
} ranked_value;

static int compare_values(const void *first, const void *second) {
  const ranked_value *a = first, *b = second;
  if (a->type != b->type) return a->type < b->type ? -1 : 1;
  if (a->type == 2) {
    size_t length = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, length);
    if (order) return order;
    return (a->length > b->length) - (a->length < b->length);
  }
  if (a->type == 3) return 0;
  if (a->is_integer && b->is_integer)
    return (a->integer > b->integer) - (a->integer < b->integer);
  return (a->number > b->number) - (a->number < b->number);
}

static void read_ranked_value(lua_State *L, ranked_value *value, int64_t row) {
  *value = (ranked_value){.type = 3, .place = row};
  switch (lua_type(L, -1)) {
    case LUA_TNIL: return;
    case LUA_TBOOLEAN:
      value->type = 0;
      value->is_integer = true;
      value->integer = lua_toboolean(L, -1);
      return;
    case LUA_TNUMBER:
      value->number = lua_tonumber(L, -1);
      value->is_integer = lua_isinteger(L, -1);
      value->integer = lua_tointeger(L, -1);
      value->type = value->number == value->number ? 1 : 3;
      return;
    case LUA_TSTRING:
      value->text = lua_tolstring(L, -1, &value->length);
      value->type = 2;
      return;
    default:
      luaL_error(L, "row %I of a column is a %s, which has no order", (LUAI_UACINT)row + 1,
                 luaL_typename(L, -1));
  }
}

/// rank(list, rows, codes, groups): for each row of a list the rank of its value, from 1: booleans,
/// numbers, then texts by their bytes; 0 for a missing value. `codes` are those of the list.
int vtf_rank(lua_State *L) {
  int64_t rows = luaL_checkinteger(L, 2), groups = luaL_checkinteger(L, 4), count;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 4);
  int64_t *out = vtf_new_array(L, VA_INT64, rows);
  ranked_value *values = vtf_memory(L, (size_t)(groups + 1) * sizeof *values);
  int64_t *ranks = vtf_memory(L, (size_t)(groups + 1) * sizeof *ranks);
  const int64_t *codes = vtf_integers(L, 3, &count);
  if (count != rows) return luaL_error(L, "rank: %I codes", (LUAI_UACINT)count);
  memset(ranks, 0, (size_t)(groups + 1) * sizeof *ranks);
  int64_t different = 0;
  for (int64_t i = 0; i < rows; i++) {
    if (codes[i] < 1 || codes[i] > groups) return luaL_error(L, "a code is out of range");
    if (ranks[codes[i]]) continue;
    ranks[codes[i]] = 1;
    lua_rawgeti(L, 1, i + 1);
    read_ranked_value(L, &values[different], i);
    values[different++].place = codes[i];
    lua_pop(L, 1);
  }
  vtf_check_stop(L);
  qsort(values, (size_t)different, sizeof *values, compare_values);
  for (int64_t i = 0; i < different; i++)
    ranks[values[i].place] = values[i].type == 3 ? 0 : i + 1;
  for (int64_t i = 0; i < rows; i++) out[i] = ranks[codes[i]];
  lua_pop(L, 2);
  return 1;
}
