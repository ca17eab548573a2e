// SPDX-License-Identifier: BSD-3-Clause
//
// Elements by index along an axis.

#include <Elementwise.h>
#include <Gather.h>
#include <string.h>

#include "array.h"

/// The argument at `index` as a contiguous array of int64, which replaces it. A bool is no index.
static void index_argument(lua_State *L, int index, va_view *view, const char *function) {
  vta_array *array = vta_to_private(L, index, VA_INT64, function);
  if (!va_is_integer((va_dtype)array->dtype))
    luaL_error(L, "%s: the indices must be integers, not %s", function,
               va_name((va_dtype)array->dtype));
  vta_push_cast(L, array, VA_INT64, view, function);
  lua_replace(L, index);
}

static int take(lua_State *L) {
  lua_settop(L, 3);
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, "take");
  va_view view, index;
  vta_view(L, array, &view);
  if (view.axes == 0) return luaL_error(L, "take: an array without axes has no indices");
  if (lua_isnil(L, 3) && view.axes > 1)
    return luaL_error(L, "take: name the axis, the array has shape %s",
                      vta_push_shape_text(L, view.axes, view.shape));
  int axis = lua_isnil(L, 3) ? 0 : vta_read_axis(L, 3, view.axes, &view, "take");
  index_argument(L, 2, &index, "take");
  if (view.axes - 1 + index.axes > VA_MAX_AXES)
    return luaL_error(L, "take: the result would have more than %d axes", VA_MAX_AXES);
  va_view result = {.dtype = view.dtype}, row = {.dtype = view.dtype};
  for (int other = 0; other < view.axes; other++) {
    if (other == axis) {
      for (int i = 0; i < index.axes; i++) result.shape[result.axes++] = index.shape[i];
      continue;
    }
    result.shape[result.axes++] = view.shape[other];
    row.shape[row.axes] = view.shape[other];
    row.strides[row.axes++] = view.strides[other];
  }
  // The list of offsets replaces that of indices, in its memory.
  int64_t *offsets = (int64_t *)index.data, count = va_count(&index);
  for (int64_t i = 0; i < count; i++)
    offsets[i] = vta_element_index(L, offsets[i], &view, axis) * view.strides[axis];
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  row.data = view.data;
  // The result with one axis for the indices, which comes first.
  va_view to = {.dtype = result.dtype, .data = result.data, .axes = 1, .shape = {count}};
  int64_t stride = (int64_t)va_size(result.dtype);
  for (int other = axis + 1; other < view.axes; other++) stride *= view.shape[other];
  to.strides[0] = stride;
  for (int other = 0; other < axis; other++) {
    to.shape[to.axes] = result.shape[other];
    to.strides[to.axes++] = result.strides[other];
  }
  for (int other = axis + index.axes; other < result.axes; other++) {
    to.shape[to.axes] = result.shape[other];
    to.strides[to.axes++] = result.strides[other];
  }
  va_take_rows(&row, offsets, &to);
  return 1;
}

static int take_along_axis(lua_State *L) {
  lua_settop(L, 3);
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, "take_along_axis");
  va_view view, index;
  vta_view(L, array, &view);
  if (view.axes == 0)
    return luaL_error(L, "take_along_axis: an array without axes has no indices");
  int axis = lua_isnil(L, 3) ? view.axes - 1
                             : vta_read_axis(L, 3, view.axes, &view, "take_along_axis");
  index_argument(L, 2, &index, "take_along_axis");
  va_view result = view;
  bool fits = index.axes == view.axes;
  for (int other = 0; fits && other < view.axes; other++) {
    int64_t a = view.shape[other], b = index.shape[other];
    if (other == axis) result.shape[other] = b;
    else if (a == b || a == 1 || b == 1) result.shape[other] = a == 1 ? b : a;
    else fits = false;
  }
  if (!fits)
    return luaL_error(L, "take_along_axis: indices of shape %s do not fit shape %s along axis %d",
                      vta_push_shape_text(L, index.axes, index.shape),
                      vta_push_shape_text(L, view.axes, view.shape), axis + 1);
  int64_t *offsets = (int64_t *)index.data, numbers = va_count(&index);
  for (int64_t i = 0; i < numbers; i++)
    offsets[i] = vta_element_index(L, offsets[i], &view, axis) * view.strides[axis];
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  int64_t count = va_count(&result), place[VA_MAX_AXES] = {0};
  size_t size = va_size(view.dtype);
  vta_broadcast(&index, result.axes, result.shape);
  for (int64_t i = 0; i < count; i++) {
    const char *at = view.data, *offset = index.data;
    for (int other = 0; other < view.axes; other++) {
      offset += place[other] * index.strides[other];
      if (other != axis && view.shape[other] != 1) at += place[other] * view.strides[other];
    }
    memcpy(result.data + i * (int64_t)size, at + *(const int64_t *)offset, size);
    for (int other = view.axes - 1; other >= 0 && ++place[other] == result.shape[other]; other--)
      place[other] = 0;
  }
  return 1;
}

static int nonzero(lua_State *L) {
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, "nonzero");
  va_view view, truths;
  vta_view(L, array, &view);
  if (view.axes == 0) return luaL_error(L, "nonzero: an array without axes has no indices");
  if (view.dtype == VA_BOOL) {
    truths = view;
  } else {
    truths = view;
    truths.dtype = VA_BOOL;
    vta_new(L, &truths, true);
    vta_view(L, array, &view);
    _Alignas(16) char zero[16] = {0};
    va_view zeros = view;
    zeros.data = zero;
    memset(zeros.strides, 0, sizeof zeros.strides);
    const va_view *inputs[] = {&view, &zeros};
    va_detail detail = vta_new_detail();
    va_status status = va_apply(VA_NOT_EQUAL, inputs, &truths, &detail);
    if (status != VA_OK) return vta_raise(L, "nonzero", status, &detail, VA_BOOL, &view);
  }
  vta_array *mask = view.dtype == VA_BOOL ? array : vta_test(L, -1);
  int64_t strides[VA_MAX_AXES];  // those of numbers from 0 in row-major order
  int64_t step = 1;
  for (int axis = view.axes - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= view.shape[axis];
  }
  int64_t count = va_mask_offsets(&truths, strides, NULL);
  va_view numbers = {.dtype = VA_INT64, .axes = 1, .shape = {count}};
  vta_new(L, &numbers, true);
  vta_view(L, mask, &truths);
  if (va_mask_offsets(&truths, strides, NULL) != count)
    return luaL_error(L, "nonzero: a finalizer has changed the array");
  va_mask_offsets(&truths, strides, (int64_t *)numbers.data);
  luaL_checkstack(L, view.axes + 4, "results");
  vta_array *found = vta_test(L, -1);
  int64_t *list = (int64_t *)numbers.data;
  for (int axis = 0; axis < view.axes; axis++) {
    va_view result = {.dtype = VA_INT64, .axes = 1, .shape = {count}};
    vta_new(L, &result, true);
    vta_view(L, found, &numbers);
    list = (int64_t *)numbers.data;
    for (int64_t i = 0; i < count; i++)
      ((int64_t *)result.data)[i] = list[i] / strides[axis] % view.shape[axis] + 1;
  }
  return view.axes;
}

const luaL_Reg vta_taking_functions[] = {
    {"take", take}, {"take_along_axis", take_along_axis}, {"nonzero", nonzero}, {NULL, NULL}};
