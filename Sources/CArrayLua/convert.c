// SPDX-License-Identifier: BSD-3-Clause
//
// Conversion between types, and errors of kernels.

#include <CLuaGuard.h>
#include <Elementwise.h>
#include <string.h>

#include "array.h"
#include "options.h"

// MARK: Errors

va_detail vta_new_detail(void) { return (va_detail){.stop = vtl_stop_flag()}; }

void vta_check_stop(lua_State *L) {
  const volatile int *stop = vtl_stop_flag();
  if (stop && *stop) vtl_raise_stop(L);
}

/// Pushes " at (2, 3)"; "" for an array without axes.
static const char *push_at(lua_State *L, const va_view *view, int64_t place) {
  if (view->axes == 0 || place < 0) return lua_pushliteral(L, "");
  return lua_pushfstring(L, " at %s", vta_push_place(L, view, place));
}

static int raise_fit(
    lua_State *L, const char *what, const va_detail *detail, va_dtype to, const va_view *view) {
  if (view->dtype == VA_UINT64) lua_pushfstring(L, "%s", "a large uint64");
  else if (va_is_integer(view->dtype)) lua_pushinteger(L, detail->integer);
  else lua_pushnumber(L, detail->value);
  if (view->dtype == VA_UINT64 && detail->integer >= 0) lua_pushinteger(L, detail->integer);
  const char *value = luaL_tolstring(L, -1, NULL), *at = push_at(L, view, detail->place);
  if (to == VA_UINT64)
    return luaL_error(L, "%s: %s%s does not fit uint64 (0 to 18446744073709551615)", what, value,
                      at);
  if (!va_is_integer(to)) return luaL_error(L, "%s: %s%s does not fit %s", what, value, at,
                                            va_name(to));
  int64_t least, greatest;
  va_bounds(to, &least, &greatest);
  return luaL_error(L, "%s: %s%s does not fit %s (%I to %I)", what, value, at, va_name(to),
                    (LUAI_UACINT)least, (LUAI_UACINT)greatest);
}

int vta_raise(
    lua_State *L, const char *what, va_status status, const va_detail *detail, va_dtype to,
    const va_view *view) {
  switch (status) {
    case VA_OK: return 0;
    case VA_NO_MEMORY: return vta_no_memory(L);
    case VA_STOPPED: return vtl_raise_stop(L);
    case VA_DOES_NOT_FIT: return raise_fit(L, what, detail, to, view);
    case VA_NAN_TO_INTEGER:
      return luaL_error(L, "%s: nan%s is no %s", what, push_at(L, view, detail->place),
                        va_name(to));
    case VA_BY_ZERO:
      return luaL_error(L, "%s: division by zero%s", what, push_at(L, view, detail->place));
    case VA_NOT_DEFINED: return luaL_error(L, "%s: not defined for %s", what, va_name(view->dtype));
    case VA_NEGATIVE_POWER:
      return luaL_error(
          L, "%s: an integer to a negative power%s; convert to floats: a:astype \"float64\"", what,
          push_at(L, view, detail->place));
    case VA_SINGULAR: return luaL_error(L, "%s: the matrix is singular", what);
    case VA_NOT_POSITIVE:
      return luaL_error(L, "%s: the matrix is not positive definite (row %I)", what,
                        (LUAI_UACINT)detail->place);
    case VA_NO_LIBRARY:
      return luaL_error(L, "%s needs %s (Debian: %s)", what, detail->library, detail->package);
    case VA_EMPTY:
      return luaL_error(L, "%s: there is no value for an array without elements, shape %s", what,
                        vta_push_shape_text(L, view->axes, view->shape));
    case VA_NOT_CONVERGED: return luaL_error(L, "%s: the computation does not converge", what);
  }
  return luaL_error(L, "%s: failed (%d)", what, (int)status);
}

// MARK: Casts

static vta_array *push_cast(
    lua_State *L, const vta_array *array, va_dtype dtype, va_view *result, va_cast_mode mode,
    const char *what) {
  va_view from;
  vta_view(L, array, &from);
  if (va_is_complex(from.dtype) && !va_is_complex(dtype))
    luaL_error(L, "%s: %s has no conversion to %s; use a:real(), a:imag() or a:abs()", what,
               va_name(from.dtype), va_name(dtype));
  *result = from;
  result->dtype = dtype;
  vta_array *cast = vta_new(L, result, false);
  vta_view(L, array, &from);
  if (from.dtype == dtype) {
    va_assign(&from, result);
    return cast;
  }
  va_detail detail = vta_new_detail();
  va_status status = va_cast(&from, result, mode, &detail);
  if (status != VA_OK) vta_raise(L, what, status, &detail, dtype, &from);
  return cast;
}

vta_array *vta_push_cast(
    lua_State *L, const vta_array *array, va_dtype dtype, va_view *view, const char *what) {
  return push_cast(L, array, dtype, view, VA_CAST_CHECKED, what);
}

static int astype(lua_State *L) {
  vta_array *array = vta_check(L, 1, "astype");
  if (lua_isnoneornil(L, 2)) return luaL_error(L, "astype: a dtype such as \"float64\" is needed");
  va_dtype dtype = vta_dtype_option(L, 2, VA_DTYPES, "astype");
  vta_check_options(L, 3, "astype", "saturate wrap");
  va_cast_mode mode = VA_CAST_CHECKED;
  if (vta_flag_option(L, 3, "saturate", false)) mode = VA_CAST_SATURATE;
  if (vta_flag_option(L, 3, "wrap", false)) {
    if (mode != VA_CAST_CHECKED)
      return luaL_error(L, "astype: give one of saturate and wrap, not both");
    mode = VA_CAST_WRAP;
  }
  va_view result;
  push_cast(L, array, dtype, &result, mode, "astype");
  return 1;
}

/// The type that the argument stands for: of an array, or a name.
static va_dtype type_of(lua_State *L, int index, const char *function) {
  vta_array *array = vta_test(L, index);
  if (array) return (va_dtype)array->dtype;
  return vta_dtype_option(L, index, VA_DTYPES, function);
}

static int result_type(lua_State *L) {
  int arguments = lua_gettop(L);
  va_dtype common = VA_DTYPES;
  bool has_integer = false, has_float = false, has_bool = false;
  for (int i = 1; i <= arguments; i++) {
    if (lua_type(L, i) == LUA_TBOOLEAN) {
      has_bool = true;
    } else if (lua_type(L, i) == LUA_TNUMBER) {
      if (lua_isinteger(L, i)) has_integer = true;
      else has_float = true;
    } else {
      va_dtype type = type_of(L, i, "result_type");
      if (type == VA_DTYPES) return luaL_error(L, "result_type: argument %d is nil", i);
      va_dtype next = common == VA_DTYPES ? type : va_promote(common, type);
      if (next == VA_DTYPES)
        return luaL_error(L, "%s and %s have no common type", va_name(common), va_name(type));
      common = next;
    }
  }
  if (common == VA_DTYPES) {
    if (has_bool && (has_integer || has_float))
      return luaL_error(L, "bool and numbers have no common type");
    if (!has_bool && !has_integer && !has_float)
      return luaL_error(L, "result_type: an array, a dtype or a number is needed");
    common = has_bool ? VA_BOOL : has_float ? VA_FLOAT64 : VA_INT64;
  } else if ((common == VA_BOOL) != has_bool && (has_bool || has_integer || has_float)) {
    return luaL_error(L, "bool and numbers have no common type");
  } else if (has_float && va_is_integer(common)) {
    common = VA_FLOAT64;
  }
  lua_pushstring(L, va_name(common));
  return 1;
}

static int can_cast(lua_State *L) {
  va_dtype from = type_of(L, 1, "can_cast"), to = type_of(L, 2, "can_cast");
  if (from == VA_DTYPES || to == VA_DTYPES)
    return luaL_error(L, "can_cast: two dtypes are needed");
  lua_pushboolean(L, va_promote(from, to) == to);
  return 1;
}

/// True if the type is of the kind whose name is on top.
static bool is_kind(lua_State *L, va_dtype type) {
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "isdtype: a kind must be a string, got %s", luaL_typename(L, -1));
  size_t length;
  const char *kind = lua_tolstring(L, -1, &length);
  if (strcmp(kind, "bool") == 0) return va_is_bool(type);
  if (strcmp(kind, "signed integer") == 0) return va_is_signed(type);
  if (strcmp(kind, "unsigned integer") == 0) return va_is_unsigned(type);
  if (strcmp(kind, "integral") == 0) return va_is_integer(type);
  if (strcmp(kind, "real floating") == 0) return va_is_real(type);
  if (strcmp(kind, "complex floating") == 0) return va_is_complex(type);
  if (strcmp(kind, "numeric") == 0) return !va_is_bool(type);
  va_dtype other = va_dtype_named(kind, length);
  if (other == VA_DTYPES)
    luaL_error(L, "isdtype: there is no kind \"%s\"; use bool, signed integer, unsigned integer, "
               "integral, real floating, complex floating, numeric or a dtype", kind);
  return other == type;
}

static int isdtype(lua_State *L) {
  va_dtype type = type_of(L, 1, "isdtype");
  if (type == VA_DTYPES) return luaL_error(L, "isdtype: a dtype is needed");
  bool found = false;
  if (lua_type(L, 2) == LUA_TTABLE) {
    for (lua_Integer i = 1, count = vta_list_length(L, 2); i <= count; i++) {
      if (vta_is_turn_to_check(i)) vta_check_stop(L);
      lua_geti(L, 2, i);
      found = is_kind(L, type) || found;
      lua_pop(L, 1);
    }
  } else {
    lua_settop(L, 2);
    found = is_kind(L, type);
  }
  lua_pushboolean(L, found);
  return 1;
}

static int iinfo(lua_State *L) {
  va_dtype type = type_of(L, 1, "iinfo");
  if (type == VA_DTYPES || !va_is_integer(type))
    return luaL_error(L, "iinfo: a dtype of integers is needed");
  lua_settop(L, 2);
  vta_check_options(L, 2, "iinfo", "array");
  int64_t bounds[2];
  va_bounds(type, &bounds[0], &bounds[1]);
  if (type == VA_UINT64) bounds[1] = -1;
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, (lua_Integer)va_size(type) * 8);
  lua_setfield(L, -2, "bits");
  for (int i = 0; i < 2; i++) {
    if (vta_flag_option(L, 2, "array", false)) {
      // The low bytes of the integer, which are the first.
      va_view bound = {.dtype = type};
      vta_new(L, &bound, false);
      memcpy(bound.data, &bounds[i], va_size(type));
    } else if (type == VA_UINT64 && i == 1) {
      lua_pushnumber(L, 0x1p64);
    } else {
      lua_pushinteger(L, bounds[i]);
    }
    lua_setfield(L, -2, i ? "max" : "min");
  }
  lua_pushstring(L, va_name(type));
  lua_setfield(L, -2, "dtype");
  return 1;
}

static int finfo(lua_State *L) {
  va_dtype type = type_of(L, 1, "finfo");
  if (type == VA_DTYPES || !va_is_floating(type))
    return luaL_error(L, "finfo: a dtype of floats is needed");
  bool single = type == VA_FLOAT32 || type == VA_COMPLEX64;
  static const char *const names[] = {"eps", "max", "min", "smallest_normal"};
  const double values[] = {
      single ? (double)__FLT_EPSILON__ : __DBL_EPSILON__, single ? (double)__FLT_MAX__ : __DBL_MAX__,
      single ? -(double)__FLT_MAX__ : -__DBL_MAX__, single ? (double)__FLT_MIN__ : __DBL_MIN__};
  lua_createtable(L, 0, 6);
  for (int i = 0; i < 4; i++) {
    lua_pushnumber(L, values[i]);
    lua_setfield(L, -2, names[i]);
  }
  lua_pushinteger(L, single ? 32 : 64);
  lua_setfield(L, -2, "bits");
  lua_pushstring(L, single ? "float32" : "float64");
  lua_setfield(L, -2, "dtype");
  return 1;
}

const luaL_Reg vta_conversion_functions[] = {
    {"astype", astype},     {"result_type", result_type}, {"can_cast", can_cast},
    {"isdtype", isdtype},   {"iinfo", iinfo},             {"finfo", finfo},
    {NULL, NULL}};
