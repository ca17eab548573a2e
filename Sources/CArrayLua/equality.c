// SPDX-License-Identifier: BSD-3-Clause
//
// ==: one boolean for two arrays; and comparison with a tolerance.

#include <math.h>
#include <string.h>

#include "array.h"
#include "elementwise.h"
#include "options.h"

/// An element, whatever its type: an integer, or floats.
typedef struct {
  bool is_bool, is_integer, is_large;  // is_large: beyond int64, in `integer` as uint64
  int64_t integer;
  double real, imaginary;
} any_element;

#define LOAD(type)                      \
  ({                                    \
    type value_;                        \
    memcpy(&value_, at, sizeof value_); \
    value_;                             \
  })

static any_element element_at(va_dtype dtype, const char *at) {
  any_element found = {.is_bool = dtype == VA_BOOL, .is_integer = dtype <= VA_UINT64};
  switch (dtype) {
    case VA_BOOL: found.integer = *at != 0; break;
    case VA_INT8: found.integer = LOAD(int8_t); break;
    case VA_INT16: found.integer = LOAD(int16_t); break;
    case VA_INT32: found.integer = LOAD(int32_t); break;
    case VA_INT64: found.integer = LOAD(int64_t); break;
    case VA_UINT8: found.integer = LOAD(uint8_t); break;
    case VA_UINT16: found.integer = LOAD(uint16_t); break;
    case VA_UINT32: found.integer = LOAD(uint32_t); break;
    case VA_UINT64:
      found.integer = (int64_t)LOAD(uint64_t);
      found.is_large = found.integer < 0;
      break;
    case VA_FLOAT32: found.real = (double)LOAD(float); break;
    case VA_FLOAT64: found.real = LOAD(double); break;
    case VA_COMPLEX64:
      found.real = (double)LOAD(float);
      at += 4;
      found.imaginary = (double)LOAD(float);
      break;
    default:
      found.real = LOAD(double);
      at += 8;
      found.imaginary = LOAD(double);
      break;
  }
  return found;
}

/// True if the float has exactly the value of the integer.
static bool equals_float(const any_element *integer, double value) {
  if (value != floor(value)) return false;
  if (integer->is_large)
    return value >= 0x1p63 && value < 0x1p64 && (uint64_t)value == (uint64_t)integer->integer;
  return value >= -0x1p63 && value < 0x1p63 && (int64_t)value == integer->integer;
}

static bool are_equal(const any_element *a, const any_element *b) {
  if (a->is_bool != b->is_bool) return false;
  if (a->is_integer && b->is_integer)
    return a->is_large == b->is_large && a->integer == b->integer;
  if (a->is_integer) return b->imaginary == 0 && equals_float(a, b->real);
  if (b->is_integer) return a->imaginary == 0 && equals_float(b, a->real);
  return a->real == b->real && a->imaginary == b->imaginary;
}

static bool views_equal(const va_view *a, const va_view *b) {
  if (a->axes != b->axes) return false;
  for (int axis = 0; axis < a->axes; axis++)
    if (a->shape[axis] != b->shape[axis]) return false;
  va_loop loop;
  const va_view *views[] = {a, b};
  if (!va_plan(&loop, 2, views)) return true;
  int64_t index[VA_MAX_AXES] = {0};
  char *at[2] = {loop.data[0], loop.data[1]};
  int inner = loop.axes - 1;
  int64_t size = (int64_t)va_size(a->dtype), steps[] = {loop.strides[0][inner], loop.strides[1][inner]};
  bool bytes = a->dtype == b->dtype && a->dtype <= VA_UINT64 && steps[0] == size && steps[1] == size;
  do {
    if (bytes) {
      if (memcmp(at[0], at[1], (size_t)(loop.shape[inner] * size)) != 0) return false;
      continue;
    }
    for (int64_t i = 0; i < loop.shape[inner]; i++) {
      any_element x = element_at(a->dtype, at[0] + i * steps[0]);
      any_element y = element_at(b->dtype, at[1] + i * steps[1]);
      if (!are_equal(&x, &y)) return false;
    }
  } while (va_next(&loop, 2, index, at));
  return true;
}

static int op_eq(lua_State *L) {
  vta_array *a = vta_test(L, 1), *b = vta_test(L, 2);
  if (!a || !b) {
    lua_pushboolean(L, false);
    return 1;
  }
  va_view x, y;
  vta_view(L, a, &x);
  vta_view(L, b, &y);
  lua_pushboolean(L, views_equal(&x, &y));
  return 1;
}

// MARK: With a tolerance

typedef struct {
  double relative, absolute;
  bool nan_equal;
} tolerance;

static double number_option(lua_State *L, int options, const char *name, double otherwise) {
  if (!vta_push_option(L, options, name)) return otherwise;
  if (lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "the option '%s' must be a number, got %s", name, luaL_typename(L, -1));
  double value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

static bool are_close(const double *a, const double *b, const tolerance *allowed) {
  bool nan_a = isnan(a[0]) || isnan(a[1]), nan_b = isnan(b[0]) || isnan(b[1]);
  if (nan_a || nan_b) return nan_a && nan_b && allowed->nan_equal;
  if (a[0] == b[0] && a[1] == b[1]) return true;
  double size = hypot(b[0], b[1]), distance = hypot(a[0] - b[0], a[1] - b[1]);
  return isfinite(size) && isfinite(distance) &&
         distance <= allowed->absolute + allowed->relative * size;
}

/// Pushes the array of truths of isclose.
static vta_array *push_close(lua_State *L, const char *what, va_view *result) {
  lua_settop(L, 3);
  vta_check_options(L, 3, what, "rtol atol nan");
  tolerance allowed = {number_option(L, 3, "rtol", 1e-5), number_option(L, 3, "atol", 1e-8),
                       vta_flag_option(L, 3, "nan", false)};
  vta_operands operands = {.count = 2, .at = {1, 2}};
  vta_read_operands(L, &operands, what);
  if (vta_common_type(&operands, 0) == VA_BOOL) luaL_error(L, "%s: not defined for bool", what);
  vta_convert_operands(&operands, 0, VA_COMPLEX128);
  vta_find_shape(&operands);
  *result = operands.result;
  result->dtype = VA_BOOL;
  vta_array *truths = vta_new(L, result, true);
  const va_view *views[] = {&operands.views[0], &operands.views[1], result};
  for (int i = 0; i < 2; i++) {
    if (operands.arrays[i]) vta_view(L, operands.arrays[i], &operands.views[i]);
    vta_broadcast(&operands.views[i], result->axes, result->shape);
  }
  va_loop loop;
  if (!va_plan(&loop, 3, views)) return truths;
  int64_t index[VA_MAX_AXES] = {0};
  char *at[3] = {loop.data[0], loop.data[1], loop.data[2]};
  int inner = loop.axes - 1;
  do {
    for (int64_t i = 0; i < loop.shape[inner]; i++)
      at[2][i * loop.strides[2][inner]] =
          (char)are_close((const double *)(at[0] + i * loop.strides[0][inner]),
                          (const double *)(at[1] + i * loop.strides[1][inner]), &allowed);
  } while (va_next(&loop, 3, index, at));
  return truths;
}

static int isclose(lua_State *L) {
  va_view result;
  push_close(L, "isclose", &result);
  if (result.axes == 0) vta_push_element(L, VA_BOOL, result.data);
  return 1;
}

static int allclose(lua_State *L) {
  va_view result;
  push_close(L, "allclose", &result);
  bool all = true;
  for (int64_t i = 0, count = va_count(&result); all && i < count; i++) all = result.data[i] != 0;
  lua_pushboolean(L, all);
  return 1;
}

const luaL_Reg vta_equality_functions[] = {
    {"isclose", isclose}, {"allclose", allclose}, {NULL, NULL}};
const luaL_Reg vta_equality_operators[] = {{"__eq", op_eq}, {NULL, NULL}};
