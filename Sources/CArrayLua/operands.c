// SPDX-License-Identifier: BSD-3-Clause
//
// Types and shapes of operands.

#include <math.h>
#include <string.h>

#include "elementwise.h"
#include "fuse.h"
#include "options.h"

void vta_read_operands(lua_State *L, vta_operands *operands, const char *what) {
  operands->L = L;
  operands->what = what;
  operands->has_symbol = false;
  for (int i = 0; i < operands->count; i++) {
    int at = operands->at[i], type = lua_type(L, at);
    operands->arrays[i] = NULL;
    operands->types[i] = VA_DTYPES;
    if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) continue;
    vta_array *array = vta_test(L, at);
    vta_symbol *symbol = array ? NULL : vta_test_symbol(L, at);
    if (symbol) {
      operands->has_symbol = true;
      operands->types[i] = vta_symbol_type(L, symbol);
      continue;
    }
    operands->arrays[i] = array ? array : vta_to_array(L, at, VA_DTYPES, what);
    operands->types[i] = (va_dtype)operands->arrays[i]->dtype;
  }
}

/// Raises the error of two types without a common one.
static int no_common_type(vta_operands *operands, va_dtype a, va_dtype b) {
  va_dtype to = a == VA_BOOL ? b : a, from = a == VA_BOOL ? a : b;
  if (from == VA_UINT64 && to == VA_INT64) to = VA_INT64;
  return luaL_error(operands->L, "%s and %s have no common type; convert one: %s:astype \"%s\"",
                    va_name(a), va_name(b), a == VA_BOOL ? "a" : "b", va_name(to));
}

va_dtype vta_common_type(vta_operands *operands, int first) {
  lua_State *L = operands->L;
  va_dtype common = VA_DTYPES;
  bool has_float = false, has_integer = false, has_bool = false;
  for (int i = first; i < operands->count; i++) {
    if (operands->types[i] != VA_DTYPES) {
      va_dtype type = operands->types[i];
      va_dtype next = common == VA_DTYPES ? type : va_promote(common, type);
      if (next == VA_DTYPES) no_common_type(operands, common, type);
      common = next;
    } else if (lua_type(L, operands->at[i]) == LUA_TBOOLEAN) {
      has_bool = true;
    } else if (lua_isinteger(L, operands->at[i])) {
      has_integer = true;
    } else {
      has_float = true;
    }
  }
  if (common == VA_DTYPES) {
    if (has_bool && (has_float || has_integer)) common = no_common_type(operands, VA_BOOL, VA_FLOAT64);
    return has_bool ? VA_BOOL : has_float ? VA_FLOAT64 : VA_INT64;
  }
  if (common == VA_BOOL && operands->arithmetic) return common;
  if (common == VA_BOOL && (has_float || has_integer))
    luaL_error(L, "%s: a is bool and b is a number; convert one: a:astype \"int64\"", operands->what);
  if (common != VA_BOOL && has_bool)
    luaL_error(L, "%s: %s and a boolean have no common type", operands->what, va_name(common));
  return has_float && va_is_integer(common) ? VA_FLOAT64 : common;
}

void vta_convert_operands(vta_operands *operands, int first, va_dtype dtype) {
  lua_State *L = operands->L;
  for (int i = first; i < operands->count; i++) {
    vta_array *array = operands->arrays[i];
    if (!array) {
      vta_read_element(L, operands->at[i], dtype, operands->scalars[i]);
      operands->views[i].data = operands->scalars[i];
      operands->views[i].dtype = dtype;
      operands->views[i].axes = 0;
    } else if ((va_dtype)array->dtype != dtype) {
      operands->arrays[i] = vta_push_cast(L, array, dtype, &operands->views[i], operands->what);
      lua_replace(L, operands->at[i]);
    }
  }
}

void vta_find_shape(vta_operands *operands) {
  lua_State *L = operands->L;
  va_view *result = &operands->result;
  result->axes = 0;
  bool some = false;
  for (int i = 0; i < operands->count; i++) {
    if (!operands->arrays[i]) continue;
    va_view *view = &operands->views[i];
    vta_view(L, operands->arrays[i], view);
    if (!some) {
      result->axes = view->axes;
      memcpy(result->shape, view->shape, (size_t)view->axes * sizeof *view->shape);
      some = true;
      continue;
    }
    if (result->axes == view->axes &&
        memcmp(result->shape, view->shape, (size_t)view->axes * sizeof *view->shape) == 0)
      continue;
    int64_t shape[VA_MAX_AXES];
    va_view before = *result;
    result->axes = vta_common_shape(L, &before, view, shape, operands->what);
    memcpy(result->shape, shape, (size_t)result->axes * sizeof *shape);
  }
}

/// Takes the views of all operands, in the result's shape.
static void take_views(vta_operands *operands) {
  const va_view *result = &operands->result;
  for (int i = 0; i < operands->count; i++) {
    va_view *view = &operands->views[i];
    if (operands->arrays[i]) vta_view(operands->L, operands->arrays[i], view);
    else view->data = operands->scalars[i];
    bool same = view->axes == result->axes;
    for (int axis = 0; same && axis < view->axes; axis++)
      same = view->shape[axis] == result->shape[axis];
    if (!same) vta_broadcast(view, result->axes, result->shape);
  }
}

/// True if the input is the memory of the output, element by element.
static bool is_same(const va_view *input, const va_view *output) {
  if (input->data != output->data || input->dtype != output->dtype) return false;
  for (int axis = 0; axis < output->axes; axis++)
    if (output->shape[axis] > 1 && input->strides[axis] != output->strides[axis]) return false;
  return true;
}

/// Pushes the array of the option `out`, which has the shape and type of the result.
static vta_array *push_out(vta_operands *operands, int options) {
  lua_State *L = operands->L;
  if (!vta_push_option(L, options, "out")) return NULL;
  vta_array *out = vta_test(L, -1);
  if (!out) luaL_error(L, "%s: the option 'out' must be an array, got %s", operands->what,
                       luaL_typename(L, -1));
  va_view view, *result = &operands->result;
  vta_view(L, out, &view);
  if (view.dtype != result->dtype)
    luaL_error(L, "%s: the result is %s, and 'out' is %s", operands->what,
               va_name(result->dtype), va_name(view.dtype));
  bool fits = view.axes == result->axes;
  for (int axis = 0; fits && axis < view.axes; axis++)
    fits = view.shape[axis] == result->shape[axis];
  if (!fits)
    luaL_error(L, "%s: the result has shape %s, and 'out' has %s", operands->what,
               vta_push_shape_text(L, result->axes, result->shape),
               vta_push_shape_text(L, view.axes, view.shape));
  vta_writable(L, out, &view);
  for (int i = 0; i < operands->count; i++) {
    if (!operands->arrays[i] || operands->arrays[i]->storage != out->storage) continue;
    va_view input, copy;
    vta_view(L, operands->arrays[i], &input);
    if (is_same(&input, &view) || !va_may_overlap(&input, &view)) continue;
    operands->arrays[i] = vta_push_copy(L, operands->arrays[i], &copy);
    lua_replace(L, operands->at[i]);
  }
  vta_writable(L, out, result);
  return out;
}

int vta_compute(vta_operands *operands, va_operation operation, va_dtype loop, int options) {
  lua_State *L = operands->L;
  operands->result.dtype = va_operation_result(operation, loop);
  vta_array *out = options ? push_out(operands, options) : NULL;
  if (!out) vta_new(L, &operands->result, false);
  take_views(operands);
  const va_view *inputs[VTA_OPERANDS];
  for (int i = 0; i < operands->count; i++) inputs[i] = &operands->views[i];
  va_detail detail = vta_new_detail();
  va_status status = va_apply(operation, inputs, &operands->result, &detail);
  if (status != VA_OK) {
    va_view place = operands->result;
    place.dtype = loop;
    return vta_raise(L, operands->what, status, &detail, loop, &place);
  }
  va_view *result = &operands->result;
  if (result->axes == 0 && !out && !va_is_complex(result->dtype) &&
      !(options && vta_flag_option(L, options, "array", false)))
    vta_push_element(L, result->dtype, result->data);
  return 1;
}
