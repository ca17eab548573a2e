// SPDX-License-Identifier: BSD-3-Clause
//
// The table array.fft, which can also be called.

#include <Elementwise.h>
#include <Fourier.h>
#include <math.h>
#include <string.h>

#include "array.h"
#include "open.h"
#include "options.h"

typedef enum { COMPLEX, REAL_TO_COMPLEX, COMPLEX_TO_REAL } form;

// MARK: Arguments

/// The factor of a transform of `n` elements.
static double scale_of(lua_State *L, int options, int64_t n, bool inverse, const char *function) {
  const char *norm = "backward";
  if (vta_push_option(L, options, "norm")) norm = lua_tostring(L, -1);
  if (norm && strcmp(norm, "ortho") == 0) return 1 / sqrt((double)n);
  bool forward = norm && strcmp(norm, "forward") == 0;
  if (!forward && (!norm || strcmp(norm, "backward") != 0))
    luaL_error(L, "%s: norm must be \"backward\", \"ortho\" or \"forward\", got %s", function,
               luaL_tolstring(L, -1, NULL));
  return forward != inverse ? 1 / (double)n : 1;
}

/// The array at 1 as float32, float64 or complex.
static vta_array *read_array(lua_State *L, const char *function) {
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  va_view view;
  if ((va_dtype)array->dtype == VA_BOOL) luaL_error(L, "%s: not defined for bool", function);
  if (va_is_integer((va_dtype)array->dtype)) {
    array = vta_push_cast(L, array, VA_FLOAT64, &view, function);
    lua_replace(L, 1);
  }
  if (array->axes == 0) luaL_error(L, "%s: an array without axes has no transform", function);
  return array;
}

static bool is_single(va_dtype dtype) { return dtype == VA_FLOAT32 || dtype == VA_COMPLEX64; }

static int64_t length_option(lua_State *L, int options, int64_t otherwise, const char *function) {
  if (!vta_push_option(L, options, "n")) return otherwise;
  int exact;
  lua_Integer n = lua_tointegerx(L, -1, &exact);
  if (!exact || n < 1)
    luaL_error(L, "%s: the length 'n' must be an integer of at least 1, got %s", function,
               luaL_tolstring(L, -1, NULL));
  lua_pop(L, 1);
  return n;
}

// MARK: One transform

/// Pushes the transform along one axis. `n` is the number of elements that are transformed, which the
/// option `length_name` sets.
static vta_array *push_transform(
    lua_State *L, vta_array *array, form kind, int axis, int64_t n, bool inverse, double scale,
    const char *length_name, const char *function) {
  va_view view, result;
  if (n < 1 && kind == COMPLEX_TO_REAL && array->lengths[axis] == 1)
    luaL_error(L, "%s: one element along axis %d gives a result of length 0; set the length by the "
               "option '%s'", function, axis + 1, length_name);
  if (n < 1) luaL_error(L, "%s: there are no elements along axis %d", function, axis + 1);
  vta_view(L, array, &view);
  bool single = is_single(view.dtype);
  result = view;
  result.shape[axis] = kind == REAL_TO_COMPLEX ? n / 2 + 1 : n;
  result.dtype = kind == COMPLEX_TO_REAL ? (single ? VA_FLOAT32 : VA_FLOAT64)
                                         : (single ? VA_COMPLEX64 : VA_COMPLEX128);
  if (kind == REAL_TO_COMPLEX && va_is_complex(view.dtype))
    luaL_error(L, "%s: the array must be real, got %s", function, va_name(view.dtype));
  vta_array *transform = vta_new(L, &result, true);
  vta_view(L, array, &view);
  va_detail detail = vta_new_detail();
  va_status status = kind == COMPLEX ? va_fft(&view, axis, inverse, scale, &result, &detail)
                     : kind == REAL_TO_COMPLEX ? va_rfft(&view, axis, n, scale, &result, &detail)
                                               : va_irfft(&view, axis, scale, &result, &detail);
  if (status != VA_OK) vta_raise(L, function, status, &detail, view.dtype, &view);
  return transform;
}

/// Replaces the array at 1 by its conjugate, if it is complex.
static vta_array *conjugate(lua_State *L, vta_array *array, const char *function) {
  if (!va_is_complex((va_dtype)array->dtype)) return array;
  va_view view, result;
  vta_view(L, array, &view);
  result = view;
  vta_array *conjugated = vta_new(L, &result, true);
  vta_view(L, array, &view);
  const va_view *inputs[] = {&view};
  va_detail detail = vta_new_detail();
  va_status status = va_apply(VA_CONJ, inputs, &result, &detail);
  if (status != VA_OK) vta_raise(L, function, status, &detail, view.dtype, &view);
  lua_replace(L, 1);
  return conjugated;
}

/// (a, axis, { n =, norm = }) or (a, { axis =, n =, norm = })
static int transform(lua_State *L, form kind, bool inverse, bool hermitian, const char *function) {
  lua_settop(L, 3);
  if (lua_type(L, 2) == LUA_TTABLE && vta_is_options(L, 2)) {
    lua_pushvalue(L, 2);
    lua_replace(L, 3);
    lua_pushnil(L);
    lua_replace(L, 2);
  }
  vta_check_options(L, 3, function, "axis n norm");
  if (vta_push_option(L, 3, "axis")) lua_replace(L, 2);
  vta_array *array = read_array(L, function);
  va_view view;
  vta_view(L, array, &view);
  int axis = lua_isnil(L, 2) ? view.axes - 1 : vta_read_axis(L, 2, view.axes, &view, function);
  int64_t length = view.shape[axis];
  int64_t n = length_option(L, 3, kind == COMPLEX_TO_REAL ? 2 * (length - 1) : length, function);
  if (hermitian && kind == COMPLEX_TO_REAL) array = conjugate(L, array, function);
  // Of the Hermitian transforms, hfft is the forward one although its result is real.
  double scale = scale_of(L, 3, n, hermitian ? kind == REAL_TO_COMPLEX : inverse, function);
  array = push_transform(L, array, kind, axis, n, inverse, scale, "n", function);
  if (hermitian && kind == REAL_TO_COMPLEX) {
    lua_replace(L, 1);
    conjugate(L, array, function);
    lua_settop(L, 1);
  }
  return 1;
}

#define ONE(name, kind, inverse, hermitian) \
  static int name(lua_State *L) { return transform(L, kind, inverse, hermitian, "fft." #name); }
ONE(fft, COMPLEX, false, false)
ONE(ifft, COMPLEX, true, false)
ONE(rfft, REAL_TO_COMPLEX, false, false)
ONE(irfft, COMPLEX_TO_REAL, true, false)
ONE(hfft, COMPLEX_TO_REAL, false, true)
ONE(ihfft, REAL_TO_COMPLEX, true, true)

// MARK: Several axes

/// (a, { axes =, s =, norm = })
static int transform_axes(lua_State *L, form kind, bool inverse, const char *function) {
  lua_settop(L, 2);
  vta_check_options(L, 2, function, "axes s norm");
  vta_array *array = read_array(L, function);
  va_view view;
  vta_view(L, array, &view);
  int axes[VA_MAX_AXES], count = view.axes;
  int64_t lengths[VA_MAX_AXES];
  int given = -1;
  if (vta_push_option(L, 2, "s"))
    given = vta_read_integers(L, lua_gettop(L), lengths, function, "the option 's'");
  for (int i = 0; i < count; i++) axes[i] = i;
  if (vta_push_option(L, 2, "axes")) {
    count = vta_read_axes(L, lua_gettop(L), &view, axes, function);
  } else if (given >= 0 && given <= count) {
    for (int i = 0; i < given; i++) axes[i] = view.axes - given + i;
    count = given;
  }
  if (given >= 0 && given != count)
    return luaL_error(L, "%s: %d lengths are given for %d axes", function, given, count);
  if (count == 0) return luaL_error(L, "%s: no axes are given", function);
  for (int i = 0; i < count; i++) {
    if (given < 0) {
      lengths[i] = view.shape[axes[i]];
      if (kind == COMPLEX_TO_REAL && i == count - 1) lengths[i] = 2 * (lengths[i] - 1);
    } else if (lengths[i] < 1) {
      return luaL_error(L, "%s: a length must be at least 1, got %I", function,
                        (LUAI_UACINT)lengths[i]);
    }
  }
  // A real transform is the first one forward, the last one backward.
  for (int step = 0; step < count; step++) {
    int i = kind == REAL_TO_COMPLEX ? count - 1 - step : step;
    bool real = kind != COMPLEX && i == count - 1;
    double scale = scale_of(L, 2, lengths[i], inverse, function);
    array = push_transform(L, array, real ? kind : COMPLEX, axes[i], lengths[i], inverse, scale,
                           "s", function);
    lua_replace(L, 1);
    lua_settop(L, 2);
  }
  lua_settop(L, 1);
  return 1;
}

#define SEVERAL(name, kind, inverse) \
  static int name(lua_State *L) { return transform_axes(L, kind, inverse, "fft." #name); }
SEVERAL(fftn, COMPLEX, false)
SEVERAL(ifftn, COMPLEX, true)
SEVERAL(rfftn, REAL_TO_COMPLEX, false)
SEVERAL(irfftn, COMPLEX_TO_REAL, true)

// MARK: Frequencies

static int frequencies(lua_State *L, bool real, const char *function) {
  int exact;
  lua_Integer n = lua_tointegerx(L, 1, &exact);
  if (!exact || n < 1)
    return luaL_error(L, "%s: the length must be an integer of at least 1, got %s", function,
                      luaL_tolstring(L, 1, NULL));
  double spacing = 1;
  if (!lua_isnoneornil(L, 2)) {
    if (lua_type(L, 2) != LUA_TNUMBER)
      return luaL_error(L, "%s: the spacing must be a number, got %s", function,
                        luaL_typename(L, 2));
    spacing = lua_tonumber(L, 2);
  }
  va_view view = {.dtype = VA_FLOAT64, .axes = 1, .shape = {real ? n / 2 + 1 : n}};
  vta_new(L, &view, true);
  double unit = 1 / ((double)n * spacing);
  for (int64_t i = 0; i < view.shape[0]; i++) {
    int64_t number = real || i < (n + 1) / 2 ? i : i - n;
    ((double *)view.data)[i] = (double)number * unit;
  }
  return 1;
}

static int fftfreq(lua_State *L) { return frequencies(L, false, "fft.fftfreq"); }
static int rfftfreq(lua_State *L) { return frequencies(L, true, "fft.rfftfreq"); }

/// Rolls each axis by half of its length.
static int shift(lua_State *L, bool inverse, const char *function) {
  lua_settop(L, 2);
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  va_view view;
  vta_view(L, array, &view);
  int axes[VA_MAX_AXES], count = view.axes;
  for (int i = 0; i < count; i++) axes[i] = i;
  if (!lua_isnil(L, 2)) count = vta_read_axes(L, 2, &view, axes, function);
  lua_settop(L, 1);
  lua_getfield(L, lua_upvalueindex(1), "roll");
  lua_insert(L, 1);
  lua_createtable(L, count, 0);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    int64_t half = view.shape[axes[i]] / 2;
    lua_pushinteger(L, inverse ? -half : half);
    lua_rawseti(L, 3, i + 1);
    lua_pushinteger(L, axes[i] + 1);
    lua_rawseti(L, 4, i + 1);
  }
  lua_call(L, 3, 1);
  return 1;
}

static int fftshift(lua_State *L) { return shift(L, false, "fft.fftshift"); }
static int ifftshift(lua_State *L) { return shift(L, true, "fft.ifftshift"); }

static int call_fft(lua_State *L) {
  lua_remove(L, 1);
  return fft(L);
}

const luaL_Reg vta_fourier_functions[] = {
    {"fft", fft},     {"ifft", ifft},   {"rfft", rfft},   {"irfft", irfft},     {"hfft", hfft},
    {"ihfft", ihfft}, {"fftn", fftn},   {"ifftn", ifftn}, {"rfftn", rfftn},     {"irfftn", irfftn},
    {"fftfreq", fftfreq}, {"rfftfreq", rfftfreq}, {"fftshift", fftshift}, {"ifftshift", ifftshift},
    {NULL, NULL}};

void vta_push_fourier(lua_State *L) {
  lua_newtable(L);
  vta_push_methods(L);  // for `roll`
  luaL_setfuncs(L, vta_fourier_functions, 1);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, call_fft);
  lua_setfield(L, -2, "__call");
  lua_pushcfunction(L, vta_missing_fourier);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}
