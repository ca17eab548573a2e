// SPDX-License-Identifier: BSD-3-Clause
//
// Other shapes of the same elements. The results are independent of their source.

#include <string.h>

#include "array.h"

static void keep_axis(const va_view *from, int axis, va_view *to) {
  to->shape[to->axes] = from->shape[axis];
  to->strides[to->axes++] = from->strides[axis];
}

/// The argument 1 as an array, and its view.
static vta_array *argument(lua_State *L, va_view *view, const char *function) {
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  vta_view(L, array, view);
  return array;
}

// MARK: reshape

/// Pushes the array with the shape, which has as many elements.
static int push_reshaped(lua_State *L, vta_array *array, const va_view *shape) {
  va_view view, result = *shape;
  vta_view(L, array, &view);
  if (!va_is_contiguous(&view)) array = vta_push_copy(L, array, &view);
  result.data = view.data;
  result.dtype = view.dtype;
  va_set_strides(&result);
  vta_push_derived(L, array, &result);
  return 1;
}

static int reshape(lua_State *L) {
  va_view view, result;
  vta_array *array = argument(L, &view, "reshape");
  if (lua_gettop(L) > 2 && lua_type(L, 3) == LUA_TNUMBER)
    return luaL_error(L, "reshape: give the shape as a list: a:reshape{%s, %s}",
                      luaL_tolstring(L, 2, NULL), luaL_tolstring(L, 3, NULL));
  result.axes = vta_read_integers(L, 2, result.shape, "reshape", "the shape");
  int64_t count = va_count(&view), known = 1;
  int open = -1;
  bool fits = true;
  for (int axis = 0; axis < result.axes; axis++) {
    if (result.shape[axis] == -1 && open < 0) open = axis;
    else if (result.shape[axis] < 0) fits = false;
    else if (__builtin_mul_overflow(known, result.shape[axis], &known)) fits = false;
  }
  if (fits && open >= 0) fits = known > 0 && count % known == 0;
  else if (fits) fits = known == count;
  if (!fits)
    return luaL_error(L, "reshape: %I elements do not fit shape %s", (LUAI_UACINT)count,
                      vta_push_shape_text(L, result.axes, result.shape));
  if (open >= 0) result.shape[open] = count / known;
  return push_reshaped(L, array, &result);
}

static int flatten(lua_State *L) {
  va_view view, result = {.axes = 1};
  vta_array *array = argument(L, &view, "flatten");
  result.shape[0] = va_count(&view);
  return push_reshaped(L, array, &result);
}

static int copy(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "copy");
  if (va_is_contiguous(&view)) vta_push_derived(L, array, &view);
  else vta_push_copy(L, array, &view);
  return 1;
}

static int contiguous(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "contiguous");
  if (va_is_contiguous(&view)) lua_settop(L, 1);
  else vta_push_copy(L, array, &view);
  return 1;
}

// MARK: Order of axes

static int push_permuted(
    lua_State *L, vta_array *array, const va_view *view, const int *order) {
  va_view result = {.data = view->data, .dtype = view->dtype};
  for (int axis = 0; axis < view->axes; axis++) keep_axis(view, order[axis], &result);
  vta_push_derived(L, array, &result);
  return 1;
}

static int permute_dims(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "permute_dims");
  int order[VA_MAX_AXES], count = vta_read_axes(L, 2, &view, order, "permute_dims");
  if (count != view.axes)
    return luaL_error(L, "permute_dims: %d axes are given, and the array has %d, shape %s", count,
                      view.axes, vta_push_shape_text(L, view.axes, view.shape));
  return push_permuted(L, array, &view, order);
}

static int moveaxis(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "moveaxis");
  int from[VA_MAX_AXES], to[VA_MAX_AXES], order[VA_MAX_AXES];
  int count = vta_read_axes(L, 2, &view, from, "moveaxis");
  if (vta_read_axes(L, 3, &view, to, "moveaxis") != count)
    return luaL_error(L, "moveaxis: there must be as many new places as axes");
  bool used[VA_MAX_AXES] = {false};
  for (int axis = 0; axis < view.axes; axis++) order[axis] = -1;
  for (int i = 0; i < count; i++) {
    order[to[i]] = from[i];
    used[from[i]] = true;
  }
  int next = 0;
  for (int axis = 0; axis < view.axes; axis++) {
    if (order[axis] >= 0) continue;
    while (used[next]) next++;
    order[axis] = next++;
  }
  return push_permuted(L, array, &view, order);
}

static int push_swapped(lua_State *L, vta_array *array, const va_view *view) {
  int order[VA_MAX_AXES];
  for (int axis = 0; axis < view->axes; axis++) order[axis] = axis;
  order[view->axes - 2] = view->axes - 1;
  order[view->axes - 1] = view->axes - 2;
  return push_permuted(L, array, view, order);
}

static int transpose(lua_State *L, const char *function) {
  va_view view;
  vta_array *array = argument(L, &view, function);
  if (view.axes < 2)
    return luaL_error(L, "%s: at least 2 axes are needed, shape %s", function,
                      vta_push_shape_text(L, view.axes, view.shape));
  return push_swapped(L, array, &view);
}

static int matrix_transpose(lua_State *L) { return transpose(L, "matrix_transpose"); }

// MARK: Axes of length 1

static int expand_dims(lua_State *L) {
  va_view view, result = {0};
  vta_array *array = argument(L, &view, "expand_dims");
  int at = 0;
  if (!lua_isnoneornil(L, 2)) at = vta_read_axis(L, 2, view.axes + 1, &view, "expand_dims");
  if (view.axes == VA_MAX_AXES)
    return luaL_error(L, "expand_dims: an array has at most %d axes", VA_MAX_AXES);
  result.data = view.data;
  result.dtype = view.dtype;
  for (int axis = 0; axis <= view.axes; axis++) {
    if (axis == at) {
      result.shape[result.axes] = 1;
      result.strides[result.axes++] = 0;
    }
    if (axis < view.axes) keep_axis(&view, axis, &result);
  }
  vta_push_derived(L, array, &result);
  return 1;
}

static int squeeze(lua_State *L) {
  va_view view, result = {0};
  vta_array *array = argument(L, &view, "squeeze");
  bool drop[VA_MAX_AXES] = {false};
  if (lua_isnoneornil(L, 2)) {
    for (int axis = 0; axis < view.axes; axis++) drop[axis] = view.shape[axis] == 1;
  } else {
    int axes[VA_MAX_AXES], count = vta_read_axes(L, 2, &view, axes, "squeeze");
    for (int i = 0; i < count; i++) {
      drop[axes[i]] = true;
      if (view.shape[axes[i]] != 1)
        return luaL_error(L, "squeeze: axis %d has length %I, shape %s", axes[i] + 1,
                          (LUAI_UACINT)view.shape[axes[i]],
                          vta_push_shape_text(L, view.axes, view.shape));
    }
  }
  result.data = view.data;
  result.dtype = view.dtype;
  for (int axis = 0; axis < view.axes; axis++)
    if (!drop[axis]) keep_axis(&view, axis, &result);
  vta_push_derived(L, array, &result);
  return 1;
}

// MARK: Broadcasting

static int broadcast_to(lua_State *L) {
  va_view view, result;
  vta_array *array = argument(L, &view, "broadcast_to");
  vta_read_shape(L, 2, &result, "broadcast_to");
  result.dtype = view.dtype;
  va_view wide = view;
  if (!vta_broadcast(&wide, result.axes, result.shape))
    return luaL_error(L, "broadcast_to: shape %s does not fit shape %s",
                      vta_push_shape_text(L, view.axes, view.shape),
                      vta_push_shape_text(L, result.axes, result.shape));
  vta_new(L, &result, false);
  vta_view(L, array, &wide);
  vta_broadcast(&wide, result.axes, result.shape);
  va_assign(&wide, &result);
  return 1;
}

static int broadcast_shapes(lua_State *L) {
  int count = lua_gettop(L);
  va_view common = {0}, next;
  for (int i = 1; i <= count; i++) {
    vta_read_shape(L, i, &next, "broadcast_shapes");
    int64_t shape[VA_MAX_AXES];
    common.axes = vta_common_shape(L, &common, &next, shape, "broadcast_shapes");
    memcpy(common.shape, shape, sizeof shape);
  }
  lua_createtable(L, common.axes, 0);
  for (int axis = 0; axis < common.axes; axis++) {
    lua_pushinteger(L, common.shape[axis]);
    lua_rawseti(L, -2, axis + 1);
  }
  return 1;
}

static int broadcast_arrays(lua_State *L) {
  int count = lua_gettop(L);
  luaL_checkstack(L, count + 8, "arrays");
  va_view common = {0}, next;
  for (int i = 1; i <= count; i++) {
    vta_view(L, vta_to_array(L, i, VA_DTYPES, "broadcast_arrays"), &next);
    int64_t shape[VA_MAX_AXES];
    int axes = vta_common_shape(L, &common, &next, shape, "broadcast_arrays");
    common.axes = axes;
    memcpy(common.shape, shape, sizeof shape);
  }
  for (int i = 1; i <= count; i++) {
    vta_array *array = vta_test(L, i);
    va_view result = common;
    result.dtype = (va_dtype)array->dtype;
    vta_new(L, &result, false);
    vta_view(L, array, &next);
    vta_broadcast(&next, result.axes, result.shape);
    va_assign(&next, &result);
  }
  return count;
}

// MARK: Properties

static void push_lengths(lua_State *L, const vta_array *array) {
  lua_createtable(L, array->axes, 0);
  for (int axis = 0; axis < array->axes; axis++) {
    lua_pushinteger(L, array->lengths[axis]);
    lua_rawseti(L, -2, axis + 1);
  }
}

bool vta_push_property(lua_State *L, const vta_array *array, const char *name) {
  va_view view;
  vta_view(L, array, &view);
  int64_t count = va_count(&view);
  if (strcmp(name, "shape") == 0) push_lengths(L, array);
  else if (strcmp(name, "dtype") == 0) lua_pushstring(L, va_name(view.dtype));
  else if (strcmp(name, "ndim") == 0) lua_pushinteger(L, view.axes);
  else if (strcmp(name, "size") == 0) lua_pushinteger(L, count);
  else if (strcmp(name, "nbytes") == 0) lua_pushinteger(L, count * (int64_t)va_size(view.dtype));
  else if (strcmp(name, "mT") == 0) transpose(L, "mT");
  else if (strcmp(name, "T") == 0) {
    if (view.axes != 2)
      luaL_error(L, "T: 2 axes are needed, shape %s; use mT or permute_dims",
                 vta_push_shape_text(L, view.axes, view.shape));
    transpose(L, "T");
  } else {
    return false;
  }
  return true;
}

const luaL_Reg vta_shaping_functions[] = {
    {"reshape", reshape},
    {"flatten", flatten},
    {"copy", copy},
    {"contiguous", contiguous},
    {"permute_dims", permute_dims},
    {"moveaxis", moveaxis},
    {"matrix_transpose", matrix_transpose},
    {"expand_dims", expand_dims},
    {"squeeze", squeeze},
    {"broadcast_to", broadcast_to},
    {"broadcast_shapes", broadcast_shapes},
    {"broadcast_arrays", broadcast_arrays},
    {NULL, NULL}};
