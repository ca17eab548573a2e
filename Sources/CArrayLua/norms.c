// SPDX-License-Identifier: BSD-3-Clause
//
// Norms of vectors and matrices: functions of array.linalg.

#include <math.h>
#include <string.h>

#include "compose.h"
#include "options.h"

/// Pushes the magnitudes of the array's elements as float64.
static void push_magnitudes(lua_State *L, int index, const char *function) {
  lua_pushvalue(L, index);
  vta_call_function(L, "abs", 1, 1);
  vta_read_as(L, lua_gettop(L), VA_FLOAT64, function);
}

/// Pushes a number of Lua.
static int push_number(lua_State *L, double number) {
  lua_pushnumber(L, number);
  return lua_gettop(L);
}

/// Pushes a reduction of the array at `index` with the options at `how`.
static void push_reduction(lua_State *L, const char *name, int index, int how) {
  lua_pushvalue(L, index);
  lua_pushvalue(L, how);
  vta_call_function(L, name, 2, 1);
}

/// Pushes the options of a reduction. `axis` is the stack index of the axes, or 0.
static int push_how(lua_State *L, int axis, bool keepdims) {
  lua_createtable(L, 0, 3);
  if (axis) {
    lua_pushvalue(L, axis);
    lua_setfield(L, -2, "axis");
  }
  lua_pushboolean(L, keepdims);
  lua_setfield(L, -2, "keepdims");
  lua_pushboolean(L, true);
  lua_setfield(L, -2, "array");
  return lua_gettop(L);
}

static int64_t count_of(lua_State *L, int index) {
  va_view view;
  vta_view(L, vta_test(L, index), &view);
  return va_count(&view);
}

/// The power of two that brings the greatest magnitude near 1, when squares would overflow or
/// vanish; otherwise 1.
static double unit_of(lua_State *L, int index) {
  if (count_of(L, index) == 0) return 1;
  lua_pushvalue(L, index);
  vta_call_function(L, "max", 1, 1);
  double greatest = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (!isfinite(greatest) || greatest == 0) return 1;
  int exponent = ilogb(greatest);
  return exponent > 400 || exponent < -400 ? ldexp(1, exponent < -1000 ? -1000 : exponent) : 1;
}

/// Pushes the norm of the magnitudes at `index` over the axes of the options at `how`.
static void push_norm(lua_State *L, int index, int how, double order) {
  if (order == 2) {
    double unit = unit_of(L, index);
    int scaled = index, by = push_number(L, unit);
    if (unit != 1) {
      vta_push_operation(L, LUA_OPDIV, index, by);
      scaled = lua_gettop(L);
    }
    vta_push_operation(L, LUA_OPMUL, scaled, scaled);
    push_reduction(L, "sum", lua_gettop(L), how);
    vta_call_function(L, "sqrt", 1, 1);
    if (unit != 1) vta_push_operation(L, LUA_OPMUL, lua_gettop(L), by);
  } else if (isinf(order)) {
    // The norm of no elements is 0, and infinite for an order below 0.
    bool is_empty = count_of(L, index) == 0;
    push_reduction(L, is_empty ? "sum" : order > 0 ? "max" : "min", index, how);
    if (is_empty && order < 0) {
      int infinite = push_number(L, INFINITY);
      vta_push_operation(L, LUA_OPADD, infinite - 1, infinite);
    }
  } else if (order == 0) {
    push_reduction(L, "count_nonzero", index, how);
  } else if (order == 1) {
    push_reduction(L, "sum", index, how);
  } else {
    int power = push_number(L, order);
    vta_push_operation(L, LUA_OPPOW, index, power);
    push_reduction(L, "sum", lua_gettop(L), how);
    int sum = lua_gettop(L), root = push_number(L, 1 / order);
    vta_push_operation(L, LUA_OPPOW, sum, root);
  }
}

static int vector_norm(lua_State *L) {
  const char *function = "linalg.vector_norm";
  int axis, options = vta_axis_arguments(L, function, "axis keepdims ord array", &axis);
  vta_array *array = vta_read_floats(L, 1, function);
  va_dtype dtype = vta_real_type((va_dtype)array->dtype);
  va_view view;
  vta_view(L, array, &view);
  int axes[VA_MAX_AXES];
  if (axis) vta_read_axes(L, axis, &view, axes, function);
  double order = 2;
  if (vta_push_option(L, options, "ord")) {
    if (lua_type(L, -1) != LUA_TNUMBER || isnan(lua_tonumber(L, -1)))
      return luaL_error(L, "%s: the option 'ord' must be a number, such as 2 or math.huge, got %s",
                        function, luaL_tolstring(L, -1, NULL));
    order = lua_tonumber(L, -1);
  }
  int how = push_how(L, axis, vta_flag_option(L, options, "keepdims", false));
  push_magnitudes(L, 1, function);
  push_norm(L, lua_gettop(L), how, order);
  vta_finish(L, dtype, options, function);
  return 1;
}

// MARK: Matrices

typedef enum { FROBENIUS, NUCLEAR, SPECTRAL, COLUMNS, ROWS } kind;

/// The kind of norm that the option `ord` names; `least` is set for the negative ones.
static kind read_kind(lua_State *L, int options, bool *least, const char *function) {
  *least = false;
  if (!vta_push_option(L, options, "ord")) return FROBENIUS;
  if (lua_type(L, -1) == LUA_TSTRING) {
    const char *name = lua_tostring(L, -1);
    if (strcmp(name, "fro") == 0) return FROBENIUS;
    if (strcmp(name, "nuc") == 0) return NUCLEAR;
  } else if (lua_type(L, -1) == LUA_TNUMBER) {
    double order = lua_tonumber(L, -1);
    *least = order < 0;
    if (fabs(order) == 1) return COLUMNS;
    if (fabs(order) == 2) return SPECTRAL;
    if (isinf(order)) return ROWS;
  }
  luaL_error(L, "%s: the option 'ord' must be \"fro\", \"nuc\", 1, -1, 2, -2, math.huge or "
             "-math.huge, got %s", function, luaL_tolstring(L, -1, NULL));
  return FROBENIUS;
}

/// Pushes the greatest or least of the array on top along an axis from the end; 0 of no elements.
static void push_extreme(lua_State *L, int axis, bool least) {
  int array = lua_gettop(L);
  bool is_empty = count_of(L, array) == 0;
  lua_pushinteger(L, axis);
  int how = push_how(L, lua_gettop(L), true);
  push_reduction(L, is_empty ? "sum" : least ? "min" : "max", array, how);
}

static int matrix_norm(lua_State *L) {
  const char *function = "linalg.matrix_norm";
  lua_settop(L, 2);
  vta_check_options(L, 2, function, "ord keepdims array");
  va_view view;
  vta_array *array = vta_read_matrix(L, 1, &view, function);
  va_dtype dtype = vta_real_type((va_dtype)array->dtype);
  bool least, keepdims = vta_flag_option(L, 2, "keepdims", false);
  kind kind = read_kind(L, 2, &least, function);
  if (kind == FROBENIUS) {
    lua_createtable(L, 2, 0);
    for (int i = 1; i <= 2; i++) {
      lua_pushinteger(L, -i);
      lua_rawseti(L, -2, i);
    }
    int how = push_how(L, lua_gettop(L), true);
    push_magnitudes(L, 1, function);
    push_norm(L, lua_gettop(L), how, 2);
  } else if (kind == COLUMNS || kind == ROWS) {
    lua_pushinteger(L, kind == COLUMNS ? -2 : -1);
    int how = push_how(L, lua_gettop(L), true);
    push_magnitudes(L, 1, function);
    push_reduction(L, "sum", lua_gettop(L), how);
    push_extreme(L, kind == COLUMNS ? -1 : -2, least);
  } else {
    vta_need_openblas(L, function);
    lua_pushvalue(L, 1);
    vta_call_function(L, "linalg.svdvals", 1, 1);
    vta_read_as(L, lua_gettop(L), VA_FLOAT64, function);
    if (kind == SPECTRAL) {
      push_extreme(L, -1, least);
    } else {
      int values = lua_gettop(L);
      lua_pushinteger(L, -1);
      int how = push_how(L, lua_gettop(L), true);
      push_reduction(L, "sum", values, how);
    }
  }
  // The shape is that of the batch.
  lua_createtable(L, view.axes, 0);
  for (int i = 0; i < view.axes - (keepdims ? 0 : 2); i++) {
    lua_pushinteger(L, i < view.axes - 2 ? view.shape[i] : 1);
    lua_rawseti(L, -2, i + 1);
  }
  vta_call_function(L, "reshape", 2, 1);
  vta_finish(L, dtype, 2, function);
  return 1;
}

const luaL_Reg vta_norm_functions[] = {
    {"vector_norm", vector_norm}, {"matrix_norm", matrix_norm}, {NULL, NULL}};
