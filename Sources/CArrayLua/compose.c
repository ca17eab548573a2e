// SPDX-License-Identifier: BSD-3-Clause

#include "compose.h"

#include <Linear.h>

#include "elementwise.h"
#include "options.h"

void vta_push_operation(lua_State *L, int operator, int a, int b) {
  luaL_checkstack(L, 8, "operands");
  lua_pushvalue(L, a);
  lua_pushvalue(L, b);
  lua_arith(L, operator);
}

va_dtype vta_real_type(va_dtype dtype) {
  return dtype == VA_COMPLEX64 ? VA_FLOAT32 : dtype == VA_COMPLEX128 ? VA_FLOAT64 : dtype;
}

vta_array *vta_read_as(lua_State *L, int index, va_dtype dtype, const char *function) {
  vta_array *array = vta_to_array(L, index, VA_DTYPES, function);
  if ((va_dtype)array->dtype == dtype) return array;
  va_view view;
  array = vta_push_cast(L, array, dtype, &view, function);
  lua_replace(L, index);
  return array;
}

vta_array *vta_read_floats(lua_State *L, int index, const char *function) {
  vta_array *array = vta_to_array(L, index, VA_DTYPES, function);
  if ((va_dtype)array->dtype == VA_BOOL) luaL_error(L, "%s: not defined for bool", function);
  if (!va_is_integer((va_dtype)array->dtype)) return array;
  return vta_read_as(L, index, VA_FLOAT64, function);
}

void vta_finish(lua_State *L, va_dtype dtype, int options, const char *function) {
  vta_array *result = vta_read_as(L, lua_gettop(L), dtype, function);
  if (result->axes > 0 || va_is_complex(dtype)) return;
  if (options && vta_flag_option(L, options, "array", false)) return;
  va_view view;
  vta_view(L, result, &view);
  vta_push_element(L, dtype, view.data);
}

int vta_axis_arguments(lua_State *L, const char *function, const char *names, int *axis) {
  int count = lua_gettop(L);
  if (count > 3) return luaL_error(L, "%s: %d arguments are too many", function, count);
  lua_settop(L, 3);
  int options = 3;
  *axis = lua_isnil(L, 2) ? 0 : 2;
  if (vta_is_options(L, 2)) {
    if (!lua_isnil(L, 3)) return luaL_error(L, "%s: the options come last", function);
    options = 2;
    *axis = 0;
  }
  vta_check_options(L, options, function, names);
  if (vta_push_option(L, options, "axis")) {
    if (*axis) return luaL_error(L, "%s: the axis is given twice", function);
    lua_insert(L, 4);
    *axis = 4;
  }
  return options;
}

// MARK: Matrices

vta_array *vta_read_matrix(lua_State *L, int index, va_view *view, const char *function) {
  vta_array *array = vta_read_floats(L, index, function);
  vta_view(L, array, view);
  if (view->axes < 2)
    luaL_error(L, "%s: a matrix is needed, shape %s", function,
               vta_push_shape_text(L, view->axes, view->shape));
  return array;
}

vta_array *vta_read_square(lua_State *L, int index, va_view *view, const char *function) {
  vta_array *array = vta_read_matrix(L, index, view, function);
  if (view->shape[view->axes - 2] != view->shape[view->axes - 1])
    luaL_error(L, "%s: a square matrix is needed, shape %s", function,
               vta_push_shape_text(L, view->axes, view->shape));
  return array;
}

void vta_need_openblas(lua_State *L, const char *function) {
  const char *reason = NULL;
  if (va_has_openblas(&reason)) return;
  luaL_error(L, "%s needs OpenBLAS: %s", function, reason);
}
