// SPDX-License-Identifier: BSD-3-Clause
//
// Reductions over axes, and what runs along an axis.

#include <Elementwise.h>
#include <Reduce.h>
#include <string.h>

#include "array.h"
#include "compose.h"
#include "fuse.h"
#include "options.h"

// MARK: Arguments

/// Converts the array to the type of the option `dtype`, if there is one.
static vta_array *with_dtype(lua_State *L, vta_array *array, int options, const char *function) {
  if (!vta_push_option(L, options, "dtype")) return array;
  va_dtype dtype = vta_dtype_option(L, lua_gettop(L), VA_DTYPES, function);
  if (dtype == (va_dtype)array->dtype) return array;
  va_view view;
  array = vta_push_cast(L, array, dtype, &view, function);
  lua_replace(L, 1);
  return array;
}

/// Converts the result, on top, to the type of the option `dtype`. A sum of small integers is
/// computed in 64 bits: it wraps like their own type.
static void to_result_type(lua_State *L, va_view *result, int options, const char *function) {
  if (!vta_push_option(L, options, "dtype")) return;
  va_view wide = *result;
  result->dtype = vta_dtype_option(L, lua_gettop(L), VA_DTYPES, function);
  lua_pop(L, 1);
  if (result->dtype == wide.dtype) return;
  vta_new(L, result, false);
  va_detail detail = vta_new_detail();
  va_status status = va_cast(&wide, result, VA_CAST_WRAP, &detail);
  if (status != VA_OK) vta_raise(L, function, status, &detail, result->dtype, &wide);
}

// MARK: Reductions

static double number_option(lua_State *L, int options, const char *name) {
  if (!vta_push_option(L, options, name)) return 0;
  if (lua_type(L, -1) != LUA_TNUMBER)
    luaL_error(L, "the option '%s' must be a number, got %s", name, luaL_typename(L, -1));
  double value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

/// Adds 1 to places from 0.
static void count_from_one(const va_view *view) {
  int64_t *places = (int64_t *)view->data;
  for (int64_t i = 0, count = va_count(view); i < count; i++) places[i]++;
}

static int reduce(lua_State *L, va_reduction reduction, const char *function, const char *names) {
  int axis, options = vta_axis_arguments(L, function, names, &axis);
  if (vta_test_symbol(L, 1)) {
    va_reduction_options how = {.skipnan = vta_flag_option(L, options, "skipnan", false),
                                .correction = number_option(L, options, "correction")};
    if (axis) return luaL_error(L, "array.fuse: '%s' along an axis is not elementwise", function);
    for (const char *const *name = (const char *const[]){"dtype", "keepdims", "array", NULL}; *name;
         name++)
      if (vta_push_option(L, options, *name))
        return luaL_error(L, "array.fuse: '%s' has no option '%s' in an expression; its result is "
                          "a number", function, *name);
    return vta_record_reduction(L, reduction, &how, function);
  }
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  bool has_dtype = strstr(names, "dtype");
  if (has_dtype) array = with_dtype(L, array, options, function);
  va_view view;
  vta_view(L, array, &view);
  int axes[VA_MAX_AXES], count = view.axes;
  for (int i = 0; i < count; i++) axes[i] = i;
  if (axis) count = vta_read_axes(L, axis, &view, axes, function);
  bool single = reduction == VA_ARGMIN || reduction == VA_ARGMAX;
  if (single && axis && count != 1)
    return luaL_error(L, "%s: one axis is needed, or none for all elements", function);
  va_reduction_options how = {.skipnan = vta_flag_option(L, options, "skipnan", false),
                              .correction = number_option(L, options, "correction")};
  for (int i = 0; i < count; i++) how.axes |= 1u << axes[i];
  bool keepdims = vta_flag_option(L, options, "keepdims", false);
  va_view shape = {.dtype = va_reduction_result(reduction, view.dtype)}, out = shape;
  if (shape.dtype == VA_DTYPES)
    return luaL_error(L, "%s: not defined for %s", function, va_name(view.dtype));
  for (int i = 0; i < view.axes; i++) {
    bool reduced = how.axes >> i & 1;
    if (!reduced) out.shape[out.axes++] = view.shape[i];
    if (!reduced || keepdims) shape.shape[shape.axes++] = reduced ? 1 : view.shape[i];
  }
  vta_new(L, &shape, true);
  vta_view(L, array, &view);
  out.data = shape.data;
  va_set_strides(&out);
  va_detail detail = vta_new_detail();
  va_status status = va_reduce(reduction, &view, &how, &out, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, shape.dtype, &view);
  if (single) count_from_one(&out);
  if (has_dtype) to_result_type(L, &shape, options, function);
  if (shape.axes == 0 && !va_is_complex(shape.dtype) &&
      !vta_flag_option(L, options, "array", false))
    vta_push_element(L, shape.dtype, shape.data);
  return 1;
}

#define REDUCTION(name, id, options) \
  static int name(lua_State *L) { return reduce(L, VA_##id, #name, options); }
REDUCTION(sum, SUM, "axis keepdims skipnan dtype array")
REDUCTION(prod, PROD, "axis keepdims skipnan dtype array")
REDUCTION(mean, MEAN, "axis keepdims skipnan array")
REDUCTION(var, VAR, "axis keepdims skipnan correction array")
REDUCTION(std, STD, "axis keepdims skipnan correction array")
REDUCTION(min, MIN, "axis keepdims skipnan array")
REDUCTION(max, MAX, "axis keepdims skipnan array")
REDUCTION(any, ANY, "axis keepdims skipnan array")
REDUCTION(all, ALL, "axis keepdims skipnan array")
REDUCTION(count_nonzero, COUNT_NONZERO, "axis keepdims skipnan array")
REDUCTION(argmin, ARGMIN, "axis keepdims skipnan array")
REDUCTION(argmax, ARGMAX, "axis keepdims skipnan array")

// MARK: Along an axis

/// The axis of a function that runs along one; `otherwise` if none is given (-1: it must be).
static int running_axis(
    lua_State *L, int axis, const va_view *view, int otherwise, const char *function) {
  if (view->axes == 0) luaL_error(L, "%s: an array without axes has no order", function);
  if (axis) return vta_read_axis(L, axis, view->axes, view, function);
  if (otherwise < 0 && view->axes > 1)
    luaL_error(L, "%s: name the axis, the array has shape %s", function,
               vta_push_shape_text(L, view->axes, view->shape));
  return otherwise < 0 ? 0 : otherwise;
}

static int cumulate(lua_State *L, va_reduction reduction, const char *function) {
  int axis, options = vta_axis_arguments(L, function, "axis skipnan dtype include_initial", &axis);
  vta_array *array =
      with_dtype(L, vta_to_array(L, 1, VA_DTYPES, function), options, function);
  va_view view, result;
  vta_view(L, array, &view);
  int along = running_axis(L, axis, &view, -1, function);
  bool initial = vta_flag_option(L, options, "include_initial", false);
  result = view;
  result.dtype = va_reduction_result(reduction, view.dtype);
  if (initial) result.shape[along]++;
  vta_new(L, &result, true);
  vta_view(L, array, &view);
  va_view out = result;
  if (initial) {
    va_view first = result;
    first.shape[along] = 1;
    _Alignas(16) char one[16] = {0};
    lua_pushinteger(L, 1);
    if (reduction == VA_PROD) vta_read_element(L, -1, result.dtype, one);
    lua_pop(L, 1);
    va_fill(&first, one);
    out.shape[along]--;
    out.data += out.strides[along];
  }
  va_detail detail = vta_new_detail();
  bool skip = vta_flag_option(L, options, "skipnan", false);
  va_status status = va_cumulate(reduction, &view, along, skip, &out, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, result.dtype, &view);
  to_result_type(L, &result, options, function);
  return 1;
}

static int cumulative_sum(lua_State *L) { return cumulate(L, VA_SUM, "cumulative_sum"); }
static int cumulative_prod(lua_State *L) { return cumulate(L, VA_PROD, "cumulative_prod"); }

/// Pushes the differences of neighbours along the axis.
static vta_array *push_difference(lua_State *L, vta_array *array, int along) {
  va_view view, result;
  vta_view(L, array, &view);
  result = view;
  if (result.shape[along] > 0) result.shape[along]--;
  vta_array *difference = vta_new(L, &result, true);
  vta_view(L, array, &view);
  view.shape[along] = result.shape[along];
  va_view next = view;
  if (result.shape[along] > 0) next.data += view.strides[along];
  const va_view *inputs[] = {&next, &view};
  va_detail detail = vta_new_detail();
  va_status status =
      va_apply(view.dtype == VA_BOOL ? VA_NOT_EQUAL : VA_SUBTRACT, inputs, &result, &detail);
  if (status != VA_OK) vta_raise(L, "diff", status, &detail, view.dtype, &view);
  return difference;
}

static int diff(lua_State *L) {
  int axis, options = vta_axis_arguments(L, "diff", "axis n", &axis);
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "diff");
  va_view view;
  vta_view(L, array, &view);
  int along = running_axis(L, axis, &view, view.axes - 1, "diff");
  lua_Integer times = 1;
  if (vta_push_option(L, options, "n")) {
    int exact;
    times = lua_tointegerx(L, -1, &exact);
    if (!exact || times < 0)
      return luaL_error(L, "diff: the option 'n' must be an integer of at least 0, got %s",
                        luaL_tolstring(L, -1, NULL));
    lua_pop(L, 1);
  }
  if (times == 0) vta_push_copy(L, array, &view);
  for (lua_Integer i = 0; i < times && (i == 0 || array->lengths[along] > 0); i++) {
    array = push_difference(L, array, along);
    lua_replace(L, 1);
    lua_settop(L, 1);
  }
  return 1;
}

const luaL_Reg vta_reduction_functions[] = {
    {"sum", sum},
    {"prod", prod},
    {"mean", mean},
    {"var", var},
    {"std", std},
    {"min", min},
    {"max", max},
    {"any", any},
    {"all", all},
    {"count_nonzero", count_nonzero},
    {"argmin", argmin},
    {"argmax", argmax},
    {"cumulative_sum", cumulative_sum},
    {"cumulative_prod", cumulative_prod},
    {"diff", diff},
    {NULL, NULL}};
