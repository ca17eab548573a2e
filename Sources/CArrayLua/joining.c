// SPDX-License-Identifier: BSD-3-Clause
//
// Several arrays as one, and one as several.

#include <string.h>

#include "array.h"

/// Pushes the arrays of the list at 1, and finds their common type; returns their number.
static int push_list(lua_State *L, va_dtype *dtype, const char *function) {
  vta_array *whole = vta_test(L, 1);
  if (!whole && lua_type(L, 1) != LUA_TTABLE)
    luaL_error(L, "%s: argument 1 must be a list of arrays, got %s", function, luaL_typename(L, 1));
  lua_Integer count = vta_list_length(L, 1);
  if (count == 0) luaL_error(L, "%s: the list of arrays is empty", function);
  if (count > 100000) luaL_error(L, "%s: %I arrays are too many", function, (LUAI_UACINT)count);
  luaL_checkstack(L, (int)count + 16, "arrays");
  *dtype = VA_DTYPES;
  for (int i = 1; i <= count; i++) {
    lua_geti(L, 1, i);
    va_dtype type = (va_dtype)vta_to_array(L, lua_gettop(L), VA_DTYPES, function)->dtype;
    va_dtype common = *dtype == VA_DTYPES ? type : va_promote(*dtype, type);
    if (common == VA_DTYPES)
      luaL_error(L, "%s: %s and %s have no common type; convert one with astype", function,
                 va_name(*dtype), va_name(type));
    *dtype = common;
  }
  return (int)count;
}

/// Copies the array at `index` to `target`, converted to its type. The data of `result`, which
/// target is part of, is taken again after that.
static void put(
    lua_State *L, int index, const vta_array *result, va_view target, const char *function) {
  va_view from, whole;
  vta_view(L, result, &whole);
  int64_t offset = target.data - whole.data;
  vta_array *array = vta_test(L, index);
  if ((va_dtype)array->dtype != target.dtype)
    array = vta_push_cast(L, array, target.dtype, &from, function);
  vta_view(L, result, &whole);
  target.data = whole.data + offset;
  vta_view(L, array, &from);
  va_assign(&from, &target);
  lua_settop(L, lua_gettop(L) - ((va_dtype)vta_test(L, index)->dtype != target.dtype));
}

static int concat(lua_State *L) {
  va_view first, next, result;
  lua_settop(L, 2);
  int count = push_list(L, &result.dtype, "concat");
  va_dtype dtype = result.dtype;
  vta_view(L, vta_test(L, 3), &first);
  if (first.axes == 0)
    return luaL_error(L, "concat: arrays without axes cannot be joined; use stack");
  int axis = 0;
  if (!lua_isnil(L, 2)) axis = vta_read_axis(L, 2, first.axes, &first, "concat");
  result = first;
  result.dtype = dtype;
  for (int i = 1; i < count; i++) {
    vta_view(L, vta_test(L, 3 + i), &next);
    bool fits = next.axes == first.axes;
    for (int other = 0; fits && other < first.axes; other++)
      fits = other == axis || next.shape[other] == first.shape[other];
    if (!fits)
      return luaL_error(L, "concat: array %d of shape %s does not fit shape %s along axis %d",
                        i + 1, vta_push_shape_text(L, next.axes, next.shape),
                        vta_push_shape_text(L, first.axes, first.shape), axis + 1);
    result.shape[axis] += next.shape[axis];
  }
  vta_array *array = vta_new(L, &result, true);
  va_view target = result;
  for (int i = 0; i < count; i++) {
    int64_t length = vta_test(L, 3 + i)->lengths[axis];
    target.shape[axis] = length;
    put(L, 3 + i, array, target, "concat");
    target.data += length * target.strides[axis];
  }
  return 1;
}

static int stack(lua_State *L) {
  va_view first, next, result;
  lua_settop(L, 2);
  int count = push_list(L, &result.dtype, "stack"), axis = 0;
  va_dtype dtype = result.dtype;
  vta_view(L, vta_test(L, 3), &first);
  if (!lua_isnil(L, 2)) axis = vta_read_axis(L, 2, first.axes + 1, &first, "stack");
  if (first.axes == VA_MAX_AXES)
    return luaL_error(L, "stack: an array has at most %d axes", VA_MAX_AXES);
  for (int i = 1; i < count; i++) {
    vta_view(L, vta_test(L, 3 + i), &next);
    bool fits = next.axes == first.axes;
    for (int other = 0; fits && other < first.axes; other++)
      fits = next.shape[other] == first.shape[other];
    if (!fits)
      return luaL_error(L, "stack: array %d of shape %s does not fit shape %s", i + 1,
                        vta_push_shape_text(L, next.axes, next.shape),
                        vta_push_shape_text(L, first.axes, first.shape));
  }
  result = (va_view){.dtype = dtype, .axes = first.axes + 1};
  for (int other = 0, from = 0; other < result.axes; other++)
    result.shape[other] = other == axis ? count : first.shape[from++];
  vta_array *array = vta_new(L, &result, true);
  va_view target = {.dtype = dtype, .axes = first.axes, .data = result.data};
  for (int other = 0, to = 0; other < result.axes; other++) {
    if (other == axis) continue;
    target.shape[to] = result.shape[other];
    target.strides[to++] = result.strides[other];
  }
  for (int i = 0; i < count; i++) {
    put(L, 3 + i, array, target, "stack");
    target.data += result.strides[axis];
  }
  return 1;
}

static int unstack(lua_State *L) {
  va_view view;
  lua_settop(L, 2);
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "unstack");
  vta_view(L, array, &view);
  if (view.axes == 0) return luaL_error(L, "unstack: an array without axes has no parts");
  int axis = lua_isnil(L, 2) ? 0 : vta_read_axis(L, 2, view.axes, &view, "unstack");
  int64_t count = view.shape[axis];
  if (count > 100000 || !lua_checkstack(L, (int)count + 8))
    return luaL_error(L, "unstack: %I arrays are too many results", (LUAI_UACINT)count);
  for (int64_t i = 0; i < count; i++) {
    va_view part = {.dtype = view.dtype};
    vta_view(L, array, &view);
    part.data = view.data + i * view.strides[axis];
    for (int other = 0; other < view.axes; other++) {
      if (other == axis) continue;
      part.shape[part.axes] = view.shape[other];
      part.strides[part.axes++] = view.strides[other];
    }
    vta_push_derived(L, array, &part);
  }
  return (int)count;
}

/// Pushes the part from `first` (from 0) up to `end` along the axis.
static void push_part(lua_State *L, vta_array *array, int axis, int64_t first, int64_t end) {
  va_view part;
  vta_view(L, array, &part);
  if (end > first) part.data += first * part.strides[axis];
  part.shape[axis] = end > first ? end - first : 0;
  vta_push_derived(L, array, &part);
}

/// split(a, 3): a list of parts of equal length, or nearly; split(a, {3, 5}): of parts that begin
/// at these indices.
static int split(lua_State *L) {
  va_view view;
  lua_settop(L, 3);
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "split");
  vta_view(L, array, &view);
  if (view.axes == 0) return luaL_error(L, "split: an array without axes has no parts");
  int axis = lua_isnil(L, 3) ? 0 : vta_read_axis(L, 3, view.axes, &view, "split");
  int64_t length = view.shape[axis], at = 0;
  lua_newtable(L);
  if (lua_type(L, 2) == LUA_TTABLE) {
    lua_Integer count = vta_list_length(L, 2);
    for (lua_Integer i = 1; i - 1 <= count; i++) {
      if (vta_is_turn_to_check(i)) vta_check_stop(L);
      int64_t end = length;
      if (i <= count) {
        int exact;
        lua_geti(L, 2, i);
        lua_Integer index = lua_tointegerx(L, -1, &exact);
        if (!exact) return luaL_error(L, "split: element %I of the list is no integer",
                                      (LUAI_UACINT)i);
        end = index == length + 1 ? length : vta_element_index(L, index, &view, axis);
        if (end < at) return luaL_error(L, "split: the indices must be in ascending order");
        lua_pop(L, 1);
      }
      push_part(L, array, axis, at, end);
      lua_rawseti(L, -2, i);
      at = end;
    }
    return 1;
  }
  int exact;
  lua_Integer parts = lua_tointegerx(L, 2, &exact);
  if (!exact || parts < 1)
    return luaL_error(L, "split: argument 2 must be a number of parts or a list of indices, got %s",
                      luaL_tolstring(L, 2, NULL));
  for (lua_Integer i = 0; i < parts; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    int64_t end = at + length / parts + (i < length % parts ? 1 : 0);
    push_part(L, array, axis, at, end);
    lua_rawseti(L, -2, i + 1);
    at = end;
  }
  return 1;
}

const luaL_Reg vta_joining_functions[] = {
    {"concat", concat}, {"stack", stack}, {"unstack", unstack}, {"split", split}, {NULL, NULL}};
