// SPDX-License-Identifier: BSD-3-Clause
//
// Loops over elements and rows.

#include <string.h>

#include "array.h"

static int op_len(lua_State *L) {
  vta_array *array = vta_check(L, 1, "#");
  if (array->axes == 0) return luaL_error(L, "#a: an array without axes has no length");
  lua_pushinteger(L, array->lengths[0]);
  return 1;
}

/// Pushes row number `row` (from 0), or the element of a one-axis array.
static void push_row(lua_State *L, const vta_array *array, int64_t row) {
  va_view view;
  vta_view(L, array, &view);
  view.data += row * view.strides[0];
  if (view.axes == 1) {
    vta_push_element(L, view.dtype, view.data);
    return;
  }
  view.axes--;
  memmove(view.shape, view.shape + 1, (size_t)view.axes * sizeof *view.shape);
  memmove(view.strides, view.strides + 1, (size_t)view.axes * sizeof *view.strides);
  vta_push_view(L, array, &view);
}

/// The step of pairs: (array, i) gives i + 1 and its row.
static int next_pair(lua_State *L) {
  vta_array *array = vta_check(L, 1, "pairs");
  lua_Integer index = luaL_checkinteger(L, 2);
  if (index < 0 || array->axes == 0 || index >= array->lengths[0]) return 0;
  lua_pushinteger(L, index + 1);
  push_row(L, array, index);
  return 2;
}

static int op_pairs(lua_State *L) {
  vta_check(L, 1, "pairs");
  lua_pushcfunction(L, next_pair);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

static int next_row(lua_State *L) {
  vta_array *array = vta_test(L, lua_upvalueindex(1));
  int64_t row = lua_tointeger(L, lua_upvalueindex(2));
  if (array->axes == 0 || row >= array->lengths[0]) return 0;
  lua_pushinteger(L, row + 1);
  lua_replace(L, lua_upvalueindex(2));
  push_row(L, array, row);
  return 1;
}

static int rows(lua_State *L) {
  vta_array *array = vta_check(L, 1, "rows");
  if (array->axes == 0) return luaL_error(L, "rows: an array without axes has no rows");
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_row, 2);
  return 1;
}

/// Pushes element number `number` in row-major order.
static void push_numbered(lua_State *L, const vta_array *array, int64_t number) {
  va_view view;
  vta_view(L, array, &view);
  for (int axis = view.axes - 1; axis >= 0; axis--) {
    view.data += number % view.shape[axis] * view.strides[axis];
    number /= view.shape[axis];
  }
  vta_push_element(L, view.dtype, view.data);
}

static int64_t count_of(const vta_array *array) {
  int64_t count = 1;
  for (int axis = 0; axis < array->axes; axis++) count *= array->lengths[axis];
  return count;
}

static int next_element(lua_State *L) {
  vta_array *array = vta_test(L, lua_upvalueindex(1));
  int64_t number = lua_tointeger(L, lua_upvalueindex(2));
  if (number >= count_of(array)) return 0;
  lua_pushinteger(L, number + 1);
  lua_replace(L, lua_upvalueindex(2));
  push_numbered(L, array, number);
  return 1;
}

static int iter(lua_State *L) {
  vta_check(L, 1, "iter");
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_element, 2);
  return 1;
}

/// map(f, dtype): the array of the results of f for each element.
static int map(lua_State *L) {
  vta_array *array = vta_check(L, 1, "map");
  if (lua_type(L, 2) != LUA_TFUNCTION)
    return luaL_error(L, "map: argument 2 must be a function, got %s", luaL_typename(L, 2));
  va_view view;
  vta_view(L, array, &view);
  va_dtype dtype = vta_dtype_option(L, 3, VA_DTYPES, "map");
  int64_t count = va_count(&view);
  lua_createtable(L, count < 1 << 24 ? (int)count : 0, 0);
  for (int64_t i = 0; i < count; i++) {
    lua_pushvalue(L, 2);
    push_numbered(L, array, i);
    lua_call(L, 1, 1);
    if (vta_is_turn_to_check(i)) vta_check_stop(L);  // a function in C runs no hook
    if (lua_isnil(L, -1)) return luaL_error(L, "map: the function has returned nil");
    lua_rawseti(L, -2, i + 1);
  }
  view.dtype = dtype;
  vta_push_collected(L, &view, "map");
  return 1;
}

const luaL_Reg vta_iteration_functions[] = {
    {"iter", iter}, {"rows", rows}, {"map", map}, {NULL, NULL}};
const luaL_Reg vta_iteration_operators[] = {
    {"__len", op_len}, {"__pairs", op_pairs}, {NULL, NULL}};
const luaL_Reg vta_index_operators[] = {
    {"__index", vta_index}, {"__newindex", vta_newindex}, {"__call", vta_call}, {NULL, NULL}};
