// SPDX-License-Identifier: BSD-3-Clause
//
// Columns: arrays of one axis, and lists that may have holes.

#include <math.h>
#include <string.h>

#include "frame.h"

void vtf_read_column(lua_State *L, int index, int64_t rows, vtf_column *column) {
  vta_array *array = vta_test(L, index);
  column->index = lua_absindex(L, index);
  column->is_list = !array;
  if (!array) {
    luaL_checktype(L, index, LUA_TTABLE);
    return;
  }
  vta_view(L, array, &column->view);
  if (column->view.axes != 1 || column->view.shape[0] != rows)
    luaL_error(L, "a column has the shape %s, and not %I rows",
               vta_push_shape_text(L, column->view.axes, column->view.shape), (LUAI_UACINT)rows);
  // A finalizer may write to the array. Then this one keeps the elements.
  vta_array *own = vta_push_derived(L, array, &column->view);
  vta_view(L, own, &column->view);
  lua_replace(L, column->index);
}

int64_t *vtf_integers(lua_State *L, int index, int64_t *count) {
  va_view view;
  vta_view(L, vta_check(L, index, "frame"), &view);
  if (view.axes != 1 || view.dtype != VA_INT64 || !va_is_contiguous(&view))
    luaL_error(L, "expected a contiguous array of int64 with one axis");
  *count = view.shape[0];
  return (int64_t *)view.data;
}

double vtf_number(const va_view *view, int64_t row) {
  const char *at = view->data + row * view->strides[0];
  switch (view->dtype) {
    case VA_BOOL:
    case VA_UINT8: return *(const uint8_t *)at;
    case VA_INT8: return *(const int8_t *)at;
    case VA_INT16: return *(const int16_t *)at;
    case VA_UINT16: return *(const uint16_t *)at;
    case VA_INT32: return *(const int32_t *)at;
    case VA_UINT32: return *(const uint32_t *)at;
    case VA_INT64: return (double)*(const int64_t *)at;
    case VA_UINT64: return (double)*(const uint64_t *)at;
    case VA_FLOAT32: return *(const float *)at;
    case VA_FLOAT64: return *(const double *)at;
    default: return NAN;
  }
}

// MARK: Types of lists

/// infer(list, rows): an array of the list's values, if it has one type of number or booleans without
/// holes; otherwise nothing. Numbers with holes are float64, with NaN.
int vtf_infer(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int64_t rows = luaL_checkinteger(L, 2);
  bool holes = false, integers = true, numbers = true, booleans = true, wide = false, any = false;
  for (int64_t i = 1; i <= rows && (numbers || booleans); i++) {
    if ((i & 0xffff) == 0) vtf_check_stop(L);
    switch (lua_rawgeti(L, 1, i)) {
      case LUA_TNIL: holes = true; break;
      case LUA_TBOOLEAN: any = true, numbers = false; break;
      case LUA_TNUMBER:
        any = true, booleans = false;
        if (lua_isinteger(L, -1)) {
          lua_Integer value = lua_tointeger(L, -1);
          wide |= value > (lua_Integer)1 << 53 || value < -((lua_Integer)1 << 53);
        } else {
          integers = false;
        }
        break;
      default: return 0;
    }
    lua_pop(L, 1);
  }
  // Rounding would change large integers: they stay a list.
  if ((numbers && any && wide && (holes || !integers)) || (!numbers && (!booleans || holes))) return 0;
  if (!any && !holes) return 0;  // no rows
  va_dtype dtype = !numbers ? VA_BOOL : integers && !holes ? VA_INT64 : VA_FLOAT64;
  char *to = vtf_new_array(L, dtype, rows);
  for (int64_t i = 0; i < rows; i++) {
    lua_rawgeti(L, 1, i + 1);
    if (dtype == VA_BOOL) to[i] = (char)lua_toboolean(L, -1);
    else if (dtype == VA_INT64) ((int64_t *)to)[i] = lua_tointeger(L, -1);
    else ((double *)to)[i] = lua_isnil(L, -1) ? NAN : lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return 1;
}

// MARK: Rows

static void take_items(const va_view *from, const int64_t *rows, int64_t count, char *to) {
  int64_t stride = from->strides[0];
#define TAKE(type)                                                                           \
  for (int64_t i = 0; i < count; i++)                                                        \
    ((type *)to)[i] = *(const type *)(from->data + (rows[i] - 1) * stride);                  \
  break
  switch (va_size(from->dtype)) {
    case 1: TAKE(uint8_t);
    case 2: TAKE(uint16_t);
    case 4: TAKE(uint32_t);
    case 8: TAKE(uint64_t);
    default:
      for (int64_t i = 0; i < count; i++)
        memcpy(to + i * 16, from->data + (rows[i] - 1) * stride, 16);
  }
#undef TAKE
}

static int take_list(lua_State *L, int64_t count) {
  int64_t length;
  lua_createtable(L, count < INT32_MAX ? (int)count : INT32_MAX, 0);
  const int64_t *rows = vtf_integers(L, 3, &length);
  for (int64_t i = 0; i < count; i++) {
    if ((i & 0xffff) == 0) vtf_check_stop(L);
    if (rows[i] == 0) continue;
    lua_rawgeti(L, 1, rows[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/// take(column, rows, indices): the elements at the indices, an int64 array from 1. At index 0 there is
/// a missing value: integers become float64 then, and booleans a list.
int vtf_take(lua_State *L) {
  int64_t rows = luaL_checkinteger(L, 2), count;
  lua_settop(L, 3);
  const int64_t *indices = vtf_integers(L, 3, &count);
  bool holes = false;
  for (int64_t i = 0; i < count; i++) {
    if (indices[i] < 0 || indices[i] > rows)
      luaL_error(L, "row %I of %I", (LUAI_UACINT)indices[i], (LUAI_UACINT)rows);
    holes |= indices[i] == 0;
  }
  vtf_column column;
  vtf_read_column(L, 1, rows, &column);
  if (column.is_list) return take_list(L, count);
  va_dtype dtype = column.view.dtype;
  if (!holes) {
    char *to = vtf_new_array(L, dtype, count);
    take_items(&column.view, vtf_integers(L, 3, &count), count, to);
    return 1;
  }
  if (dtype == VA_BOOL || va_is_complex(dtype)) {
    lua_createtable(L, count < INT32_MAX ? (int)count : INT32_MAX, 0);
    for (int64_t i = 0; i < count; i++) {
      int64_t row = vtf_integers(L, 3, &count)[i];
      if (row == 0) continue;
      vta_push_element(L, dtype, column.view.data + (row - 1) * column.view.strides[0]);
      lua_rawseti(L, -2, i + 1);
    }
    return 1;
  }
  double *to = vtf_new_array(L, VA_FLOAT64, count);
  indices = vtf_integers(L, 3, &count);
  for (int64_t i = 0; i < count; i++)
    to[i] = indices[i] ? vtf_number(&column.view, indices[i] - 1) : NAN;
  return 1;
}
