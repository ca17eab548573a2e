// SPDX-License-Identifier: BSD-3-Clause
//
// Elements as Lua values.

#include <math.h>
#include <string.h>

#include "array.h"

#define LOAD(type, at)            \
  ({                              \
    type value_;                  \
    memcpy(&value_, at, sizeof value_); \
    value_;                       \
  })

void vta_push_element(lua_State *L, va_dtype dtype, const char *at) {
  switch (dtype) {
    case VA_BOOL: lua_pushboolean(L, *at != 0); return;
    case VA_INT8: lua_pushinteger(L, LOAD(int8_t, at)); return;
    case VA_INT16: lua_pushinteger(L, LOAD(int16_t, at)); return;
    case VA_INT32: lua_pushinteger(L, LOAD(int32_t, at)); return;
    case VA_INT64: lua_pushinteger(L, LOAD(int64_t, at)); return;
    case VA_UINT8: lua_pushinteger(L, LOAD(uint8_t, at)); return;
    case VA_UINT16: lua_pushinteger(L, LOAD(uint16_t, at)); return;
    case VA_UINT32: lua_pushinteger(L, LOAD(uint32_t, at)); return;
    case VA_UINT64: {
      uint64_t value = LOAD(uint64_t, at);
      if (value > INT64_MAX) lua_pushnumber(L, (lua_Number)value);
      else lua_pushinteger(L, (lua_Integer)value);
      return;
    }
    case VA_FLOAT32: lua_pushnumber(L, (lua_Number)LOAD(float, at)); return;
    case VA_FLOAT64: lua_pushnumber(L, LOAD(double, at)); return;
    default: break;
  }
  _Alignas(16) char element[16];
  memcpy(element, at, va_size(dtype));
  va_view view = {.dtype = dtype, .axes = 0};
  vta_new(L, &view, false);
  memcpy(view.data, element, va_size(dtype));
}

bool vta_is_scalar(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) return true;
  vta_array *array = vta_test(L, index);
  return array && array->axes == 0;
}

// MARK: Reading

/// Raises the error of a value that is outside the type.
static int does_not_fit(lua_State *L, int index, va_dtype dtype) {
  int64_t least, greatest;
  va_bounds(dtype, &least, &greatest);
  const char *value = luaL_tolstring(L, index, NULL);
  if (dtype == VA_UINT64)
    return luaL_error(L, "%s does not fit uint64 (0 to 18446744073709551615)", value);
  return luaL_error(
      L, "%s does not fit %s (%I to %I)", value, va_name(dtype), (LUAI_UACINT)least,
      (LUAI_UACINT)greatest);
}

/// The value as the bits of a 64-bit integer.
static int64_t read_integer(lua_State *L, int index, va_dtype dtype) {
  int exact;
  lua_Integer value = lua_tointegerx(L, index, &exact);
  if (!exact) {
    lua_Number number = lua_tonumber(L, index);
    if (dtype == VA_UINT64 && number == floor(number) && number >= 0x1p63 && number < 0x1p64)
      return (int64_t)(uint64_t)number;
    if (number == floor(number)) return does_not_fit(L, index, dtype);
    return luaL_error(
        L, "%s does not fit %s, which holds integers", luaL_tolstring(L, index, NULL),
        va_name(dtype));
  }
  int64_t least, greatest;
  va_bounds(dtype, &least, &greatest);
  if (value < least || (dtype != VA_UINT64 && value > greatest)) does_not_fit(L, index, dtype);
  return value;
}

/// Reads an array without axes, as the type's element.
static void read_array(lua_State *L, int index, va_dtype dtype, void *element) {
  vta_array *array = vta_test(L, index);
  if (!array || array->axes > 0)
    luaL_error(L, "%s does not fit %s", array ? "an array" : luaL_typename(L, index),
               va_name(dtype));
  va_view view;
  vta_view(L, array, &view);
  if (view.dtype == dtype) {
    memcpy(element, view.data, va_size(dtype));
    return;
  }
  if (!va_is_complex(view.dtype)) {
    vta_push_element(L, view.dtype, view.data);
    vta_read_element(L, -1, dtype, element);
    lua_pop(L, 1);
    return;
  }
  if (!va_is_complex(dtype)) luaL_error(L, "a complex number does not fit %s", va_name(dtype));
  if (dtype == VA_COMPLEX64) {
    float value[2] = {(float)LOAD(double, view.data), (float)LOAD(double, view.data + 8)};
    memcpy(element, value, sizeof value);
  } else {
    double value[2] = {LOAD(float, view.data), LOAD(float, view.data + 4)};
    memcpy(element, value, sizeof value);
  }
}

void vta_read_element(lua_State *L, int index, va_dtype dtype, void *element) {
  int type = lua_type(L, index);
  if (type == LUA_TBOOLEAN && dtype == VA_BOOL) {
    *(char *)element = (char)lua_toboolean(L, index);
    return;
  }
  if (type == LUA_TBOOLEAN) {
    luaL_error(L, "%s does not fit %s", lua_toboolean(L, index) ? "true" : "false", va_name(dtype));
    return;
  }
  if (type != LUA_TNUMBER) {
    read_array(L, index, dtype, element);
    return;
  }
  if (dtype == VA_BOOL) {
    luaL_error(L, "%s does not fit bool", luaL_tolstring(L, index, NULL));
    return;
  }
  if (va_is_integer(dtype)) {
    int64_t value = read_integer(L, index, dtype);
    memcpy(element, &value, va_size(dtype));  // little-endian: the lowest bytes are first
    return;
  }
  double value = lua_tonumber(L, index);
  switch (dtype) {
    case VA_FLOAT32: memcpy(element, &(float){(float)value}, 4); break;
    case VA_FLOAT64: memcpy(element, &value, 8); break;
    case VA_COMPLEX64: memcpy(element, (float[]){(float)value, 0}, 8); break;
    default: memcpy(element, (double[]){value, 0}, 16); break;
  }
}

va_dtype vta_dtype_option(lua_State *L, int index, va_dtype otherwise, const char *function) {
  if (lua_isnoneornil(L, index)) return otherwise;
  if (lua_type(L, index) != LUA_TSTRING) {
    bool is_maker = strcmp(function, "zeros") == 0 || strcmp(function, "ones") == 0 ||
                    strcmp(function, "empty") == 0;
    const char *advice = is_maker && lua_type(L, index) == LUA_TNUMBER
                             ? lua_pushfstring(L, "; a shape of two axes is a table: array.%s{2, 3}", function)
                             : "";
    luaL_error(L, "%s: a dtype must be a string such as \"float64\", got %s%s", function,
               luaL_typename(L, index), advice);
  }
  size_t length;
  const char *name = lua_tolstring(L, index, &length);
  va_dtype dtype = va_dtype_named(name, length);
  if (dtype == VA_DTYPES)
    luaL_error(
        L, "%s: there is no dtype \"%s\"; use bool, int8 to int64, uint8 to uint64, float32, "
        "float64, complex64 or complex128", function, name);
  return dtype;
}
