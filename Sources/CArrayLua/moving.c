// SPDX-License-Identifier: BSD-3-Clause
//
// Elements in another place: flip, roll, repeat_elements, tile, pad and windows.

#include <string.h>

#include "array.h"
#include "options.h"

static vta_array *argument(lua_State *L, va_view *view, const char *function) {
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  vta_view(L, array, view);
  return array;
}

/// The part of a view that has `length` elements from `first` on along the axis.
static va_view part_of(const va_view *view, int axis, int64_t first, int64_t length) {
  va_view part = *view;
  part.shape[axis] = length;
  if (length > 0) part.data += first * view->strides[axis];
  return part;
}

static void assign_part(
    const va_view *from, int64_t from_first, va_view *to, int64_t to_first, int axis,
    int64_t length) {
  va_view source = part_of(from, axis, from_first, length);
  va_view target = part_of(to, axis, to_first, length);
  va_assign(&source, &target);
}

static int flip(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "flip");
  int axes[VA_MAX_AXES], count = view.axes;
  for (int axis = 0; axis < count; axis++) axes[axis] = axis;
  if (!lua_isnoneornil(L, 2)) count = vta_read_axes(L, 2, &view, axes, "flip");
  for (int i = 0; i < count; i++) {
    int axis = axes[i];
    if (view.shape[axis] > 0) view.data += (view.shape[axis] - 1) * view.strides[axis];
    view.strides[axis] = -view.strides[axis];
  }
  vta_push_derived(L, array, &view);
  return 1;
}

/// Copies `from` to `to`, rolled by `shift` along the axis.
static void roll_axis(const va_view *from, va_view *to, int axis, int64_t shift) {
  int64_t length = from->shape[axis];
  if (length == 0) return;
  int64_t first = shift % length;
  if (first < 0) first += length;
  assign_part(from, 0, to, first, axis, length - first);
  assign_part(from, length - first, to, 0, axis, first);
}

static int roll(lua_State *L) {
  va_view view, result;
  vta_array *array = argument(L, &view, "roll");
  int64_t shifts[VA_MAX_AXES];
  int count = vta_read_integers(L, 2, shifts, "roll", "the shift"), axes[VA_MAX_AXES];
  if (lua_isnoneornil(L, 3)) {
    if (count != 1) return luaL_error(L, "roll: several shifts need as many axes");
    va_view flat = {.axes = 1, .dtype = view.dtype, .shape = {va_count(&view)}};
    va_view source = view;
    result = view;
    if (va_is_contiguous(&view)) {
      vta_new(L, &result, false);
      vta_view(L, array, &source);
    } else {
      vta_array *whole = vta_push_copy(L, array, &source);
      vta_new(L, &result, false);
      vta_view(L, whole, &source);
    }
    va_set_strides(&flat);
    va_view from = flat, to = flat;
    from.data = source.data;
    to.data = result.data;
    roll_axis(&from, &to, 0, shifts[0]);
    return 1;
  }
  // An axis may be given twice: the shifts add up.
  int64_t numbers[VA_MAX_AXES];
  int given = vta_read_integers(L, 3, numbers, "roll", "axis");
  if (count != given && count != 1)
    return luaL_error(L, "roll: %d shifts are given for %d axes", count, given);
  for (int i = 0; i < given; i++) {
    lua_pushinteger(L, numbers[i]);
    axes[i] = vta_read_axis(L, lua_gettop(L), view.axes, &view, "roll");
    lua_pop(L, 1);
  }
  if (given == 0) {
    vta_push_copy(L, array, &view);
    return 1;
  }
  for (int i = 0; i < given; i++) {
    result = view;
    vta_array *next = vta_new(L, &result, false);
    vta_view(L, array, &view);
    roll_axis(&view, &result, axes[i], shifts[count == 1 ? 0 : i]);
    array = next;
    view = result;
  }
  return 1;
}

// MARK: Repetition

/// Pushes a copy whose axis has the elements `counts[i]` times each; or `every` times, without
/// counts.
static void push_repeated(
    lua_State *L, vta_array *array, int axis, const int64_t *counts, int64_t every) {
  va_view view, result;
  vta_view(L, array, &view);
  result = view;
  int64_t total = 0;
  for (int64_t i = 0; i < view.shape[axis]; i++) {
    int64_t times = counts ? counts[i] : every;
    if (__builtin_add_overflow(total, times, &total)) luaL_error(L, "repeat_elements: too many");
  }
  result.shape[axis] = total;
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  int64_t at = 0;
  for (int64_t i = 0; i < view.shape[axis]; i++) {
    int64_t times = counts ? counts[i] : every;
    va_view source = part_of(&view, axis, i, 1), target = part_of(&result, axis, at, times);
    source.shape[axis] = times;
    source.strides[axis] = 0;
    va_assign(&source, &target);
    at += times;
  }
}

static int repeat_elements(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "repeat_elements");
  int axis = 0;
  lua_settop(L, 3);
  if (!lua_isnil(L, 3)) {
    axis = vta_read_axis(L, 3, view.axes, &view, "repeat_elements");
  } else if (view.axes != 1) {
    va_view flat = {.axes = 1, .dtype = view.dtype, .shape = {va_count(&view)}};
    array = vta_push_copy(L, array, &view);
    flat.data = view.data;
    va_set_strides(&flat);
    array = vta_push_view(L, array, &flat);
    view = flat;
  }
  if (lua_type(L, 2) == LUA_TNUMBER) {
    int exact;
    lua_Integer times = lua_tointegerx(L, 2, &exact);
    if (!exact || times < 0)
      return luaL_error(L, "repeat_elements: the count must be an integer of at least 0, got %s",
                        luaL_tolstring(L, 2, NULL));
    push_repeated(L, array, axis, NULL, times);
    return 1;
  }
  vta_array *counts = vta_to_private(L, 2, VA_INT64, "repeat_elements");
  va_view list, cast;
  if (!va_is_integer((va_dtype)counts->dtype))
    return luaL_error(L, "repeat_elements: the counts must be integers, not %s",
                      va_name((va_dtype)counts->dtype));
  vta_view(L, counts, &list);
  if (list.axes != 1 || (list.shape[0] != view.shape[axis] && list.shape[0] != 1))
    return luaL_error(L, "repeat_elements: counts of shape %s for an axis of length %I",
                      vta_push_shape_text(L, list.axes, list.shape),
                      (LUAI_UACINT)view.shape[axis]);
  vta_push_cast(L, counts, VA_INT64, &cast, "repeat_elements");
  const int64_t *numbers = (const int64_t *)cast.data;
  for (int64_t i = 0; i < cast.shape[0]; i++)
    if (numbers[i] < 0)
      return luaL_error(L, "repeat_elements: a count must be at least 0, got %I",
                        (LUAI_UACINT)numbers[i]);
  push_repeated(L, array, axis, cast.shape[0] == view.shape[axis] ? numbers : NULL,
                cast.shape[0] > 0 ? numbers[0] : 0);
  return 1;
}

static int tile(lua_State *L) {
  va_view view, result;
  vta_array *array = argument(L, &view, "tile");
  int64_t times[VA_MAX_AXES];
  int given = vta_read_integers(L, 2, times, "tile", "the repetitions");
  int axes = given > view.axes ? given : view.axes;
  va_view source = {.dtype = view.dtype, .axes = axes};
  result = source;
  int64_t all[VA_MAX_AXES];
  for (int axis = 0; axis < axes; axis++) {
    int in_view = axis - (axes - view.axes), in_times = axis - (axes - given);
    all[axis] = in_times < 0 ? 1 : times[in_times];
    if (all[axis] < 0)
      return luaL_error(L, "tile: a repetition must be at least 0, got %I", (LUAI_UACINT)all[axis]);
    source.shape[axis] = in_view < 0 ? 1 : view.shape[in_view];
    if (__builtin_mul_overflow(source.shape[axis], all[axis], &result.shape[axis]))
      return luaL_error(L, "tile: the result is too large");
  }
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  if (va_count(&result) == 0) return 1;
  vta_broadcast(&view, axes, source.shape);
  // Each repetition is one copy: the axes are (times, length) of the result, one after another.
  int64_t index[VA_MAX_AXES] = {0};
  for (;;) {
    va_view target = result;
    for (int axis = 0; axis < axes; axis++) {
      target.data += index[axis] * view.shape[axis] * result.strides[axis];
      target.shape[axis] = view.shape[axis];
    }
    va_assign(&view, &target);
    int axis = axes - 1;
    while (axis >= 0 && ++index[axis] == all[axis]) index[axis--] = 0;
    if (axis < 0) return 1;
  }
}

// MARK: Edges

/// Reads the widths of an edge: one integer, {before, after} for all axes, or a list of these.
static void read_widths(lua_State *L, const va_view *view, int64_t (*widths)[2]) {
  int64_t pair[VA_MAX_AXES];
  bool lists = false;
  if (lua_type(L, 2) == LUA_TTABLE) {
    lists = lua_geti(L, 2, 1) == LUA_TTABLE;
    lua_pop(L, 1);
  }
  if (lists && vta_list_length(L, 2) != view->axes)
    luaL_error(L, "pad: %I pairs of widths for an array of shape %s", (LUAI_UACINT)vta_list_length(L, 2),
               vta_push_shape_text(L, view->axes, view->shape));
  for (int axis = 0; axis < view->axes; axis++) {
    int at = 2;
    if (lists) {
      lua_geti(L, 2, axis + 1);
      at = lua_gettop(L);
    }
    int count = vta_read_integers(L, at, pair, "pad", "the widths");
    if (count < 1 || count > 2)
      luaL_error(L, "pad: the widths of an axis are {before, after}, got %d numbers", count);
    widths[axis][0] = pair[0];
    widths[axis][1] = count == 2 ? pair[1] : pair[0];
    if (widths[axis][0] < 0 || widths[axis][1] < 0)
      luaL_error(L, "pad: a width must be at least 0");
    if (lists) lua_pop(L, 1);
  }
}

/// The place from 0 that the element at `place`, outside the axis, repeats.
static int64_t edge_source(int64_t place, int64_t length, char mode) {
  if (mode == 'e') return place < 0 ? 0 : length - 1;
  if (mode == 'w') return ((place % length) + length) % length;
  int64_t period = mode == 's' ? 2 * length : 2 * (length - 1);
  if (period == 0) return 0;
  place = ((place % period) + period) % period;
  if (place < length) return place;
  return mode == 's' ? period - 1 - place : period - place;
}

static int pad(lua_State *L) {
  va_view view, result;
  vta_array *array = argument(L, &view, "pad");
  int64_t widths[VA_MAX_AXES][2];
  vta_check_options(L, 3, "pad", "mode value");
  read_widths(L, &view, widths);
  _Alignas(16) char element[16] = {0};
  const char *mode = "constant";
  if (vta_push_option(L, 3, "mode")) {
    mode = lua_tostring(L, -1);
    static const char *const modes[] = {"constant", "edge", "reflect", "symmetric", "wrap", NULL};
    int found = 0;
    while (modes[found] && (!mode || strcmp(modes[found], mode) != 0)) found++;
    if (!modes[found])
      return luaL_error(L, "pad: mode must be constant, edge, reflect, symmetric or wrap, got %s",
                        luaL_tolstring(L, -1, NULL));
  }
  if (vta_push_option(L, 3, "value")) vta_read_element(L, lua_gettop(L), view.dtype, element);
  result = view;
  for (int axis = 0; axis < view.axes; axis++) {
    result.shape[axis] += widths[axis][0] + widths[axis][1];
    if (view.shape[axis] == 0 && result.shape[axis] > 0 && mode[0] != 'c')
      return luaL_error(L, "pad: axis %d is empty, and has no elements to repeat", axis + 1);
  }
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  if (mode[0] == 'c') va_fill(&result, element);
  va_view inside = result;
  for (int axis = 0; axis < view.axes; axis++) {
    inside.data += widths[axis][0] * result.strides[axis];
    inside.shape[axis] = view.shape[axis];
  }
  va_assign(&view, &inside);
  if (mode[0] == 'c' || va_count(&view) == 0) return 1;
  // The axes one after another: what lies before an axis is complete already.
  for (int axis = 0; axis < view.axes; axis++) {
    va_view band = inside;
    for (int done = 0; done < axis; done++) {
      band.data -= widths[done][0] * result.strides[done];
      band.shape[done] = result.shape[done];
    }
    int64_t length = view.shape[axis];
    for (int64_t place = -widths[axis][0]; place < length + widths[axis][1]; place++) {
      if (place == 0) place = length;
      if (place >= length + widths[axis][1]) break;
      va_view source = part_of(&band, axis, edge_source(place, length, mode[0]), 1);
      va_view target = part_of(&band, axis, place, 1);
      va_assign(&source, &target);
    }
  }
  return 1;
}

static int windows(lua_State *L) {
  va_view view;
  vta_array *array = argument(L, &view, "windows");
  int64_t sizes[VA_MAX_AXES];
  int count = vta_read_integers(L, 2, sizes, "windows", "the size"), axes[VA_MAX_AXES];
  if (lua_isnoneornil(L, 3)) {
    for (int i = 0; i < count; i++) axes[i] = i;
    if (count != view.axes)
      return luaL_error(L, "windows: %d sizes for an array of shape %s; or name the axes", count,
                        vta_push_shape_text(L, view.axes, view.shape));
  } else if (vta_read_axes(L, 3, &view, axes, "windows") != count) {
    return luaL_error(L, "windows: there must be as many sizes as axes");
  }
  if (view.axes + count > VA_MAX_AXES)
    return luaL_error(L, "windows: the result would have more than %d axes", VA_MAX_AXES);
  va_view result = view;
  for (int i = 0; i < count; i++) {
    int64_t length = view.shape[axes[i]];
    if (sizes[i] < 1 || sizes[i] > length)
      return luaL_error(L, "windows: a size of %I does not fit axis %d of length %I",
                        (LUAI_UACINT)sizes[i], axes[i] + 1, (LUAI_UACINT)length);
    result.shape[axes[i]] = length - sizes[i] + 1;
    result.shape[result.axes++] = sizes[i];
  }
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  va_view source = result;
  source.data = view.data;
  memcpy(source.strides, view.strides, (size_t)view.axes * sizeof *view.strides);
  for (int i = 0; i < count; i++) source.strides[view.axes + i] = view.strides[axes[i]];
  va_assign(&source, &result);
  return 1;
}

const luaL_Reg vta_moving_functions[] = {
    {"flip", flip}, {"roll", roll}, {"repeat_elements", repeat_elements}, {"tile", tile},
    {"pad", pad},   {"windows", windows}, {NULL, NULL}};
