// SPDX-License-Identifier: BSD-3-Clause
//
// Shapes, axes and broadcasting.

#include <string.h>

#include "array.h"
#include "options.h"

const char *vta_push_shape_text(lua_State *L, int axes, const int64_t *shape) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addchar(&text, '(');
  for (int axis = 0; axis < axes; axis++) {
    if (axis > 0) luaL_addstring(&text, ", ");
    lua_pushinteger(L, shape[axis]);
    luaL_addvalue(&text);
  }
  luaL_addchar(&text, ')');
  luaL_pushresult(&text);
  return lua_tostring(L, -1);
}

const char *vta_push_place(lua_State *L, const va_view *view, int64_t place) {
  int64_t index[VA_MAX_AXES];
  for (int axis = view->axes - 1; axis >= 0; axis--) {
    int64_t length = view->shape[axis] > 0 ? view->shape[axis] : 1;
    index[axis] = place % length + 1;
    place /= length;
  }
  if (view->axes == 1) return lua_pushfstring(L, "%I", (LUAI_UACINT)index[0]);
  return vta_push_shape_text(L, view->axes, index);
}

size_t vta_bytes(lua_State *L, const va_view *view) {
  // Of a type that is not known yet: the size of the largest.
  int64_t bytes = view->dtype == VA_DTYPES ? 16 : (int64_t)va_size(view->dtype);
  bool empty = false;
  for (int axis = 0; axis < view->axes; axis++) {
    if (view->shape[axis] == 0) empty = true;
    else if (__builtin_mul_overflow(bytes, view->shape[axis], &bytes) || bytes > (int64_t)1 << 60) {
      luaL_error(L, "shape %s is too large for the memory of any machine",
                 vta_push_shape_text(L, view->axes, view->shape));
    }
  }
  return empty ? 0 : (size_t)bytes;
}

// MARK: Arguments

int64_t vta_list_length(lua_State *L, int index) {
  lua_Integer length = luaL_len(L, index);
  if (length < 0) luaL_error(L, "the length of a list must be at least 0, got %I", (LUAI_UACINT)length);
  return length;
}

int vta_read_integers(
    lua_State *L, int index, int64_t *values, const char *function, const char *what) {
  int exact;
  if (lua_type(L, index) == LUA_TNUMBER) {
    values[0] = lua_tointegerx(L, index, &exact);
    if (!exact) luaL_error(L, "%s: %s must be an integer, got %s", function, what,
                           luaL_tolstring(L, index, NULL));
    return 1;
  }
  if (lua_type(L, index) != LUA_TTABLE)
    luaL_error(L, "%s: %s must be an integer or a list of integers, got %s", function, what,
               luaL_typename(L, index));
  lua_Integer count = vta_list_length(L, index);
  if (count == 0 && vta_is_options(L, index))
    luaL_error(L, "%s: %s must be an integer or a list of integers, got a table with names", function,
               what);
  if (count > VA_MAX_AXES)
    luaL_error(L, "%s: %s has %I elements, and an array has at most %d axes", function, what,
               (LUAI_UACINT)count, VA_MAX_AXES);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_geti(L, index, i);
    values[i - 1] = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &exact) : (exact = 0);
    if (!exact) luaL_error(L, "%s: element %I of %s must be an integer, got %s", function,
                           (LUAI_UACINT)i, what, luaL_tolstring(L, -1, NULL));
    lua_pop(L, 1);
  }
  return (int)count;
}

void vta_read_shape(lua_State *L, int index, va_view *view, const char *function) {
  view->axes = vta_read_integers(L, index, view->shape, function, "the shape");
  for (int axis = 0; axis < view->axes; axis++)
    if (view->shape[axis] < 0)
      luaL_error(L, "%s: a length must be at least 0, got %I", function,
                 (LUAI_UACINT)view->shape[axis]);
}

static int axis_from(
    lua_State *L, int64_t axis, int axes, const va_view *of, const char *function) {
  if (axis == 0) luaL_error(L, "%s: axis 0: axes begin at 1", function);
  int64_t place = axis < 0 ? axis + axes : axis - 1;
  if (place < 0 || place >= axes)
    luaL_error(L, "%s: there is no axis %I in an array of shape %s", function, (LUAI_UACINT)axis,
               vta_push_shape_text(L, of->axes, of->shape));
  return (int)place;
}

int vta_read_axis(lua_State *L, int index, int axes, const va_view *of, const char *function) {
  int exact;
  int64_t axis = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : (exact = 0);
  if (!exact) luaL_error(L, "%s: an axis must be an integer, got %s", function,
                         lua_type(L, index) == LUA_TNUMBER ? luaL_tolstring(L, index, NULL)
                                                           : luaL_typename(L, index));
  return axis_from(L, axis, axes, of, function);
}

int vta_read_axes(lua_State *L, int index, const va_view *of, int *axes, const char *function) {
  int64_t values[VA_MAX_AXES];
  int count = vta_read_integers(L, index, values, function, "axis");
  for (int i = 0; i < count; i++) {
    axes[i] = axis_from(L, values[i], of->axes, of, function);
    for (int before = 0; before < i; before++)
      if (axes[before] == axes[i])
        luaL_error(L, "%s: axis %d is given twice", function, axes[i] + 1);
  }
  return count;
}

// MARK: Broadcasting

bool vta_broadcast(va_view *view, int axes, const int64_t *shape) {
  int added = axes - view->axes;
  if (added < 0) return false;
  va_view wide = {.data = view->data, .dtype = view->dtype, .axes = axes};
  for (int axis = 0; axis < axes; axis++) {
    wide.shape[axis] = shape[axis];
    if (axis < added) continue;
    int64_t length = view->shape[axis - added];
    if (length == shape[axis]) wide.strides[axis] = view->strides[axis - added];
    else if (length != 1) return false;
  }
  *view = wide;
  return true;
}

/// Pushes the advice for shapes that would fit with axes of length 1 at the end; "" for others.
static const char *push_advice(
    lua_State *L, const va_view *a, const va_view *b, const char *what) {
  const va_view *less = a->axes < b->axes ? a : b, *more = less == a ? b : a;
  bool leads = less->axes > 0 && less->axes < more->axes;
  for (int axis = 0; leads && axis < less->axes; axis++)
    leads = less->shape[axis] == more->shape[axis];
  if (!leads) return lua_pushliteral(L, "");
  const char *name = less == a ? "a" : "b", *to = less == a ? "b" : "a";
  va_view cure = *less;
  for (int axis = less->axes; axis < more->axes; axis++) cure.shape[axis] = 1;
  const char *shape = vta_push_shape_text(L, more->axes, cure.shape);
  const char *lengths = lua_pushlstring(L, shape + 1, strlen(shape) - 2);
  bool columns = more->axes == 2 && strstr(what, " + ");
  const char *aim = columns ? lua_pushfstring(L, "add %s to each column", name)
                            : lua_pushfstring(L, "fit %s to the first axes of %s", name, to);
  return lua_pushfstring(L, ". To %s: %s:reshape{%s}", aim, name, lengths);
}

int vta_common_shape(
    lua_State *L, const va_view *a, const va_view *b, int64_t *shape, const char *what) {
  int axes = a->axes > b->axes ? a->axes : b->axes;
  for (int axis = 0; axis < axes; axis++) {
    int in_a = axis - (axes - a->axes), in_b = axis - (axes - b->axes);
    int64_t length_a = in_a < 0 ? 1 : a->shape[in_a], length_b = in_b < 0 ? 1 : b->shape[in_b];
    shape[axis] = length_a == 1 ? length_b : length_a;
    if (length_a == length_b || length_a == 1 || length_b == 1) continue;
    const char *text_a = vta_push_shape_text(L, a->axes, a->shape);
    const char *text_b = vta_push_shape_text(L, b->axes, b->shape);
    return luaL_error(
        L, "%s: shapes %s and %s do not fit: axis %d is %I and %I%s", what, text_a, text_b,
        axis + 1, (LUAI_UACINT)length_a, (LUAI_UACINT)length_b, push_advice(L, a, b, what));
  }
  return axes;
}
