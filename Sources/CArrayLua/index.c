// SPDX-License-Identifier: BSD-3-Clause
//
// Indexing: elements, views and properties.

#include <string.h>

#include "array.h"
#include "open.h"

const char vta_newaxis, vta_rest;

// MARK: One index

static int64_t out_of_bounds(lua_State *L, int64_t index, const va_view *view, int axis) {
  if (index == 0) return luaL_error(L, "index 0: indices begin at 1");
  return luaL_error(
      L, "index %I is out of bounds for axis %d of length %I, shape %s", (LUAI_UACINT)index,
      axis + 1, (LUAI_UACINT)view->shape[axis],
      vta_push_shape_text(L, view->axes, view->shape));
}

int64_t vta_element_index(lua_State *L, int64_t index, const va_view *view, int axis) {
  int64_t length = view->shape[axis];
  if (index >= 1 && index <= length) return index - 1;
  if (index < 0 && index >= -length) return index + length;
  return out_of_bounds(L, index, view, axis);
}

// MARK: Ranges

static int64_t range_part(lua_State *L, int list, int part, int64_t otherwise) {
  lua_geti(L, list, part);
  int exact = 1;
  int64_t value = lua_isnil(L, -1) ? otherwise : lua_tointegerx(L, -1, &exact);
  if (!exact || lua_type(L, -1) == LUA_TSTRING)
    luaL_error(L, "a range has integers {from, to} or {from, to, step}, got %s",
               luaL_tolstring(L, -1, NULL));
  lua_pop(L, 1);
  return value;
}

/// Adds the axis of a range, such as {2, 5} or {-1, 1, -1}, to the result.
static void add_range(
    lua_State *L, int list, const va_view *from, int axis, va_view *result) {
  int64_t length = from->shape[axis], stride = from->strides[axis];
  int added = result->axes++;
  lua_Integer parts = vta_list_length(L, list);
  if (parts == 0) {
    lua_pushnil(L);
    if (lua_next(L, list)) luaL_error(L, "a range has integers {from, to} or {from, to, step}");
    result->shape[added] = length;
    result->strides[added] = stride;
    return;
  }
  if (parts != 2 && parts != 3)
    luaL_error(L, "a range has 2 or 3 integers, {from, to} or {from, to, step}, got %I",
               (LUAI_UACINT)parts);
  int64_t ends[2] = {range_part(L, list, 1, 0), range_part(L, list, 2, 0)};
  int64_t step = parts == 3 ? range_part(L, list, 3, 1) : 1;
  if (step == 0) luaL_error(L, "the step of a range must not be 0");
  int64_t first = ends[0] < 0 ? ends[0] + length + 1 : ends[0];
  int64_t last = ends[1] < 0 ? ends[1] + length + 1 : ends[1];
  bool empty = step > 0 ? last < first : last > first;
  for (int end = 0; end < 2; end++) {
    int64_t place = end == 0 ? first : last;
    if (place < (empty ? 0 : 1) || place > length + (empty ? 1 : 0))
      out_of_bounds(L, ends[end], from, axis);
  }
  if (step < -length) step = -length;  // beyond the length, each step reaches the same element
  if (step > length) step = length > 0 ? length : 1;
  result->shape[added] = empty ? 0 : (last - first) / step + 1;
  result->strides[added] = stride * step;
  if (!empty) result->data += (first - 1) * stride;
}

// MARK: Lists of indices

/// The number of axes that the items use, and the place of `array.rest` or -1.
static int count_used(lua_State *L, int first, int items, const va_view *view, int *rest) {
  int used = 0;
  *rest = -1;
  for (int item = 0; item < items; item++) {
    void *mark = lua_touserdata(L, first + item);
    if (mark == &vta_newaxis) continue;
    if (mark == &vta_rest) {
      if (*rest >= 0) luaL_error(L, "array.rest can stand only once among the indices");
      *rest = item;
    } else {
      used++;
    }
  }
  if (used <= view->axes) return used;
  int exact_a, exact_b;
  lua_Integer a = lua_tointegerx(L, first, &exact_a), b = lua_tointegerx(L, first + 1, &exact_b);
  if (view->axes == 1 && items == 2 && exact_a && exact_b)
    luaL_error(L, "2 indices for an array of 1 axis; for a range write a[{ {%I, %I} }] or "
               "a({%I, %I})", (LUAI_UACINT)a, (LUAI_UACINT)b, (LUAI_UACINT)a, (LUAI_UACINT)b);
  return luaL_error(
      L, "%d %s for an array of %d %s, shape %s", used, used == 1 ? "index" : "indices",
      view->axes, view->axes == 1 ? "axis" : "axes",
      vta_push_shape_text(L, view->axes, view->shape));
}

static void add_axis(lua_State *L, va_view *result, int64_t length, int64_t stride) {
  if (result->axes == VA_MAX_AXES)
    luaL_error(L, "the result would have more than %d axes", VA_MAX_AXES);
  result->shape[result->axes] = length;
  result->strides[result->axes++] = stride;
}

static void bad_item(lua_State *L, int index) {
  if (vta_test(L, index))
    luaL_error(L, "an array as an index stands alone: a[mask] or a[index]; along one axis, use "
               "a:take(index, axis)");
  luaL_error(L, "an index must be an integer, a range such as {2, 5}, array.newaxis or "
             "array.rest, got %s", lua_type(L, index) == LUA_TNUMBER
                                        ? luaL_tolstring(L, index, NULL)
                                        : luaL_typename(L, index));
}

/// Applies the items at `first` of the stack to the view. True if they name one element.
static bool apply(lua_State *L, int first, int items, const va_view *view, va_view *result) {
  int rest, used = count_used(L, first, items, view, &rest), axis = 0;
  bool element = used == view->axes && rest < 0;
  *result = (va_view){.data = view->data, .dtype = view->dtype};
  for (int item = 0; item < items; item++) {
    int at = first + item, exact;
    void *mark = lua_touserdata(L, at);
    if (lua_type(L, at) == LUA_TNUMBER) {
      lua_Integer index = lua_tointegerx(L, at, &exact);
      if (!exact) bad_item(L, at);
      result->data += vta_element_index(L, index, view, axis) * view->strides[axis];
      axis++;
      continue;
    }
    element = false;
    if (lua_type(L, at) == LUA_TTABLE) {
      if (result->axes == VA_MAX_AXES) add_axis(L, result, 1, 0);
      add_range(L, at, view, axis++, result);
    } else if (mark == &vta_newaxis) {
      add_axis(L, result, 1, 0);
    } else if (mark == &vta_rest) {
      for (int left = view->axes - used; left > 0; left--, axis++)
        add_axis(L, result, view->shape[axis], view->strides[axis]);
    } else {
      bad_item(L, at);
    }
  }
  for (; axis < view->axes; axis++) add_axis(L, result, view->shape[axis], view->strides[axis]);
  return element;
}

/// Pushes the items of the list at `list`; returns their number.
static int push_items(lua_State *L, int list) {
  lua_Integer items = vta_list_length(L, list);
  if (items > 2 * VA_MAX_AXES) luaL_error(L, "%I indices are too many", (LUAI_UACINT)items);
  luaL_checkstack(L, (int)items + 4, "indices");
  for (lua_Integer item = 1; item <= items; item++) lua_geti(L, list, item);
  return (int)items;
}

/// Pushes the element that integers within the bounds name; false if it is another case.
static bool push_at(lua_State *L, const vta_array *array, int first, int items) {
  if (items != array->axes || !array->storage) return false;
  int64_t offset = array->offset;
  for (int axis = 0; axis < items; axis++) {
    if (!lua_isinteger(L, first + axis)) return false;
    int64_t index = lua_tointeger(L, first + axis), length = array->lengths[axis];
    int64_t place = index > 0 ? index - 1 : index + length;
    if (index == 0 || (uint64_t)place >= (uint64_t)length) return false;
    offset += place * array->lengths[items + axis];
  }
  vta_push_element(L, (va_dtype)array->dtype, va_block_data(array->storage->block) + offset);
  return true;
}

/// Pushes the row with that index, as a view; false if it is another case.
static bool push_view_of_row(lua_State *L, const vta_array *array, int64_t index) {
  int64_t length = array->lengths[0], place = index > 0 ? index - 1 : index + length;
  if (index == 0 || (uint64_t)place >= (uint64_t)length || !array->storage) return false;
  va_view row;
  row.axes = array->axes - 1;
  row.dtype = (va_dtype)array->dtype;
  memcpy(row.shape, array->lengths + 1, (size_t)row.axes * sizeof *row.shape);
  memcpy(row.strides, array->lengths + array->axes + 1, (size_t)row.axes * sizeof *row.strides);
  row.data = va_block_data(array->storage->block) + array->offset + place * array->lengths[array->axes];
  vta_push_view(L, array, &row);
  return true;
}

/// Pushes what the items give: an element or a view.
static int push_indexed(lua_State *L, vta_array *array, int first, int items) {
  if (push_at(L, array, first, items)) return 1;
  va_view view, result;
  vta_view(L, array, &view);
  bool element = apply(L, first, items, &view, &result);
  vta_view(L, array, &view);  // reading the items may have run a metamethod
  apply(L, first, items, &view, &result);
  if (element) vta_push_element(L, result.dtype, result.data);
  else vta_push_view(L, array, &result);
  return 1;
}

// MARK: Metamethods

static int push_row(lua_State *L, vta_array *array) {
  int exact;
  lua_Integer index = lua_tointegerx(L, 2, &exact);
  if (!exact) bad_item(L, 2);
  if (array->storage && array->axes == 1) {
    int64_t length = array->lengths[0];
    int64_t place = index > 0 ? index - 1 : index + length;
    if (index != 0 && (uint64_t)place < (uint64_t)length) {
      const char *data = va_block_data(array->storage->block) + array->offset;
      vta_push_element(L, (va_dtype)array->dtype, data + place * array->lengths[1]);
      return 1;
    }
  }
  if (array->axes > 1 && push_view_of_row(L, array, index)) return 1;
  if (array->axes > 0 && index == array->lengths[0] + 1) {
    lua_pushnil(L);  // as of a list, so that ipairs ends
    return 1;
  }
  return push_indexed(L, array, 2, 1);
}

int vta_index(lua_State *L) {
  vta_array *array = vta_check(L, 1, "index");
  switch (lua_type(L, 2)) {
    case LUA_TNUMBER: return push_row(L, array);
    case LUA_TSTRING:
      vta_push_methods(L);
      lua_pushvalue(L, 2);
      if (lua_rawget(L, -2) != LUA_TNIL) return 1;
      if (vta_push_property(L, array, lua_tostring(L, 2))) return 1;
      return vta_no_method(L, lua_tostring(L, 2));
    case LUA_TTABLE: {
      int items = push_items(L, 2);
      return push_indexed(L, array, lua_gettop(L) - items + 1, items);
    }
    default: {
      vta_array *by = vta_private(L, 2);
      if (by) return vta_select(L, array, by);
      return push_indexed(L, array, 2, 1);
    }
  }
}

int vta_call(lua_State *L) {
  vta_array *array = vta_check(L, 1, "index");
  vta_array *by = lua_gettop(L) == 2 ? vta_private(L, 2) : NULL;
  if (by) return vta_select(L, array, by);
  return push_indexed(L, array, 2, lua_gettop(L) - 1);
}

/// Stores an element of a one-axis array directly; false if it is another case.
static bool store_element(lua_State *L, vta_array *array) {
  int exact;
  lua_Integer index = lua_tointegerx(L, 2, &exact);
  if (!exact || array->axes != 1 || !array->storage || lua_type(L, 3) != LUA_TNUMBER) return false;
  int64_t length = array->lengths[0], place = index > 0 ? index - 1 : index + length;
  if (index == 0 || (uint64_t)place >= (uint64_t)length) return false;
  _Alignas(16) char element[16];
  vta_read_element(L, 3, (va_dtype)array->dtype, element);
  if (!va_block_is_own(array->storage->block)) {
    va_view view;
    vta_writable(L, array, &view);
  }
  char *data = va_block_data(array->storage->block) + array->offset;
  memcpy(data + place * array->lengths[1], element, va_size((va_dtype)array->dtype));
  return true;
}

int vta_newindex(lua_State *L) {
  vta_array *array = vta_check(L, 1, "index");
  lua_settop(L, 3);
  if (lua_type(L, 2) == LUA_TNUMBER && store_element(L, array)) return 0;
  vta_array *by = vta_private(L, 2);
  if (by) {
    vta_select_assign(L, array, by, 3);
    return 0;
  }
  if (lua_type(L, 2) == LUA_TSTRING)
    return luaL_error(L, "an array has no fields of its own: '%s' cannot be set",
                      lua_tostring(L, 2));
  int items = lua_type(L, 2) == LUA_TTABLE ? push_items(L, 2) : 1;
  int first = lua_type(L, 2) == LUA_TTABLE ? lua_gettop(L) - items + 1 : 2;
  va_view view, target;
  vta_view(L, array, &view);
  apply(L, first, items, &view, &target);
  vta_view(L, array, &view);
  apply(L, first, items, &view, &target);
  vta_assign(L, array, &target, 3, "a[...] = b");
  return 0;
}
