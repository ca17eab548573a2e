// SPDX-License-Identifier: BSD-3-Clause
//
// Random fills, for the library `random`, which has the generators.

#include <Random.h>
#include <string.h>

#include "array.h"

static double number_argument(lua_State *L, int index, double otherwise, const char *what) {
  if (lua_isnoneornil(L, index)) return otherwise;
  if (lua_type(L, index) != LUA_TNUMBER)
    luaL_error(L, "fill: %s must be a number, got %s", what, luaL_typename(L, index));
  return lua_tonumber(L, index);
}

/// Reads the two bounds of "integer".
static void read_bounds(lua_State *L, va_dtype dtype, va_random *random) {
  uint64_t bounds[2] = {0};
  for (int i = 0; i < 2; i++) {
    if (lua_type(L, 6 + i) != LUA_TNUMBER)
      luaL_error(L, "fill: \"integer\" needs two bounds, such as fill(n, \"integer\", 1, 6)");
    int64_t value = 0;
    vta_read_element(L, 6 + i, dtype, &value);  // the bound must fit the type
    int64_t least, greatest;
    va_bounds(dtype, &least, &greatest);
    int shift = 64 - 8 * (int)va_size(dtype);
    bounds[i] = va_is_signed(dtype) ? (uint64_t)((int64_t)((uint64_t)value << shift) >> shift)
                                    : (uint64_t)value;
  }
  random->least = (int64_t)bounds[0];
  random->greatest = (int64_t)bounds[1];
  if (dtype == VA_UINT64 ? bounds[0] > bounds[1] : random->least > random->greatest)
    luaL_error(L, "fill: the first bound must not be above the second, got %s and %s",
               luaL_tolstring(L, 6, NULL), luaL_tolstring(L, 7, NULL));
}

/// _fill(seed, stream, start, shape or array, kind, first, second, dtype): the array, and the place
/// after the last number that was used.
static int fill(lua_State *L) {
  static const char *const kinds[] = {"uniform", "normal", "exponential", "integer", NULL};
  static const va_distribution distributions[] = {VA_UNIFORM, VA_NORMAL, VA_EXPONENTIAL, VA_INTEGER};
  lua_settop(L, 8);
  va_random random = {.seed = (uint64_t)luaL_checkinteger(L, 1),
                      .stream = (uint64_t)luaL_checkinteger(L, 2),
                      .start = luaL_checkinteger(L, 3)};
  const char *name = lua_isnil(L, 5) ? "uniform" : lua_tostring(L, 5);
  int kind = 0;
  while (kinds[kind] && (!name || strcmp(kinds[kind], name) != 0)) kind++;
  if (!kinds[kind])
    return luaL_error(L, "fill: the distribution must be uniform, normal, exponential or integer, "
                      "got %s", luaL_tolstring(L, 5, NULL));
  bool integer = distributions[kind] == VA_INTEGER;
  vta_array *array = vta_test(L, 4);
  va_view view;
  if (array) {
    vta_view(L, array, &view);
    if (!lua_isnil(L, 8)) return luaL_error(L, "fill: the array has a dtype already");
  } else {
    vta_read_shape(L, 4, &view, "fill");
    view.dtype = vta_dtype_option(L, 8, integer ? VA_INT64 : VA_FLOAT64, "fill");
  }
  if (integer ? !va_is_integer(view.dtype) : !va_is_real(view.dtype))
    return luaL_error(L, "fill: \"%s\" is not defined for %s; it gives %s", name,
                      va_name(view.dtype), integer ? "integers" : "float32 and float64");
  if (integer) {
    read_bounds(L, view.dtype, &random);
  } else {
    random.first = number_argument(L, 6, kind == 2 ? 1 : 0, "the first parameter");
    random.second = number_argument(L, 7, 1, "the second parameter");
    if (kind == 1 && !(random.second >= 0))
      return luaL_error(L, "fill: the standard deviation must be at least 0");
    if (kind == 2 && !(random.first > 0)) return luaL_error(L, "fill: the mean must be above 0");
  }
  if (array) lua_pushvalue(L, 4);
  else array = vta_new(L, &view, false);  // if the kernel fails, it goes
  vta_writable(L, array, &view);
  va_detail detail = vta_new_detail();
  va_status status = va_random_fill(distributions[kind], &random, &view, &detail);
  if (status != VA_OK) return vta_raise(L, "fill", status, &detail, view.dtype, &view);
  int64_t count = va_count(&view);
  lua_pushinteger(L, random.start + count + (count & 1));
  return 2;
}

const luaL_Reg vta_random_functions[] = {{"_fill", fill}, {NULL, NULL}};
