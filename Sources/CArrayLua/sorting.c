// SPDX-License-Identifier: BSD-3-Clause
//
// Sorting, sets and searching. NaN is last; indices count from 1.

#include <Elementwise.h>
#include <Gather.h>
#include <Sort.h>
#include <string.h>

#include "array.h"
#include "elementwise.h"
#include "options.h"

static void count_from_one(const va_view *view) {
  int64_t *places = (int64_t *)view->data;
  for (int64_t i = 0, count = va_count(view); i < count; i++) places[i]++;
}

/// The axis at the stack index `at`, or the last one.
static int sorted_axis(lua_State *L, int at, const va_view *view, const char *function) {
  if (view->axes == 0) luaL_error(L, "%s: an array without axes has no order", function);
  if (lua_isnil(L, at)) return view->axes - 1;
  return vta_read_axis(L, at, view->axes, view, function);
}

/// Moves options at the stack index `axis`, where the axis is left out, to the next one.
static void place_options(lua_State *L, int axis, const char *function, const char *names) {
  lua_settop(L, axis + 1);
  if (vta_is_options(L, axis)) {
    lua_pushnil(L);
    lua_insert(L, axis);
    lua_settop(L, axis + 1);
  }
  vta_check_options(L, axis + 1, function, names);
  if (!vta_push_option(L, axis + 1, "axis")) return;
  lua_replace(L, axis);
}

/// Sorts the array at the stack index `at` (into the option `out`), or gives the places.
static int sort_or_places(lua_State *L, bool places, const char *function) {
  place_options(L, 2, function, places ? "axis descending stable" : "axis descending stable out");
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, function);
  va_view view, result;
  vta_view(L, array, &view);
  int axis = sorted_axis(L, 2, &view, function);
  bool descending = vta_flag_option(L, 3, "descending", false);
  vta_flag_option(L, 3, "stable", true);  // it always is
  result = view;
  if (places) result.dtype = VA_INT64;
  bool has_out = vta_push_option(L, 3, "out");
  if (has_out) {
    vta_array *out = vta_check(L, lua_gettop(L), "sort: the option 'out'");
    if (out->storage && va_block_is_shared(out->storage->block))
      return luaL_error(L, "sort: 'out' is a shared array, which other workers may write to "
                           "meanwhile; assign the result to it: out[{ {} }] = array.sort(a)");
    vta_view(L, out, &result);
    bool fits = result.dtype == view.dtype && result.axes == view.axes;
    for (int i = 0; fits && i < view.axes; i++) fits = result.shape[i] == view.shape[i];
    if (!fits)
      return luaL_error(L, "sort: 'out' is %s of shape %s, and the result is %s of shape %s",
                        va_name(result.dtype), vta_push_shape_text(L, result.axes, result.shape),
                        va_name(view.dtype), vta_push_shape_text(L, view.axes, view.shape));
    if (out->storage == array->storage && out != array) {
      va_view copy;
      array = vta_push_copy(L, array, &copy);
    }
    vta_writable(L, out, &result);
    lua_pushvalue(L, 4);
  } else {
    vta_new(L, &result, true);
  }
  vta_view(L, array, &view);
  va_detail detail = vta_new_detail();
  va_status status = places ? va_argsort(&view, axis, descending, &result, &detail)
                            : va_sort(&view, axis, descending, &result, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, view.dtype, &view);
  if (places) count_from_one(&result);
  return 1;
}

static int sort(lua_State *L) { return sort_or_places(L, false, "sort"); }
static int argsort(lua_State *L) { return sort_or_places(L, true, "argsort"); }

/// topk(a, k, axis, { least = true }): the values, and their indices.
static int topk(lua_State *L) {
  place_options(L, 3, "topk", "axis least");
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, "topk");
  va_view view, values, places;
  vta_view(L, array, &view);
  int axis = sorted_axis(L, 3, &view, "topk"), exact;
  lua_Integer k = lua_tointegerx(L, 2, &exact);
  if (!exact || k < 0 || k > view.shape[axis])
    return luaL_error(L, "topk: the number must be an integer from 0 to %I, the length of axis %d, "
                      "got %s", (LUAI_UACINT)view.shape[axis], axis + 1, luaL_tolstring(L, 2, NULL));
  values = view;
  values.shape[axis] = k;
  places = values;
  places.dtype = VA_INT64;
  vta_array *first = vta_new(L, &values, true);
  vta_new(L, &places, true);
  vta_view(L, array, &view);
  vta_view(L, first, &values);
  va_detail detail = vta_new_detail();
  bool greatest = !vta_flag_option(L, 4, "least", false);
  va_status status = va_topk(&view, axis, k, greatest, &values, &places, &detail);
  if (status != VA_OK) return vta_raise(L, "topk", status, &detail, view.dtype, &view);
  count_from_one(&places);
  return 2;
}

// MARK: Sets

enum { VALUES, FIRST, INVERSE, COUNTS, RESULTS };

/// Pushes the chosen results of `unique`.
static int unique(lua_State *L, const bool *wanted, const char *function) {
  lua_settop(L, 1);
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, function), *arrays[RESULTS] = {NULL};
  va_view whole, flat, views[RESULTS];
  vta_view(L, array, &whole);
  if (!va_is_contiguous(&whole)) {
    array = vta_push_copy(L, array, &whole);
    lua_replace(L, 1);
  }
  flat = (va_view){.dtype = whole.dtype, .axes = 1, .shape = {va_count(&whole)}};
  va_set_strides(&flat);
  luaL_checkstack(L, 16, "results");
  for (int i = 0; i < RESULTS; i++) {
    views[i] = flat;
    if (i != VALUES) views[i].dtype = VA_INT64;
    if (i == INVERSE) {
      views[i].axes = whole.axes;
      memcpy(views[i].shape, whole.shape, sizeof whole.shape);
    }
    if (wanted[i]) arrays[i] = vta_new(L, &views[i], true);
  }
  const va_view *outputs[RESULTS] = {NULL};
  for (int i = 0; i < RESULTS; i++) {
    if (!wanted[i]) continue;
    vta_view(L, arrays[i], &views[i]);
    char *data = views[i].data;
    va_dtype dtype = views[i].dtype;
    views[i] = flat;
    views[i].data = data;
    views[i].dtype = dtype;
    va_set_strides(&views[i]);
    outputs[i] = &views[i];
  }
  vta_view(L, array, &whole);
  flat.data = whole.data;
  int64_t found = 0;
  va_detail detail = vta_new_detail();
  va_status status = va_unique(
      &flat, outputs[VALUES], outputs[FIRST], outputs[INVERSE], outputs[COUNTS], &found, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, flat.dtype, &flat);
  if (wanted[FIRST]) {
    views[FIRST].shape[0] = found;
    count_from_one(&views[FIRST]);
  }
  if (wanted[INVERSE]) count_from_one(&views[INVERSE]);
  int results = 0;
  for (int i = 0; i < RESULTS; i++) {
    if (!wanted[i]) continue;
    results++;
    if (i == INVERSE) {
      lua_pushvalue(L, 1 + results);
    } else {
      va_view part;
      vta_view(L, arrays[i], &part);
      part.shape[0] = found;
      vta_push_derived(L, arrays[i], &part);
    }
    lua_replace(L, 1 + results);
    lua_settop(L, 1 + (wanted[0] + wanted[1] + wanted[2] + wanted[3]));
  }
  return results;
}

static int unique_values(lua_State *L) {
  return unique(L, (bool[]){true, false, false, false}, "unique_values");
}
static int unique_counts(lua_State *L) {
  return unique(L, (bool[]){true, false, false, true}, "unique_counts");
}
static int unique_inverse(lua_State *L) {
  return unique(L, (bool[]){true, false, true, false}, "unique_inverse");
}
static int unique_all(lua_State *L) {
  return unique(L, (bool[]){true, true, true, true}, "unique_all");
}

// MARK: Searching

/// Converts the arguments 1 and 2 to arrays of one type.
static va_dtype pair_of_arrays(lua_State *L, vta_array **arrays, const char *function) {
  vta_operands operands = {.count = 2, .at = {1, 2}};
  vta_read_operands(L, &operands, function);
  va_dtype dtype = vta_common_type(&operands, 0);
  for (int i = 0; i < 2; i++) {
    vta_array *array = vta_to_private(L, i + 1, dtype, function);
    va_view view;
    if ((va_dtype)array->dtype != dtype) {
      array = vta_push_cast(L, array, dtype, &view, function);
      lua_replace(L, i + 1);
    }
    arrays[i] = array;
  }
  return dtype;
}

/// searchsorted(sorted, values, { side = "right" })
static int searchsorted(lua_State *L) {
  lua_settop(L, 3);
  vta_check_options(L, 3, "searchsorted", "side array");
  bool right = false;
  if (vta_push_option(L, 3, "side")) {
    const char *side = lua_tostring(L, -1);
    if (!side || (strcmp(side, "left") != 0 && strcmp(side, "right") != 0))
      return luaL_error(L, "searchsorted: side must be \"left\" or \"right\", got %s",
                        luaL_tolstring(L, -1, NULL));
    right = side[0] == 'r';
  }
  vta_array *arrays[2];
  pair_of_arrays(L, arrays, "searchsorted");
  va_view sorted, values, result;
  vta_view(L, arrays[0], &sorted);
  if (sorted.axes != 1)
    return luaL_error(L, "searchsorted: argument 1 must have 1 axis, shape %s",
                      vta_push_shape_text(L, sorted.axes, sorted.shape));
  vta_view(L, arrays[1], &values);
  result = values;
  result.dtype = VA_INT64;
  vta_new(L, &result, true);
  vta_view(L, arrays[0], &sorted);
  vta_view(L, arrays[1], &values);
  va_detail detail = vta_new_detail();
  va_status status = va_searchsorted(&sorted, &values, right, &result, &detail);
  if (status != VA_OK) return vta_raise(L, "searchsorted", status, &detail, VA_INT64, &values);
  count_from_one(&result);
  if (result.axes == 0 && !vta_flag_option(L, 3, "array", false))
    vta_push_element(L, VA_INT64, result.data);
  return 1;
}

/// isin(a, values, { invert = true }): whether each element is one of the values.
static int isin(lua_State *L) {
  lua_settop(L, 3);
  vta_check_options(L, 3, "isin", "invert array");
  bool invert = vta_flag_option(L, 3, "invert", false);
  vta_array *arrays[2];
  pair_of_arrays(L, arrays, "isin");
  va_view elements, values, sorted, places, result;
  vta_view(L, arrays[1], &values);
  int64_t count = va_count(&values);
  vta_view(L, arrays[0], &elements);
  va_detail detail = vta_new_detail();
  va_view flat = values;
  if (!va_is_contiguous(&values)) {
    arrays[1] = vta_push_copy(L, arrays[1], &flat);
    lua_replace(L, 2);
  }
  sorted = (va_view){.dtype = values.dtype, .axes = 1, .shape = {count}};
  vta_array *order = vta_new(L, &sorted, true);
  places = elements;
  places.dtype = VA_INT64;
  vta_array *found = vta_new(L, &places, true);
  va_view taken = elements;
  vta_array *candidates = vta_new(L, &taken, true);
  result = elements;
  result.dtype = VA_BOOL;
  vta_new(L, &result, true);
  if (count == 0) {
    if (invert) va_fill(&result, "\1");
  } else {
    vta_view(L, arrays[1], &flat);
    char *data = flat.data;
    flat = sorted;
    flat.data = data;
    va_set_strides(&flat);
    vta_view(L, order, &sorted);
    vta_view(L, found, &places);
    vta_view(L, candidates, &taken);
    vta_view(L, arrays[0], &elements);
    va_status status = va_sort(&flat, 0, false, &sorted, &detail);
    if (status == VA_OK) status = va_searchsorted(&sorted, &elements, false, &places, &detail);
    if (status != VA_OK) return vta_raise(L, "isin", status, &detail, VA_INT64, &elements);
    int64_t *offsets = (int64_t *)places.data, size = (int64_t)va_size(sorted.dtype);
    int64_t number = va_count(&places);
    for (int64_t i = 0; i < number; i++)
      offsets[i] = (offsets[i] < count ? offsets[i] : count - 1) * size;
    va_view row = {.data = sorted.data, .dtype = sorted.dtype};
    va_view rows = {.data = taken.data, .dtype = taken.dtype, .axes = 1, .shape = {number}};
    va_set_strides(&rows);
    va_take_rows(&row, offsets, &rows);
    const va_view *inputs[] = {&elements, &taken};
    status = va_apply(invert ? VA_NOT_EQUAL : VA_EQUAL, inputs, &result, &detail);
    if (status != VA_OK) return vta_raise(L, "isin", status, &detail, VA_BOOL, &elements);
  }
  if (result.axes == 0 && !vta_flag_option(L, 3, "array", false))
    vta_push_element(L, VA_BOOL, result.data);
  return 1;
}

const luaL_Reg vta_sorting_functions[] = {
    {"sort", sort},
    {"argsort", argsort},
    {"topk", topk},
    {"unique_values", unique_values},
    {"unique_counts", unique_counts},
    {"unique_inverse", unique_inverse},
    {"unique_all", unique_all},
    {"searchsorted", searchsorted},
    {"isin", isin},
    {NULL, NULL}};
