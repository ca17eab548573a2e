// SPDX-License-Identifier: BSD-3-Clause
//
// Quantiles, counts, and sums at indices.

#include <Elementwise.h>
#include <Gather.h>
#include <Reduce.h>
#include <Sort.h>
#include <math.h>
#include <string.h>

#include "array.h"
#include "options.h"

// MARK: Quantiles

/// The number between two others that is `share` of the way from `low`, as NumPy computes it. A
/// distance that is infinite has no share: the weighted sum is the result.
static double between(double low, double high, double share) {
  if (low == high || share == 0) return low;
  double distance = high - low;
  if (isinf(distance)) return low * (1 - share) + high * share;
  return share < 0.5 ? low + distance * share : high - distance * (1 - share);
}

/// The quantile of `count` sorted numbers, between neighbours in proportion.
static double quantile_of(const double *sorted, int64_t count, double q) {
  if (count == 0) return NAN;
  double place = q * (double)(count - 1);
  int64_t below = (int64_t)place, above = below + 1 < count ? below + 1 : below;
  return between(sorted[below], sorted[above], place - (double)below);
}

/// The middle one of `count` sorted numbers, or the mean of the two in the middle.
static double median_of(const double *sorted, int64_t count) {
  return count == 0 ? NAN : va_middle(sorted[(count - 1) / 2], sorted[count / 2]);
}

/// Pushes the array as contiguous float64 whose last axis is sorted: the axis, or all elements.
static vta_array *push_sorted(lua_State *L, vta_array *array, int axis, va_view *sorted) {
  va_view view, copy;
  vta_view(L, array, &view);
  if (axis >= 0) {
    int64_t length = view.shape[axis], stride = view.strides[axis];
    for (int i = axis; i + 1 < view.axes; i++) {
      view.shape[i] = view.shape[i + 1];
      view.strides[i] = view.strides[i + 1];
    }
    view.shape[view.axes - 1] = length;
    view.strides[view.axes - 1] = stride;
  }
  array = vta_push_view(L, array, &view);
  vta_array *result = vta_push_cast(L, array, VA_FLOAT64, &copy, "quantile");
  if (axis < 0) {
    va_view flat = {.dtype = VA_FLOAT64, .axes = 1, .data = copy.data, .shape = {va_count(&copy)}};
    va_set_strides(&flat);
    copy = flat;
  }
  va_detail detail = vta_new_detail();
  va_status status = va_sort(&copy, copy.axes - 1, false, &copy, &detail);
  if (status != VA_OK) vta_raise(L, "quantile", status, &detail, VA_FLOAT64, &copy);
  *sorted = copy;
  return result;
}

/// The result for the quantiles at `q`, an array of float64 without axes or with one; the medians
/// if it has the quantile -1.
static int push_quantiles(
    lua_State *L, vta_array *array, int axis, vta_array *q, bool skipnan, const char *function) {
  va_dtype dtype = (va_dtype)array->dtype;
  if (dtype == VA_BOOL || va_is_complex(dtype))
    return luaL_error(L, "%s: not defined for %s", function, va_name(dtype));
  va_view sorted, places, result = {.dtype = dtype == VA_FLOAT32 ? VA_FLOAT32 : VA_FLOAT64};
  vta_array *numbers = push_sorted(L, array, axis, &sorted);
  vta_view(L, q, &places);
  for (int i = 0; i < places.axes; i++) result.shape[result.axes++] = places.shape[i];
  for (int i = 0; i + 1 < sorted.axes; i++) {
    if (result.axes == VA_MAX_AXES) return luaL_error(L, "%s: too many axes", function);
    result.shape[result.axes++] = sorted.shape[i];
  }
  vta_new(L, &result, true);
  va_view now;
  vta_view(L, numbers, &now);
  const double *row = (const double *)now.data;
  vta_view(L, q, &places);
  int64_t length = sorted.shape[sorted.axes - 1], wanted = va_count(&places), rows = 1;
  for (int i = 0; i + 1 < sorted.axes; i++) rows *= sorted.shape[i];
  for (int64_t r = 0; r < rows; r++, row += length) {
    int64_t count = length;
    while (count > 0 && isnan(row[count - 1])) count--;
    bool is_nan = count < length && !skipnan;
    for (int64_t i = 0; i < wanted; i++) {
      double place = ((const double *)places.data)[i];
      double value = is_nan      ? NAN
                     : place < 0 ? median_of(row, count)
                                 : quantile_of(row, count, place);
      if (result.dtype == VA_FLOAT32) ((float *)result.data)[i * rows + r] = (float)value;
      else ((double *)result.data)[i * rows + r] = value;
    }
  }
  if (result.axes == 0) vta_push_element(L, result.dtype, result.data);
  return 1;
}

/// Reads (..., axis, options) from the stack index `at` on: the axis from 0, or -1.
static int read_axis(lua_State *L, int at, vta_array *array, bool *skipnan, const char *function) {
  lua_settop(L, at + 1);
  int options = vta_is_options(L, at) ? at : at + 1;
  vta_check_options(L, options, function, "axis skipnan");
  *skipnan = vta_flag_option(L, options, "skipnan", false);
  bool has_axis = options != at && !lua_isnil(L, at);
  if (vta_push_option(L, options, "axis")) {
    has_axis = true;
    lua_replace(L, at);
  }
  if (!has_axis) return -1;
  va_view view;
  vta_view(L, array, &view);
  return vta_read_axis(L, at, view.axes, &view, function);
}

static int quantile(lua_State *L) {
  bool skipnan;
  if (lua_gettop(L) < 2) return luaL_error(L, "quantile: argument 2 must be a number or a list");
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, "quantile");
  int axis = read_axis(L, 3, array, &skipnan, "quantile");
  va_view view;
  vta_array *q = vta_push_cast(
      L, vta_to_private(L, 2, VA_FLOAT64, "quantile"), VA_FLOAT64, &view, "quantile");
  if (view.axes > 1) return luaL_error(L, "quantile: the quantiles must be a number or a list");
  for (int64_t i = 0, count = va_count(&view); i < count; i++) {
    double place = ((double *)view.data)[i];
    if (!(place >= 0 && place <= 1)) {
      lua_pushnumber(L, place);
      return luaL_error(L, "quantile: a quantile must be from 0 to 1, got %s",
                        luaL_tolstring(L, -1, NULL));
    }
  }
  return push_quantiles(L, array, axis, q, skipnan, "quantile");
}

static int median(lua_State *L) {
  bool skipnan;
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, "median");
  int axis = read_axis(L, 2, array, &skipnan, "median");
  va_view view = {.dtype = VA_FLOAT64};
  vta_array *middle = vta_new(L, &view, true);
  *(double *)view.data = -1;
  return push_quantiles(L, array, axis, middle, skipnan, "median");
}

// MARK: Counts and sums

/// bincount(a, n): how often each of the integers from 1 to n occurs.
static int bincount(lua_State *L) {
  lua_settop(L, 2);
  vta_array *array = vta_to_private(L, 1, VA_INT64, "bincount");
  if (!va_is_integer((va_dtype)array->dtype))
    return luaL_error(L, "bincount: the array must have integers, not %s",
                      va_name((va_dtype)array->dtype));
  va_view view;
  array = vta_push_cast(L, array, VA_INT64, &view, "bincount");
  const int64_t *numbers = (const int64_t *)view.data;
  int64_t count = va_count(&view), most = 0;
  int exact = 1;
  if (!lua_isnil(L, 2)) most = lua_tointegerx(L, 2, &exact);
  if (!exact || most < 0)
    return luaL_error(L, "bincount: the number of counts must be an integer of at least 0, got %s",
                      luaL_tolstring(L, 2, NULL));
  for (int64_t i = 0; i < count; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    if (numbers[i] < 1 || (!lua_isnil(L, 2) && numbers[i] > most && most > 0))
      return luaL_error(L, "bincount: %I is not from 1 on%s", (LUAI_UACINT)numbers[i],
                        numbers[i] < 1 ? "" : ", or beyond the number of counts");
    if (numbers[i] > most) most = numbers[i];
  }
  va_view result = {.dtype = VA_INT64, .axes = 1, .shape = {most}};
  vta_new(L, &result, true);
  vta_view(L, array, &view);
  numbers = (const int64_t *)view.data;
  for (int64_t i = 0; i < count; i++) ((int64_t *)result.data)[numbers[i] - 1]++;
  return 1;
}

/// add_at(a, index, x): adds to the rows with these indices, to one several times.
static int add_at(lua_State *L) {
  lua_settop(L, 3);
  vta_array *array = vta_check(L, 1, "add_at");
  va_view view, index, values;
  vta_view(L, array, &view);
  if (view.axes == 0) return luaL_error(L, "add_at: an array without axes has no indices");
  if (view.dtype == VA_BOOL) return luaL_error(L, "add_at: not defined for bool");
  vta_array *places = vta_to_private(L, 2, VA_INT64, "add_at");
  if (!va_is_integer((va_dtype)places->dtype))
    return luaL_error(L, "add_at: the indices must be integers, not %s",
                      va_name((va_dtype)places->dtype));
  vta_push_cast(L, places, VA_INT64, &index, "add_at");
  if (index.axes > 1) return luaL_error(L, "add_at: the indices must be a list");
  // The values in the type of the array, one for each index, are what an assignment would take.
  va_view rows = view;
  rows.shape[0] = va_count(&index);
  vta_array *list = vta_new(L, &rows, true);
  va_view target = rows;
  vta_assign(L, list, &target, 3, "add_at");
  vta_writable(L, array, &view);
  vta_view(L, list, &values);
  const int64_t *numbers = (const int64_t *)index.data;
  for (int64_t i = 0; i < rows.shape[0]; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    vta_element_index(L, numbers[i], &view, 0);
  }
  va_view row = view, value = values;
  row.axes = value.axes = view.axes - 1;
  memcpy(row.shape, view.shape + 1, (size_t)row.axes * sizeof *row.shape);
  memcpy(row.strides, view.strides + 1, (size_t)row.axes * sizeof *row.strides);
  memcpy(value.shape, row.shape, sizeof row.shape);
  memcpy(value.strides, values.strides + 1, (size_t)row.axes * sizeof *row.strides);
  for (int64_t i = 0; i < rows.shape[0]; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    row.data = view.data + vta_element_index(L, numbers[i], &view, 0) * view.strides[0];
    value.data = values.data + i * values.strides[0];
    const va_view *inputs[] = {&row, &value};
    va_detail detail = vta_new_detail();
    va_status status = va_apply(VA_ADD, inputs, &row, &detail);
    if (status != VA_OK) return vta_raise(L, "add_at", status, &detail, view.dtype, &view);
  }
  lua_settop(L, 1);
  return 1;
}

// MARK: Angles

static int scale(lua_State *L, double factor, const char *function) {
  lua_settop(L, 1);
  vta_array *array = vta_to_private(L, 1, VA_DTYPES, function);
  if (!va_is_integer((va_dtype)array->dtype) && !va_is_real((va_dtype)array->dtype))
    return luaL_error(L, "%s: not defined for %s", function, va_name((va_dtype)array->dtype));
  lua_pushnumber(L, factor);
  lua_arith(L, LUA_OPMUL);
  vta_array *result = vta_test(L, -1);
  if (result && result->axes == 0) vta_push_lists(L, result);
  return 1;
}

static int deg(lua_State *L) { return scale(L, 180 / 3.14159265358979323846, "deg"); }
static int rad(lua_State *L) { return scale(L, 3.14159265358979323846 / 180, "rad"); }

const luaL_Reg vta_statistics_functions[] = {
    {"quantile", quantile}, {"median", median}, {"bincount", bincount}, {"add_at", add_at},
    {"deg", deg},           {"rad", rad},       {NULL, NULL}};
