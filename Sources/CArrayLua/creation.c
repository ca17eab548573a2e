// SPDX-License-Identifier: BSD-3-Clause
//
// New arrays: of one value, from Lua values, from bytes, from a function.

#include <string.h>

#include "array.h"
#include "options.h"

// MARK: One value

static void fill_one(va_view *view) {
  _Alignas(16) char element[16] = {0};
  switch (view->dtype) {
    case VA_FLOAT32:
    case VA_COMPLEX64: memcpy(element, &(float){1}, 4); break;
    case VA_FLOAT64:
    case VA_COMPLEX128: memcpy(element, &(double){1}, 8); break;
    default: element[0] = 1; break;
  }
  va_fill(view, element);
}

static int new_like_shape(lua_State *L, const char *function, bool ones) {
  va_view view;
  vta_read_shape(L, 1, &view, function);
  view.dtype = vta_dtype_option(L, 2, VA_FLOAT64, function);
  vta_new(L, &view, true);
  if (ones) fill_one(&view);
  return 1;
}

static int zeros(lua_State *L) { return new_like_shape(L, "zeros", false); }
static int ones(lua_State *L) { return new_like_shape(L, "ones", true); }
// No memory is ever uninitialised: results are kept and compared.
static int empty(lua_State *L) { return new_like_shape(L, "empty", false); }

static void read_like(lua_State *L, va_view *view, int dtype, const char *function) {
  vta_view(L, vta_check(L, 1, function), view);
  view->dtype = vta_dtype_option(L, dtype, view->dtype, function);
}

static int zeros_like(lua_State *L) {
  va_view view;
  read_like(L, &view, 2, "zeros_like");
  vta_new(L, &view, true);
  return 1;
}

static int ones_like(lua_State *L) {
  va_view view;
  read_like(L, &view, 2, "ones_like");
  vta_new(L, &view, true);
  fill_one(&view);
  return 1;
}

static va_dtype type_of_scalar(lua_State *L, int index, const char *function) {
  vta_array *array = vta_test(L, index);
  if (array && array->axes == 0) return (va_dtype)array->dtype;
  if (lua_type(L, index) == LUA_TBOOLEAN) return VA_BOOL;
  if (lua_type(L, index) == LUA_TNUMBER) return lua_isinteger(L, index) ? VA_INT64 : VA_FLOAT64;
  luaL_error(L, "%s: the value must be a number or a boolean, got %s", function,
             luaL_typename(L, index));
  return VA_DTYPES;
}

static int full(lua_State *L) {
  va_view view;
  _Alignas(16) char element[16];
  vta_read_shape(L, 1, &view, "full");
  view.dtype = vta_dtype_option(L, 3, type_of_scalar(L, 2, "full"), "full");
  vta_read_element(L, 2, view.dtype, element);
  vta_new(L, &view, false);
  va_fill(&view, element);
  return 1;
}

static int full_like(lua_State *L) {
  va_view view;
  _Alignas(16) char element[16];
  read_like(L, &view, 3, "full_like");
  type_of_scalar(L, 2, "full_like");
  vta_read_element(L, 2, view.dtype, element);
  vta_new(L, &view, false);
  va_fill(&view, element);
  return 1;
}

// MARK: Lua values

static int from(lua_State *L) {
  va_dtype dtype = vta_dtype_option(L, 2, VA_DTYPES, "array.from");
  vta_array *array = vta_test(L, 1);
  va_view view;
  if (!array) {
    vta_to_array(L, 1, dtype, "array.from");
    lua_settop(L, 1);
  } else if (dtype == VA_DTYPES || dtype == (va_dtype)array->dtype) {
    vta_push_copy(L, array, &view);
  } else {
    vta_push_cast(L, array, dtype, &view, "array.from");
  }
  return 1;
}

static int asarray(lua_State *L) {
  va_dtype dtype = vta_dtype_option(L, 2, VA_DTYPES, "asarray");
  vta_array *array = vta_test(L, 1);
  va_view view;
  if (!array) vta_to_array(L, 1, dtype, "asarray");
  if (!array || dtype == VA_DTYPES || dtype == (va_dtype)array->dtype) lua_settop(L, 1);
  else vta_push_cast(L, array, dtype, &view, "asarray");
  return 1;
}

static int generate(lua_State *L) {
  va_view view;
  vta_read_shape(L, 1, &view, "generate");
  if (lua_type(L, 2) != LUA_TFUNCTION)
    return luaL_error(L, "generate: argument 2 must be a function, got %s", luaL_typename(L, 2));
  view.dtype = vta_dtype_option(L, 3, VA_DTYPES, "generate");
  luaL_checkstack(L, VA_MAX_AXES + 4, "indices");
  vta_bytes(L, &view);
  int64_t index[VA_MAX_AXES] = {0}, count = va_count(&view);
  lua_createtable(L, count < 1 << 24 ? (int)count : 0, 0);
  for (int64_t i = 1; i <= count; i++) {
    lua_pushvalue(L, 2);
    for (int axis = 0; axis < view.axes; axis++) lua_pushinteger(L, index[axis] + 1);
    lua_call(L, view.axes, 1);
    if (vta_is_turn_to_check(i)) vta_check_stop(L);  // a function in C runs no hook
    if (lua_isnil(L, -1)) return luaL_error(L, "generate: the function has returned nil");
    lua_rawseti(L, -2, i);
    for (int axis = view.axes - 1; axis >= 0 && ++index[axis] == view.shape[axis]; axis--)
      index[axis] = 0;
  }
  vta_push_collected(L, &view, "generate");
  return 1;
}

static int frombytes(lua_State *L) {
  size_t length;
  if (lua_type(L, 1) != LUA_TSTRING)
    return luaL_error(L, "frombytes: argument 1 must be a string, got %s", luaL_typename(L, 1));
  const char *bytes = lua_tolstring(L, 1, &length);
  va_view view;
  view.dtype = vta_dtype_option(L, 2, VA_UINT8, "frombytes");
  size_t size = va_size(view.dtype);
  if (lua_isnoneornil(L, 3)) {
    view.axes = 1;
    view.shape[0] = (int64_t)(length / size);
    if (length % size)
      return luaL_error(L, "frombytes: %I bytes are no whole number of %s, of %d bytes each",
                        (LUAI_UACINT)length, va_name(view.dtype), (int)size);
  } else {
    vta_read_shape(L, 3, &view, "frombytes");
    size_t needed = vta_bytes(L, &view);
    if (needed != length)
      return luaL_error(L, "frombytes: shape %s of %s has %I bytes, got %I",
                        vta_push_shape_text(L, view.axes, view.shape), va_name(view.dtype),
                        (LUAI_UACINT)needed, (LUAI_UACINT)length);
  }
  vta_new(L, &view, false);
  memcpy(view.data, bytes, length);
  if (view.dtype == VA_BOOL)
    for (size_t i = 0; i < length; i++) view.data[i] = view.data[i] != 0;
  return 1;
}

/// Makes the argument an array of the floats that complex numbers of type `dtype` have.
static vta_array *complex_part(lua_State *L, int index, va_dtype dtype, va_view *view) {
  vta_array *array = vta_to_array(L, index, dtype, "complex");
  if (va_is_complex((va_dtype)array->dtype))
    luaL_error(L, "complex: argument %d must be real, got %s", index,
               va_name((va_dtype)array->dtype));
  if ((va_dtype)array->dtype == VA_BOOL) luaL_error(L, "complex: not defined for bool");
  array = vta_push_cast(L, array, dtype, view, "complex");
  lua_replace(L, index);
  return array;
}

static int complex(lua_State *L) {
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) {
    lua_pushinteger(L, 0);
    lua_replace(L, 2);
  }
  bool single = false, others = false;
  for (int i = 1; i <= 2; i++) {
    vta_array *array = vta_test(L, i);
    if (!array) others = others || !vta_is_scalar(L, i);
    else if ((va_dtype)array->dtype == VA_FLOAT32) single = true;
    else others = true;
  }
  va_dtype part = single && !others ? VA_FLOAT32 : VA_FLOAT64;
  va_view re, im, result = {.dtype = part == VA_FLOAT32 ? VA_COMPLEX64 : VA_COMPLEX128};
  vta_array *arrays[] = {complex_part(L, 1, part, &re), complex_part(L, 2, part, &im)};
  result.axes = vta_common_shape(L, &re, &im, result.shape, "complex(a, b)");
  vta_new(L, &result, false);
  vta_view(L, arrays[0], &re);
  vta_view(L, arrays[1], &im);
  vta_broadcast(&re, result.axes, result.shape);
  vta_broadcast(&im, result.axes, result.shape);
  va_view target = result;
  target.dtype = part;
  va_assign(&re, &target);
  target.data += va_size(part);
  va_assign(&im, &target);
  return 1;
}

const luaL_Reg vta_creation_functions[] = {
    {"zeros", zeros},           {"ones", ones},           {"empty", empty},
    {"full", full},             {"zeros_like", zeros_like}, {"ones_like", ones_like},
    {"empty_like", zeros_like}, {"full_like", full_like}, {"from", from},
    {"asarray", asarray},       {"generate", generate},   {"frombytes", frombytes},
    {"complex", complex},       {NULL, NULL}};
