// SPDX-License-Identifier: BSD-3-Clause
//
// Ranks, pseudo-inverses and powers of matrices: functions of array.linalg.

#include <float.h>
#include <string.h>

#include "compose.h"
#include "options.h"

/// Reads the option `rtol`, a number or an array for each matrix: pushes it as float64 of the
/// shape of the batch of `view`.
static const double *push_tolerance(
    lua_State *L, int options, const va_view *view, const char *function) {
  int64_t m = view->shape[view->axes - 2], n = view->shape[view->axes - 1];
  va_view batch = *view, result = *view;
  batch.axes -= 2;
  result.axes -= 2;
  result.dtype = VA_FLOAT64;
  double epsilon = vta_real_type(view->dtype) == VA_FLOAT32 ? (double)FLT_EPSILON : DBL_EPSILON;
  if (!vta_push_option(L, options, "rtol")) lua_pushnumber(L, (double)(m > n ? m : n) * epsilon);
  int at = lua_gettop(L);
  va_dtype type = (va_dtype)vta_to_array(L, at, VA_DTYPES, function)->dtype;
  if (type == VA_BOOL || va_is_complex(type))
    luaL_error(L, "%s: the option 'rtol' must be real, got %s", function, va_name(type));
  vta_array *given = vta_read_as(L, at, VA_FLOAT64, function);
  va_view values;
  vta_view(L, given, &values);
  if (!vta_broadcast(&values, batch.axes, batch.shape)) {
    vta_view(L, given, &values);
    luaL_error(L, "%s: the option 'rtol' has shape %s, and the matrices have %s", function,
               vta_push_shape_text(L, values.axes, values.shape),
               vta_push_shape_text(L, batch.axes, batch.shape));
  }
  vta_new(L, &result, true);
  vta_view(L, given, &values);
  vta_broadcast(&values, batch.axes, batch.shape);
  va_assign(&values, &result);
  return (const double *)result.data;
}

/// The element of the singular values.
static double value_at(const va_view *s, int64_t place) {
  return s->dtype == VA_FLOAT32 ? (double)((const float *)s->data)[place]
                                : ((const double *)s->data)[place];
}

static int matrix_rank(lua_State *L) {
  const char *function = "linalg.matrix_rank";
  lua_settop(L, 2);
  vta_check_options(L, 2, function, "rtol array");
  vta_need_openblas(L, function);
  va_view view, s;
  vta_read_matrix(L, 1, &view, function);
  lua_pushvalue(L, 1);
  vta_call_function(L, "linalg.svdvals", 1, 1);
  vta_array *values = vta_test(L, -1);
  va_view result = view;
  result.axes -= 2;
  result.dtype = VA_INT64;
  vta_array *ranks = vta_new(L, &result, true);
  const double *tolerance = push_tolerance(L, 2, &view, function);
  vta_view(L, values, &s);
  vta_view(L, ranks, &result);
  int64_t length = s.shape[s.axes - 1], batches = va_count(&result);
  for (int64_t batch = 0; batch < batches; batch++) {
    int64_t rank = 0;
    for (int64_t i = 0; i < length; i++)
      rank += value_at(&s, batch * length + i) > value_at(&s, batch * length) * tolerance[batch];
    ((int64_t *)result.data)[batch] = rank;
  }
  lua_settop(L, 4);
  vta_finish(L, VA_INT64, 2, function);
  return 1;
}

/// Pushes the conjugate transposes of the matrices at `index`.
static int push_adjoint(lua_State *L, int index) {
  lua_pushvalue(L, index);
  vta_call_function(L, "matrix_transpose", 1, 1);
  if (va_is_complex((va_dtype)vta_test(L, -1)->dtype)) vta_call_function(L, "conj", 1, 1);
  return lua_gettop(L);
}

static int pinv(lua_State *L) {
  const char *function = "linalg.pinv";
  lua_settop(L, 2);
  vta_check_options(L, 2, function, "rtol");
  vta_need_openblas(L, function);
  va_view view, s;
  vta_read_matrix(L, 1, &view, function);
  lua_pushvalue(L, 1);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "full");
  vta_call_function(L, "linalg.svd", 2, 3);  // u at 3, s at 4, vh at 5
  const double *tolerance = push_tolerance(L, 2, &view, function);
  vta_writable(L, vta_test(L, 4), &s);
  int64_t length = s.shape[s.axes - 1], batches = length ? va_count(&s) / length : 0;
  for (int64_t batch = 0; batch < batches; batch++) {
    double cutoff = value_at(&s, batch * length) * tolerance[batch];
    for (int64_t i = batch * length; i < (batch + 1) * length; i++) {
      double x = value_at(&s, i), inverse = x > cutoff ? 1 / x : 0;
      if (s.dtype == VA_FLOAT32) ((float *)s.data)[i] = (float)inverse;
      else ((double *)s.data)[i] = inverse;
    }
  }
  lua_pushvalue(L, 4);
  lua_pushinteger(L, -1);
  vta_call_function(L, "expand_dims", 2, 1);
  int scale = lua_gettop(L), right = push_adjoint(L, 3), left = push_adjoint(L, 5);
  lua_pushvalue(L, left);
  vta_push_operation(L, LUA_OPMUL, scale, right);
  vta_call_function(L, "matmul", 2, 1);
  return 1;
}

// MARK: Powers

/// Pushes identity matrices of the shape and type.
static void push_identity(lua_State *L, const va_view *view) {
  va_view result = *view, diagonal;
  vta_new(L, &result, true);
  diagonal = result;
  diagonal.axes--;
  diagonal.strides[diagonal.axes - 1] += result.strides[result.axes - 1];
  _Alignas(16) char one[16] = {0};
  lua_pushinteger(L, 1);
  vta_read_element(L, -1, view->dtype, one);
  lua_pop(L, 1);
  va_fill(&diagonal, one);
}

static int matrix_power(lua_State *L) {
  const char *function = "linalg.matrix_power";
  lua_settop(L, 2);
  int exact;
  lua_Integer power = lua_tointegerx(L, 2, &exact);
  if (!exact || lua_type(L, 2) != LUA_TNUMBER)
    return luaL_error(L, "%s: the power must be an integer, got %s", function,
                      luaL_tolstring(L, 2, NULL));
  if (power < -(1 << 30) || power > 1 << 30)
    return luaL_error(L, "%s: the power %I is too large", function, (LUAI_UACINT)power);
  // Integers stay integers.
  va_view view;
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  bool is_integer = va_is_integer((va_dtype)array->dtype) && power >= 0;
  if (is_integer) {
    vta_view(L, array, &view);
    if (view.axes < 2 || view.shape[view.axes - 1] != view.shape[view.axes - 2])
      return luaL_error(L, "%s: a square matrix is needed, shape %s", function,
                        vta_push_shape_text(L, view.axes, view.shape));
  } else {
    vta_read_square(L, 1, &view, function);
    vta_need_openblas(L, function);
  }
  if (power < 0) {
    lua_pushvalue(L, 1);
    vta_call_function(L, "linalg.inv", 1, 1);
    lua_replace(L, 1);
    power = -power;
  }
  lua_settop(L, 1);
  if (power == 0) {
    push_identity(L, &view);
    return 1;
  }
  // Stack: the squares at 1, the product at 2.
  bool begun = false;
  for (;; power >>= 1) {
    if (power & 1) {
      lua_pushvalue(L, begun ? 2 : 1);
      if (begun) {
        lua_pushvalue(L, 1);
        vta_call_function(L, "matmul", 2, 1);
        lua_replace(L, 2);
      }
      begun = true;
    }
    if (power <= 1) break;
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 1);
    vta_call_function(L, "matmul", 2, 1);
    lua_replace(L, 1);
  }
  vta_array *result = vta_test(L, 2);
  if (result == vta_test(L, 1)) vta_push_copy(L, result, &view);
  return 1;
}

const luaL_Reg vta_inverse_functions[] = {
    {"matrix_rank", matrix_rank}, {"pinv", pinv}, {"matrix_power", matrix_power}, {NULL, NULL}};
