// SPDX-License-Identifier: BSD-3-Clause
//
// Arithmetic on small arrays of floats, whose cost is not that of the elements. It does the same as
// vta_compute with fewer steps, and leaves every other case to it.

#include "elementwise.h"

#include <string.h>

/// True if the elements of the array lie one after another.
static bool is_flat(const vta_array *array) {
  if (!array->storage) return false;
  int64_t step = (int64_t)va_size((va_dtype)array->dtype);
  for (int axis = array->axes - 1; axis >= 0; axis--) {
    if (array->lengths[axis] < 1 || array->lengths[array->axes + axis] != step) return false;
    step *= array->lengths[axis];
  }
  return array->axes > 0;
}

static char *elements(const vta_array *array) {
  return va_block_data(array->storage->block) + array->offset;
}

static bool is_float(const vta_array *array) {
  return array->dtype == VA_FLOAT64 || array->dtype == VA_FLOAT32;
}

/// Sets all elements to the number at `index`; false if it is no number.
static bool fill(lua_State *L, int index, va_dtype dtype, int64_t count, char *to) {
  if (lua_type(L, index) != LUA_TNUMBER) return false;
  double number = lua_tonumber(L, index);
  if (dtype == VA_FLOAT64) {
    for (int64_t i = 0; i < count; i++) ((double *)to)[i] = number;
    return true;
  }
  for (int64_t i = 0; i < count; i++) ((float *)to)[i] = (float)number;
  return true;
}

bool vta_compute_small(lua_State *L, va_operation operation) {
  if (operation < VA_ADD || operation > VA_DIVIDE) return false;
  const vta_array *a = vta_test(L, 1), *b = vta_test(L, 2), *either = a ? a : b;
  if (!either || !is_float(either) || !is_flat(either)) return false;
  va_dtype dtype = (va_dtype)either->dtype;
  int axes = either->axes;
  if (a && b &&
      (a->dtype != b->dtype || a->axes != b->axes || !is_flat(b) ||
       memcmp(a->lengths, b->lengths, sizeof *a->lengths * (size_t)axes) != 0))
    return false;
  va_view view;
  view.dtype = dtype;
  view.axes = axes;
  int64_t count = 1;
  for (int axis = 0; axis < axes; axis++) count *= view.shape[axis] = either->lengths[axis];
  _Alignas(16) char scalars[VTA_EMBEDDED];
  if (count * (int64_t)va_size(dtype) > VTA_EMBEDDED) return false;
  if (!(a && b) && !fill(L, a ? 2 : 1, dtype, count, scalars)) return false;
  vta_new(L, &view, false);
  // A finalizer that the allocation has run may have closed an array.
  if ((a && !a->storage) || (b && !b->storage)) luaL_error(L, "the array was closed");
  char *p[] = {a ? elements(a) : scalars, b ? elements(b) : scalars, view.data};
  va_apply_flat(operation, dtype, p, count);
  return true;
}
