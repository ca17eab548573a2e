// SPDX-License-Identifier: BSD-3-Clause
//
// Sums of products over chosen axes, diagonals and the cross product.

#include <string.h>

#include "compose.h"
#include "elementwise.h"
#include "options.h"

// MARK: tensordot

/// Reads the axes of both arrays that are summed over: a number of axes, the last of `a` and the
/// first of `b`; or a list of two axes or lists of axes.
static int read_pairs(
    lua_State *L, int at, const va_view *a, const va_view *b, int *in_a, int *in_b) {
  if (lua_isnil(L, at) || lua_type(L, at) == LUA_TNUMBER) {
    int exact = 1;
    lua_Integer count = lua_isnil(L, at) ? 2 : lua_tointegerx(L, at, &exact);
    int most = a->axes < b->axes ? a->axes : b->axes;
    if (!exact || count < 0)
      luaL_error(L, "tensordot: the number of axes must be an integer of at least 0, got %s",
                 luaL_tolstring(L, at, NULL));
    if (count > most)
      luaL_error(L, "tensordot: a sum over %I axes does not fit the shapes %s and %s",
                 (LUAI_UACINT)count, vta_push_shape_text(L, a->axes, a->shape),
                 vta_push_shape_text(L, b->axes, b->shape));
    for (int i = 0; i < count; i++) {
      in_a[i] = a->axes - (int)count + i;
      in_b[i] = i;
    }
    return (int)count;
  }
  if (lua_type(L, at) != LUA_TTABLE || vta_list_length(L, at) != 2)
    luaL_error(L, "tensordot: the axes must be a number, or a list of two lists: those of a and "
               "those of b");
  lua_geti(L, at, 1);
  int count = vta_read_axes(L, lua_gettop(L), a, in_a, "tensordot");
  lua_geti(L, at, 2);
  int other = vta_read_axes(L, lua_gettop(L), b, in_b, "tensordot");
  if (count != other)
    luaL_error(L, "tensordot: %d axes of a are given, and %d of b", count, other);
  lua_pop(L, 2);
  return count;
}

/// Sets `order` to the axes that are not among `chosen`, in order, and to those; `first` puts the
/// chosen ones before. Returns the number of the others.
static int order_axes(int axes, const int *chosen, int count, bool first, int *order) {
  int others = 0, at = first ? count : 0;
  for (int axis = 0; axis < axes; axis++) {
    bool is_chosen = false;
    for (int i = 0; i < count; i++) is_chosen |= chosen[i] == axis;
    if (!is_chosen) order[at + others++] = axis;
  }
  for (int i = 0; i < count; i++) order[(first ? 0 : others) + i] = chosen[i];
  return others;
}

/// Pushes the array as a matrix: its axes in the order, the first `split` of them as rows.
static void push_matrix(lua_State *L, int index, const int *order, int split) {
  va_view view, result;
  vta_array *array = vta_test(L, index);
  vta_view(L, array, &view);
  result = view;
  int64_t lengths[2] = {1, 1};
  for (int axis = 0; axis < view.axes; axis++) {
    result.shape[axis] = view.shape[order[axis]];
    result.strides[axis] = view.strides[order[axis]];
    lengths[axis < split ? 0 : 1] *= result.shape[axis];
  }
  vta_push_view(L, array, &result);
  lua_createtable(L, 2, 0);
  for (int i = 0; i < 2; i++) {
    lua_pushinteger(L, lengths[i]);
    lua_rawseti(L, -2, i + 1);
  }
  vta_call_function(L, "reshape", 2, 1);
}

/// tensordot(a, b, axes)
static int tensordot(lua_State *L) {
  lua_settop(L, 3);
  if (vta_is_options(L, 3)) {
    vta_check_options(L, 3, "tensordot", "axes");
    lua_getfield(L, 3, "axes");
    lua_replace(L, 3);
  }
  vta_operands operands = {.count = 2, .at = {1, 2}};
  for (int i = 1; i <= 2; i++) vta_to_array(L, i, VA_DTYPES, "tensordot");
  vta_read_operands(L, &operands, "tensordot");
  va_dtype dtype = vta_common_type(&operands, 0);
  if (dtype == VA_BOOL) return luaL_error(L, "tensordot: not defined for bool");
  if (!va_is_integer(dtype)) vta_need_openblas(L, "tensordot");
  va_view a, b;
  vta_view(L, vta_test(L, 1), &a);
  vta_view(L, vta_test(L, 2), &b);
  int in_a[VA_MAX_AXES], in_b[VA_MAX_AXES], order_a[VA_MAX_AXES], order_b[VA_MAX_AXES];
  int count = read_pairs(L, 3, &a, &b, in_a, in_b);
  for (int i = 0; i < count; i++)
    if (a.shape[in_a[i]] != b.shape[in_b[i]])
      return luaL_error(
          L, "tensordot: shapes %s and %s do not fit: axis %d of a is %I, and axis %d of b is %I",
          vta_push_shape_text(L, a.axes, a.shape), vta_push_shape_text(L, b.axes, b.shape),
          in_a[i] + 1, (LUAI_UACINT)a.shape[in_a[i]], in_b[i] + 1,
          (LUAI_UACINT)b.shape[in_b[i]]);
  int rows = order_axes(a.axes, in_a, count, false, order_a);
  int columns = order_axes(b.axes, in_b, count, true, order_b);
  if (rows + columns > VA_MAX_AXES)
    return luaL_error(L, "tensordot: the result would have more than %d axes", VA_MAX_AXES);
  push_matrix(L, 1, order_a, rows);
  push_matrix(L, 2, order_b, count);
  vta_call_function(L, "matmul", 2, 1);
  lua_createtable(L, rows + columns, 0);
  for (int i = 0; i < rows + columns; i++) {
    lua_pushinteger(L, i < rows ? a.shape[order_a[i]] : b.shape[order_b[count + i - rows]]);
    lua_rawseti(L, -2, i + 1);
  }
  vta_call_function(L, "reshape", 2, 1);
  vta_finish(L, dtype, 0, "tensordot");
  return 1;
}

// MARK: Diagonals

/// The number of a diagonal at the stack index `at`, or in the options there.
static int64_t read_offset(lua_State *L, int at, const char *function, const char *names) {
  bool is_number = lua_type(L, at) == LUA_TNUMBER;
  if (is_number) {
    lua_pushvalue(L, at);
  } else {
    vta_check_options(L, at, function, names);
    if (!vta_push_option(L, at, "offset")) return 0;
  }
  int exact;
  lua_Integer offset = lua_tointegerx(L, -1, &exact);
  if (!exact || lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "%s: the number of the diagonal must be an integer, got %s", function,
               luaL_tolstring(L, -1, NULL));
  lua_pop(L, 1);
  return offset;
}

/// The view of a diagonal of the last two axes.
static void take_diagonal(lua_State *L, va_view *view, int64_t offset, const char *function) {
  if (view->axes < 2)
    luaL_error(L, "%s: a matrix is needed, shape %s", function,
               vta_push_shape_text(L, view->axes, view->shape));
  int row = view->axes - 2;
  int64_t rows = view->shape[row], columns = view->shape[row + 1], length;
  if (offset >= 0) length = offset >= columns ? 0 : columns - offset;
  else length = offset <= -rows ? 0 : rows + offset;
  if (offset >= 0 && length > rows) length = rows;
  if (offset < 0 && length > columns) length = columns;
  if (length > 0)
    view->data += offset >= 0 ? offset * view->strides[row + 1] : -offset * view->strides[row];
  view->strides[row] += view->strides[row + 1];
  view->shape[row] = length;
  view->axes--;
}

static int diagonal(lua_State *L) {
  lua_settop(L, 2);
  va_view view;
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "linalg.diagonal");
  int64_t offset = read_offset(L, 2, "linalg.diagonal", "offset");
  vta_view(L, array, &view);
  take_diagonal(L, &view, offset, "linalg.diagonal");
  vta_push_derived(L, array, &view);
  return 1;
}

static int trace(lua_State *L) {
  lua_settop(L, 2);
  va_view view;
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "linalg.trace");
  int64_t offset = read_offset(L, 2, "linalg.trace", "offset dtype array");
  vta_view(L, array, &view);
  take_diagonal(L, &view, offset, "linalg.trace");
  vta_push_view(L, array, &view);
  lua_pushinteger(L, -1);
  lua_createtable(L, 0, 2);
  for (const char *const *name = (const char *const[]){"dtype", "array", NULL}; *name; name++)
    if (vta_push_option(L, 2, *name)) lua_setfield(L, -2, *name);
  vta_call_function(L, "sum", 3, 1);
  return 1;
}

// MARK: Cross product

/// The element `i`, from 0, of the vectors of an array along an axis, which keeps the length 1.
static int push_part(lua_State *L, int index, int axis, int i) {
  va_view view;
  vta_array *array = vta_test(L, index);
  vta_view(L, array, &view);
  if (va_count(&view) > 0) view.data += i * view.strides[axis];
  view.shape[axis] = 1;
  vta_push_view(L, array, &view);
  return lua_gettop(L);
}

/// cross(a, b, axis): of vectors of 3 elements along an axis, the last one by default.
static int cross(lua_State *L) {
  const char *function = "linalg.cross";
  if (vta_is_options(L, 3)) {
    vta_check_options(L, 3, function, "axis");
    lua_getfield(L, 3, "axis");
    lua_replace(L, 3);
  }
  lua_settop(L, 3);
  va_view views[2];
  for (int i = 0; i < 2; i++) {
    vta_view(L, vta_to_array(L, i + 1, VA_DTYPES, function), &views[i]);
    if (views[i].dtype == VA_BOOL) return luaL_error(L, "%s: not defined for bool", function);
    if (views[i].axes == 0)
      return luaL_error(L, "%s: an array without axes is no vector", function);
  }
  if (va_promote(views[0].dtype, views[1].dtype) == VA_DTYPES)
    return luaL_error(L, "%s: %s and %s have no common type; convert one: b:astype \"%s\"",
                      function, va_name(views[0].dtype), va_name(views[1].dtype), va_name(views[0].dtype));
  // Axes are counted from the end, as shapes are broadcast.
  const va_view *wide = views[0].axes >= views[1].axes ? &views[0] : &views[1];
  int from_end = 1, axes[2];
  if (!lua_isnil(L, 3))
    from_end = wide->axes - vta_read_axis(L, 3, wide->axes, wide, function);
  for (int i = 0; i < 2; i++) {
    axes[i] = views[i].axes - from_end;
    if (axes[i] < 0 || views[i].shape[axes[i]] != 3)
      return luaL_error(L, "%s: vectors of 3 elements are needed along axis %d, shapes %s and %s",
                        function, wide->axes - from_end + 1,
                        vta_push_shape_text(L, views[0].axes, views[0].shape),
                        vta_push_shape_text(L, views[1].axes, views[1].shape));
    views[i].shape[axes[i]] = 1;
  }
  int64_t shape[VA_MAX_AXES];
  vta_common_shape(L, &views[0], &views[1], shape, function);
  int a[3], b[3];
  for (int i = 0; i < 3; i++) {
    a[i] = push_part(L, 1, axes[0], i);
    b[i] = push_part(L, 2, axes[1], i);
  }
  lua_createtable(L, 3, 0);
  int list = lua_gettop(L);
  for (int i = 0; i < 3; i++) {
    int next = (i + 1) % 3, last = (i + 2) % 3;
    vta_push_operation(L, LUA_OPMUL, a[next], b[last]);
    vta_push_operation(L, LUA_OPMUL, a[last], b[next]);
    lua_arith(L, LUA_OPSUB);
    lua_rawseti(L, list, i + 1);
  }
  lua_pushinteger(L, -from_end);
  vta_call_function(L, "concat", 2, 1);
  return 1;
}

const luaL_Reg vta_contraction_functions[] = {
    {"tensordot", tensordot}, {"diagonal", diagonal}, {"trace", trace}, {"cross", cross},
    {NULL, NULL}};

/// Those that are also functions of `array` itself, and methods.
const luaL_Reg vta_tensor_functions[] = {{"tensordot", tensordot}, {NULL, NULL}};
