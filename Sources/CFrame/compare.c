// SPDX-License-Identifier: BSD-3-Clause
//
// Comparisons of the values of a list with one value.

#include <string.h>

#include "frame.h"

/// The order of two values of one type: -1, 0 or 1. False if they have none.
static bool order_of(lua_State *L, int a, int b, int *order) {
  int type = lua_type(L, a);
  if (type != lua_type(L, b)) return false;
  if (type == LUA_TNUMBER) {
    bool less = lua_compare(L, a, b, LUA_OPLT), equal = lua_rawequal(L, a, b);
    if (!less && !equal && !lua_compare(L, b, a, LUA_OPLT)) return false;  // NaN
    *order = less ? -1 : equal ? 0 : 1;
    return true;
  }
  if (type != LUA_TSTRING) {
    *order = lua_rawequal(L, a, b) ? 0 : 1;
    return type == LUA_TBOOLEAN;
  }
  size_t a_length, b_length;
  const char *a_text = lua_tolstring(L, a, &a_length), *b_text = lua_tolstring(L, b, &b_length);
  int found = memcmp(a_text, b_text, a_length < b_length ? a_length : b_length);
  if (found == 0) found = (a_length > b_length) - (a_length < b_length);
  *order = found < 0 ? -1 : found > 0;
  return true;
}

static bool holds(const char *operation, int order) {
  switch (operation[0]) {
    case '<': return operation[1] ? order <= 0 : order < 0;
    case '>': return operation[1] ? order >= 0 : order > 0;
    case '~': return order != 0;
    default: return order == 0;
  }
}

/// compare(list, rows, operation, value): an array of booleans. A missing value, or one of another type,
/// satisfies "~=" only; the operation "nil" finds the missing ones.
int vtf_compare(lua_State *L) {
  int64_t rows = luaL_checkinteger(L, 2);
  const char *operation = luaL_checkstring(L, 3);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 4);
  uint8_t *out = vtf_new_array(L, VA_BOOL, rows);
  for (int64_t i = 0; i < rows; i++) {
    if ((i & 0xffff) == 0) vtf_check_stop(L);
    int type = lua_rawgeti(L, 1, i + 1), order;
    if (operation[0] == 'n') out[i] = type == LUA_TNIL;
    else if (order_of(L, -1, 4, &order)) out[i] = holds(operation, order);
    else out[i] = operation[0] == '~' && type != LUA_TNIL;
    lua_pop(L, 1);
  }
  return 1;
}
