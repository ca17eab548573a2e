// SPDX-License-Identifier: BSD-3-Clause

#include "products.h"

#include <Linear.h>
#include <string.h>

#include "compose.h"
#include "elementwise.h"
#include "options.h"

void vta_batches(
    lua_State *L, const va_view *a, const va_view *b, va_view *out, const char *function) {
  va_view first = *a, second = *b;
  first.axes -= 2;
  second.axes -= 2;
  *out = (va_view){0};
  out->axes = vta_common_shape(L, &first, &second, out->shape, function);
  if (out->axes > VA_MAX_AXES - 2)
    luaL_error(L, "%s: the result would have more than %d axes", function, VA_MAX_AXES);
}

void vta_spread(va_view *view, const va_view *out, int64_t rows, int64_t columns) {
  int64_t shape[VA_MAX_AXES];
  memcpy(shape, out->shape, sizeof shape);
  shape[out->axes - 2] = rows;
  shape[out->axes - 1] = columns;
  vta_broadcast(view, out->axes, shape);
}

/// Reads the arguments 1 and 2 as arrays of one type of numbers.
static va_dtype read_factors(lua_State *L, vta_array **arrays, const char *function) {
  vta_operands operands = {.count = 2, .at = {1, 2}};
  vta_read_operands(L, &operands, function);
  va_dtype dtype = vta_common_type(&operands, 0);
  if (dtype == VA_BOOL) luaL_error(L, "%s: not defined for bool", function);
  for (int i = 0; i < 2; i++) {
    if (!operands.arrays[i]) luaL_error(L, "%s: argument %d must be an array, got %s", function,
                                        i + 1, luaL_typename(L, i + 1));
    va_view view;
    arrays[i] = operands.arrays[i];
    if ((va_dtype)arrays[i]->dtype == dtype) continue;
    arrays[i] = vta_push_cast(L, arrays[i], dtype, &view, function);
    lua_replace(L, i + 1);
  }
  return dtype;
}

static void check(lua_State *L, const char *function, va_status status, const va_detail *detail,
                  const va_view *view) {
  if (status == VA_NO_LIBRARY) vta_need_openblas(L, function);
  if (status != VA_OK) vta_raise(L, function, status, detail, view->dtype, view);
}

/// Inserts an axis of length 1 at the end, or before the last one.
static void widen(va_view *view, bool before) {
  int at = before ? view->axes - 1 : view->axes;
  if (before) {
    view->shape[at + 1] = view->shape[at];
    view->strides[at + 1] = view->strides[at];
  }
  view->shape[at] = 1;
  view->strides[at] = 0;
  view->axes++;
}

/// Multiplies the views, matrices with equal inner lengths. Pushes the result, without the row if
/// `row` and without the column if `column`.
static int multiply(
    lua_State *L, vta_array **arrays, va_view *a, va_view *b, bool row, bool column, int options,
    const char *function) {
  va_view out;
  vta_batches(L, a, b, &out, function);
  int64_t n = a->shape[a->axes - 2], k = a->shape[a->axes - 1], m = b->shape[b->axes - 1];
  out.dtype = a->dtype;
  va_view shape = out;
  if (!row) shape.shape[shape.axes++] = n;
  if (!column) shape.shape[shape.axes++] = m;
  vta_array *given = NULL;
  if (options && vta_push_option(L, options, "out")) {
    given = vta_check(L, lua_gettop(L), "matmul: the option 'out'");
    va_view now;
    vta_view(L, given, &now);
    bool fits = now.dtype == shape.dtype && now.axes == shape.axes && va_is_contiguous(&now);
    for (int i = 0; fits && i < now.axes; i++) fits = now.shape[i] == shape.shape[i];
    if (!fits)
      return luaL_error(L, "%s: 'out' must be a contiguous %s array of shape %s", function,
                        va_name(shape.dtype), vta_push_shape_text(L, shape.axes, shape.shape));
    if (given->storage == arrays[0]->storage || given->storage == arrays[1]->storage)
      return luaL_error(L, "%s: 'out' must not share memory with a factor", function);
    vta_writable(L, given, &now);
    shape.data = now.data;
  } else {
    vta_new(L, &shape, true);
  }
  out.shape[out.axes++] = n;
  out.shape[out.axes++] = m;
  out.data = shape.data;
  va_set_strides(&out);
  va_view now;
  vta_view(L, arrays[0], &now);
  a->data = now.data;
  vta_view(L, arrays[1], &now);
  b->data = now.data;
  vta_spread(a, &out, n, k);
  vta_spread(b, &out, k, m);
  va_detail detail = vta_new_detail();
  if (va_count(&out) > 0 && k > 0) check(L, function, va_matmul(a, b, &out, &detail), &detail, a);
  else if (given) va_fill(&shape, (char[16]){0});
  if (shape.axes == 0 && !va_is_complex(shape.dtype))
    vta_push_element(L, shape.dtype, shape.data);
  return 1;
}

static int matmul(lua_State *L) {
  lua_settop(L, 3);
  vta_check_options(L, 3, "matmul", "out");
  vta_array *arrays[2];
  va_view a, b;
  read_factors(L, arrays, "matmul");
  vta_view(L, arrays[0], &a);
  vta_view(L, arrays[1], &b);
  if (a.axes == 0 || b.axes == 0)
    return luaL_error(L, "matmul: an array without axes is no matrix; use a * b");
  int64_t columns = a.shape[a.axes - 1], rows = b.shape[b.axes > 1 ? b.axes - 2 : 0];
  if (columns != rows)
    return luaL_error(L, "matmul: shapes %s and %s do not fit: %I columns and %I rows",
                      vta_push_shape_text(L, a.axes, a.shape),
                      vta_push_shape_text(L, b.axes, b.shape), (LUAI_UACINT)columns,
                      (LUAI_UACINT)rows);
  bool row = a.axes == 1, column = b.axes == 1;
  if (row) widen(&a, true);
  if (column) widen(&b, false);
  return multiply(L, arrays, &a, &b, row, column, lua_isnil(L, 3) ? 0 : 3, "matmul");
}

/// Moves an axis to the end.
static void move_last(va_view *view, int axis) {
  int64_t length = view->shape[axis], stride = view->strides[axis];
  for (int i = axis; i + 1 < view->axes; i++) {
    view->shape[i] = view->shape[i + 1];
    view->strides[i] = view->strides[i + 1];
  }
  view->shape[view->axes - 1] = length;
  view->strides[view->axes - 1] = stride;
}

static int vecdot(lua_State *L) {
  lua_settop(L, 3);
  vta_array *arrays[2];
  va_view a, b;
  read_factors(L, arrays, "vecdot");
  if (va_is_complex((va_dtype)arrays[0]->dtype)) {
    va_view from, conjugated;
    vta_view(L, arrays[0], &from);
    conjugated = from;
    vta_array *other = vta_new(L, &conjugated, true);
    vta_view(L, arrays[0], &from);
    const va_view *inputs[] = {&from};
    va_detail detail = vta_new_detail();
    check(L, "vecdot", va_apply(VA_CONJ, inputs, &conjugated, &detail), &detail, &from);
    arrays[0] = other;
  }
  vta_view(L, arrays[0], &a);
  vta_view(L, arrays[1], &b);
  if (a.axes == 0 || b.axes == 0) return luaL_error(L, "vecdot: an array without axes is no vector");
  const va_view *least = a.axes < b.axes ? &a : &b;
  int from_end = 1;
  if (!lua_isnil(L, 3))
    from_end = least->axes - vta_read_axis(L, 3, least->axes, least, "vecdot");
  move_last(&a, a.axes - from_end);
  move_last(&b, b.axes - from_end);
  int64_t lengths[] = {a.shape[a.axes - 1], b.shape[b.axes - 1]};
  if (lengths[0] != lengths[1])
    return luaL_error(L, "vecdot: the vectors have %I and %I elements", (LUAI_UACINT)lengths[0],
                      (LUAI_UACINT)lengths[1]);
  if (a.axes == VA_MAX_AXES || b.axes == VA_MAX_AXES)
    return luaL_error(L, "vecdot: at most %d axes", VA_MAX_AXES - 1);
  widen(&a, true);
  widen(&b, false);
  return multiply(L, arrays, &a, &b, true, true, 0, "vecdot");
}

/// Products of pairs, not a product of matrices, which adds each to 0: 0 * -0 is -0.
static int outer(lua_State *L) {
  lua_settop(L, 2);
  vta_array *arrays[2];
  va_view a, b;
  read_factors(L, arrays, "linalg.outer");
  vta_view(L, arrays[0], &a);
  vta_view(L, arrays[1], &b);
  if (a.axes != 1 || b.axes != 1) return luaL_error(L, "linalg.outer: two vectors are needed");
  widen(&a, false);
  vta_push_view(L, arrays[0], &a);
  vta_push_view(L, arrays[1], &b);
  vta_push_operation(L, LUA_OPMUL, lua_gettop(L) - 1, lua_gettop(L));
  return 1;
}

const luaL_Reg vta_product_functions[] = {
    {"matmul", matmul}, {"vecdot", vecdot}, {"outer", outer}, {NULL, NULL}};

/// Those that are also functions of `array` itself, and methods.
const luaL_Reg vta_matrix_functions[] = {{"matmul", matmul}, {"vecdot", vecdot}, {NULL, NULL}};
