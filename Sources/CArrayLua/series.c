// SPDX-License-Identifier: BSD-3-Clause
//
// Integrals, convolution, interpolation and partial order.

#include <Series.h>
#include <Sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "elementwise.h"
#include "options.h"

// MARK: Integrals

/// Pushes the part of the array at `index` from an element on, along an axis, without one element.
static int push_part(lua_State *L, int index, int axis, bool second) {
  va_view view;
  vta_array *array = vta_test(L, index);
  vta_view(L, array, &view);
  if (view.shape[axis] > 0) {
    view.shape[axis]--;
    if (second && view.shape[axis] > 0) view.data += view.strides[axis];
  }
  vta_push_view(L, array, &view);
  return lua_gettop(L);
}

/// Pushes the distances of the places at 2, in a shape that fits the array.
static void push_steps(lua_State *L, const va_view *y, int axis) {
  va_view x;
  vta_array *places = vta_read_floats(L, 2, "trapezoid");
  vta_view(L, places, &x);
  bool fits = x.axes == 1 ? x.shape[0] == y->shape[axis] : x.axes == y->axes;
  for (int i = 0; fits && x.axes > 1 && i < x.axes; i++) fits = x.shape[i] == y->shape[i];
  if (!fits)
    luaL_error(L,
               "trapezoid: the places have shape %s, and y has shape %s; axis %d has %I elements",
               vta_push_shape_text(L, x.axes, x.shape), vta_push_shape_text(L, y->axes, y->shape),
               axis + 1, (LUAI_UACINT)y->shape[axis]);
  lua_pushvalue(L, 2);
  lua_pushinteger(L, x.axes == 1 ? 1 : axis + 1);
  vta_call_function(L, "diff", 2, 1);
  if (x.axes > 1) return;
  lua_createtable(L, y->axes, 0);
  for (int i = 0; i < y->axes; i++) {
    lua_pushinteger(L, i == axis ? -1 : 1);
    lua_rawseti(L, -2, i + 1);
  }
  if (vta_test(L, -2)->lengths[0] == 0) {
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, axis + 1);
  }
  vta_call_function(L, "reshape", 2, 1);
}

/// trapezoid(y, x, axis) or trapezoid(y, { dx =, axis = }): the area under straight lines.
static int trapezoid(lua_State *L) {
  const char *function = "trapezoid";
  lua_settop(L, 3);
  if (vta_is_options(L, 2)) {
    if (!lua_isnil(L, 3)) return luaL_error(L, "%s: the options come last", function);
    lua_pushnil(L);
    lua_insert(L, 2);
    lua_settop(L, 3);
  }
  int options = vta_is_options(L, 3) ? 3 : 0, axis_at = lua_isnil(L, 3) || options ? 0 : 3;
  if (options) {
    vta_check_options(L, 3, function, "axis dx array");
    if (vta_push_option(L, 3, "axis")) axis_at = lua_gettop(L);
  }
  if (lua_type(L, 2) == LUA_TNUMBER)
    return luaL_error(L, "%s: argument 2 must be the places of the elements; "
                      "write { dx = %s } for their distance", function, luaL_tolstring(L, 2, NULL));
  bool has_step = options && vta_push_option(L, 3, "dx");
  if (has_step && !lua_isnil(L, 2))
    return luaL_error(L, "%s: give the places or the option 'dx', not both", function);
  if (has_step && lua_type(L, -1) != LUA_TNUMBER)
    return luaL_error(L, "%s: the option 'dx' must be a number, got %s", function,
                      luaL_typename(L, -1));
  if (!has_step) lua_pushinteger(L, 1);
  int step = lua_gettop(L);
  vta_array *array = vta_read_floats(L, 1, function);
  va_view y;
  vta_view(L, array, &y);
  if (y.axes == 0) return luaL_error(L, "%s: an array without axes has no order", function);
  int axis = axis_at ? vta_read_axis(L, axis_at, y.axes, &y, function) : y.axes - 1;
  va_dtype dtype = y.dtype;
  if (!lua_isnil(L, 2)) {
    push_steps(L, &y, axis);
    step = lua_gettop(L);
    dtype = va_promote(dtype, (va_dtype)vta_test(L, step)->dtype);
  }
  int first = push_part(L, 1, axis, false), second = push_part(L, 1, axis, true);
  vta_push_operation(L, LUA_OPADD, first, second);
  lua_pushvalue(L, step);
  lua_arith(L, LUA_OPMUL);
  lua_pushinteger(L, 2);
  lua_arith(L, LUA_OPDIV);
  lua_pushinteger(L, axis + 1);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, true);
  lua_setfield(L, -2, "array");
  vta_call_function(L, "sum", 3, 1);
  vta_finish(L, dtype, options, function);
  return 1;
}

// MARK: Convolution

/// Reads the argument at `index` as a contiguous vector of the type.
static vta_array *read_vector(
    lua_State *L, int index, va_dtype dtype, va_view *view, const char *function) {
  vta_array *array = vta_read_as(L, index, dtype, function);
  vta_view(L, array, view);
  if (view->axes != 1)
    luaL_error(L, "%s: argument %d must have 1 axis, shape %s", function, index,
               vta_push_shape_text(L, view->axes, view->shape));
  if (view->shape[0] == 0) luaL_error(L, "%s: argument %d has no elements", function, index);
  if (!va_is_contiguous(view)) {
    array = vta_push_copy(L, array, view);
    lua_replace(L, index);
  }
  return array;
}

/// convolve(a, b, { mode = "full" | "same" | "valid" })
static int convolve(lua_State *L) {
  const char *function = "convolve";
  lua_settop(L, 3);
  vta_check_options(L, 3, function, "mode");
  const char *mode = "full";
  if (vta_push_option(L, 3, "mode")) mode = lua_tostring(L, -1);
  bool is_known = mode && (strcmp(mode, "full") == 0 || strcmp(mode, "same") == 0 ||
                           strcmp(mode, "valid") == 0);
  if (!is_known)
    return luaL_error(L, "%s: mode must be \"full\", \"same\" or \"valid\", got %s", function,
                      luaL_tolstring(L, -1, NULL));
  for (int i = 1; i <= 2; i++) vta_to_array(L, i, VA_DTYPES, function);
  vta_operands operands = {.count = 2, .at = {1, 2}};
  vta_read_operands(L, &operands, function);
  va_dtype dtype = vta_common_type(&operands, 0);
  if (dtype == VA_BOOL) return luaL_error(L, "%s: not defined for bool", function);
  va_view a, b;
  vta_array *arrays[] = {read_vector(L, 1, dtype, &a, function),
                         read_vector(L, 2, dtype, &b, function)};
  int64_t n = a.shape[0], m = b.shape[0], least = n < m ? n : m, most = n < m ? m : n;
  int64_t length = mode[0] == 'f' ? n + m - 1 : mode[0] == 's' ? most : most - least + 1;
  int64_t first = mode[0] == 'f' ? 0 : mode[0] == 's' ? (least - 1) / 2 : least - 1;
  va_view out = {.dtype = dtype, .axes = 1, .shape = {length}};
  vta_new(L, &out, true);
  vta_view(L, arrays[0], &a);
  vta_view(L, arrays[1], &b);
  va_detail detail = vta_new_detail();
  va_status status = n >= m ? va_convolve(&a, &b, first, &out, &detail)
                            : va_convolve(&b, &a, first, &out, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, dtype, &out);
  return 1;
}

// MARK: Interpolation

/// The number of the option `name`, or the given one.
static double end_option(lua_State *L, int options, const char *name, double otherwise) {
  if (!vta_push_option(L, options, name)) return otherwise;
  if (lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "interp: the option '%s' must be a number, got %s", name, luaL_typename(L, -1));
  otherwise = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return otherwise;
}

/// interp(x, places, values, { left =, right =, array = })
static int interp(lua_State *L) {
  const char *function = "interp";
  lua_settop(L, 4);
  vta_check_options(L, 4, function, "left right array");
  bool single = true;
  for (int i = 1; i <= 3; i++) {
    va_dtype type = (va_dtype)vta_read_floats(L, i, function)->dtype;
    if (va_is_complex(type))
      return luaL_error(L, "%s: not defined for %s", function, va_name(type));
    single = single && (type == VA_FLOAT32 || i == 2);
  }
  va_view x, places, values, out;
  vta_read_as(L, 1, VA_FLOAT64, function);
  vta_array *at = read_vector(L, 2, VA_FLOAT64, &places, function);
  vta_array *given = read_vector(L, 3, VA_FLOAT64, &values, function);
  int64_t n = places.shape[0];
  if (n != values.shape[0])
    return luaL_error(L, "%s: %I places are given, and %I values", function, (LUAI_UACINT)n,
                      (LUAI_UACINT)values.shape[0]);
  const double *place = (const double *)places.data;
  for (int64_t i = 1; i < n; i++)
    if (!(place[i - 1] <= place[i])) {
      lua_pushnumber(L, place[i]);
      return luaL_error(L, "%s: the places must increase, and place %I is %s; sort them first",
                        function, (LUAI_UACINT)(i + 1), luaL_tolstring(L, -1, NULL));
    }
  vta_view(L, vta_test(L, 1), &x);
  out = x;
  vta_new(L, &out, true);
  vta_view(L, vta_test(L, 1), &x);
  vta_view(L, at, &places);
  vta_view(L, given, &values);
  const double *value = (const double *)values.data;
  double left = end_option(L, 4, "left", value[0]), right = end_option(L, 4, "right", value[n - 1]);
  va_detail detail = vta_new_detail();
  va_status status = va_interpolate(
      &x, (const double *)places.data, value, n, left, right, &out, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, VA_FLOAT64, &out);
  vta_finish(L, single ? VA_FLOAT32 : VA_FLOAT64, 4, function);
  return 1;
}

// MARK: Partial order

static int compare_places(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

/// partition(a, k, axis): element k is where sorting would put it, and no greater one is before it.
static int partition(lua_State *L) {
  const char *function = "partition";
  lua_settop(L, 3);
  if (vta_is_options(L, 3)) {
    vta_check_options(L, 3, function, "axis");
    lua_getfield(L, 3, "axis");
    lua_replace(L, 3);
  }
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  va_view view, result, list;
  vta_view(L, array, &view);
  if (view.axes == 0) return luaL_error(L, "%s: an array without axes has no order", function);
  int axis = lua_isnil(L, 3) ? view.axes - 1 : vta_read_axis(L, 3, view.axes, &view, function);
  if (lua_isnil(L, 2))
    return luaL_error(L, "%s: argument 2 must be an index, or a list of them, got nil", function);
  vta_array *wanted = vta_to_array(L, 2, VA_DTYPES, function);
  vta_view(L, wanted, &list);
  if (!va_is_integer(list.dtype) && va_count(&list) > 0)
    return luaL_error(L, "%s: the places must be integers, not %s", function,
                      va_name((va_dtype)wanted->dtype));
  vta_push_cast(L, wanted, VA_INT64, &list, function);
  int64_t count = va_count(&list), *places = (int64_t *)list.data;
  if (count > 1 << 20)
    return luaL_error(L, "%s: %I places are too many", function, (LUAI_UACINT)count);
  for (int64_t i = 0; i < count; i++) places[i] = vta_element_index(L, places[i], &view, axis);
  qsort(places, (size_t)count, sizeof *places, compare_places);
  result = view;
  vta_new(L, &result, true);
  vta_view(L, array, &view);
  va_detail detail = vta_new_detail();
  va_status status = va_partition(&view, axis, places, (int)count, &result, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, view.dtype, &view);
  return 1;
}

const luaL_Reg vta_series_functions[] = {
    {"trapezoid", trapezoid}, {"convolve", convolve}, {"interp", interp},
    {"partition", partition}, {NULL, NULL}};
