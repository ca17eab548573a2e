// SPDX-License-Identifier: BSD-3-Clause
//
// Assignment to a view, and selection by arrays of booleans and integers.

#include <Gather.h>
#include <Reduce.h>
#include <Sort.h>
#include <string.h>

#include "array.h"

/// Replaces the value at `index` by an array of the target's type, or leaves a scalar.
static vta_array *source_array(
    lua_State *L, const vta_array *array, int index, va_dtype dtype, const char *what) {
  vta_array *source = vta_to_array(L, index, dtype, what);
  if ((va_dtype)source->dtype != dtype) {
    va_dtype common = va_promote(dtype, (va_dtype)source->dtype);
    bool narrows = va_is_integer(dtype) ? !va_is_integer((va_dtype)source->dtype)
                                        : common == VA_DTYPES ||
                                              (va_is_complex((va_dtype)source->dtype) &&
                                               !va_is_complex(dtype));
    if (narrows)
      luaL_error(L, "%s: b is %s and a is %s; convert it: b:astype \"%s\"", what,
                 va_name((va_dtype)source->dtype), va_name(dtype), va_name(dtype));
    va_view cast;
    source = vta_push_cast(L, source, dtype, &cast, what);
    lua_replace(L, index);
  } else if (source->storage == array->storage) {
    va_view copy;
    source = vta_push_copy(L, source, &copy);
    lua_replace(L, index);
  }
  return source;
}

void vta_assign(lua_State *L, vta_array *array, va_view *target, int index, const char *what) {
  int64_t offset = target->data - va_block_data(array->storage->block);
  va_view whole;
  if (vta_is_scalar(L, index)) {
    _Alignas(16) char element[16];
    vta_read_element(L, index, target->dtype, element);
    vta_writable(L, array, &whole);
    target->data = va_block_data(array->storage->block) + offset;
    va_fill(target, element);
    return;
  }
  vta_array *source = source_array(L, array, index, target->dtype, what);
  va_view from;
  vta_view(L, source, &from);
  // Leading axes of length 1 of the source do not matter, as in NumPy.
  while (from.axes > target->axes && from.shape[0] == 1) {
    from.axes--;
    memmove(from.shape, from.shape + 1, (size_t)from.axes * sizeof *from.shape);
    memmove(from.strides, from.strides + 1, (size_t)from.axes * sizeof *from.strides);
  }
  if (!vta_broadcast(&from, target->axes, target->shape)) {
    int64_t shape[VA_MAX_AXES];
    vta_common_shape(L, target, &from, shape, what);
    luaL_error(L, "%s: b of shape %s does not fit into shape %s", what,
               vta_push_shape_text(L, from.axes, from.shape),
               vta_push_shape_text(L, target->axes, target->shape));
  }
  vta_writable(L, array, &whole);
  target->data = va_block_data(array->storage->block) + offset;
  vta_view(L, source, &from);
  while (from.axes > target->axes) {
    from.axes--;
    memmove(from.shape, from.shape + 1, (size_t)from.axes * sizeof *from.shape);
    memmove(from.strides, from.strides + 1, (size_t)from.axes * sizeof *from.strides);
  }
  vta_broadcast(&from, target->axes, target->shape);
  va_assign(&from, target);
}

// MARK: Selection

static int64_t count_true(const va_view *mask) {
  int64_t count = 0;
  va_view out = {.data = (char *)&count, .dtype = VA_INT64};
  va_reduction_options how = {.axes = (1u << mask->axes) - 1};
  va_detail detail = vta_new_detail();
  va_reduce(VA_COUNT_NONZERO, mask, &how, &out, &detail);
  return count;
}

/// The offsets of the selected rows from the first element of the array, in a userdata on top, and
/// the shapes of a row and of the result.
typedef struct {
  const int64_t *offsets;
  int64_t count;
  va_view row;     // of the array, at its first element
  va_view result;  // the shape of the result
} selection;

static void select_mask(lua_State *L, const va_view *view, const va_view *mask, selection *chosen) {
  bool fits = mask->axes <= view->axes;
  for (int axis = 0; fits && axis < mask->axes; axis++)
    fits = mask->shape[axis] == view->shape[axis] || mask->shape[axis] == 0;
  if (!fits)
    luaL_error(L, "a[mask]: the mask of shape %s does not fit shape %s",
               vta_push_shape_text(L, mask->axes, mask->shape),
               vta_push_shape_text(L, view->axes, view->shape));
  chosen->count = va_mask_offsets(mask, view->strides, NULL);
  chosen->result.shape[0] = chosen->count;
  chosen->result.axes = 1;
}

static void index_offsets(
    lua_State *L, const va_view *view, const va_view *index, int64_t *offsets, int64_t count) {
  va_list_integers(index, offsets);
  for (int64_t i = 0; i < count; i++) {
    // A uint64 beyond the largest integer has become negative.
    if (index->dtype == VA_UINT64 && offsets[i] < 0) offsets[i] = INT64_MAX;
    offsets[i] = vta_element_index(L, offsets[i], view, 0) * view->strides[0];
  }
}

/// Finds what `by` selects of the array. Pushes the list of offsets.
static void find(lua_State *L, const vta_array *array, const vta_array *by, selection *chosen) {
  va_view view, index;
  vta_view(L, array, &view);
  vta_view(L, by, &index);
  bool masked = index.dtype == VA_BOOL;
  if (!masked && !va_is_integer(index.dtype))
    luaL_error(L, "an index array must have booleans or integers, not %s", va_name(index.dtype));
  chosen->result = (va_view){.dtype = view.dtype};
  int used = masked ? index.axes : 1;
  if (masked) {
    select_mask(L, &view, &index, chosen);
  } else {
    if (view.axes == 0) luaL_error(L, "1 index for an array of 0 axes, shape ()");
    chosen->result.axes = index.axes;
    memcpy(chosen->result.shape, index.shape, sizeof index.shape);
    chosen->count = va_count(&index);
  }
  if (chosen->result.axes + view.axes - used > VA_MAX_AXES)
    luaL_error(L, "the result would have more than %d axes", VA_MAX_AXES);
  chosen->row = (va_view){.data = view.data, .dtype = view.dtype, .axes = view.axes - used};
  for (int axis = used; axis < view.axes; axis++) {
    chosen->row.shape[axis - used] = view.shape[axis];
    chosen->row.strides[axis - used] = view.strides[axis];
    chosen->result.shape[chosen->result.axes++] = view.shape[axis];
  }
  if ((uint64_t)chosen->count > SIZE_MAX / 16) vta_no_memory(L);
  int64_t *offsets = lua_newuserdatauv(L, (size_t)chosen->count * sizeof *offsets + 1, 0);
  vta_view(L, by, &index);  // the allocation may have moved the storage
  if (masked) {
    int64_t again = va_mask_offsets(&index, view.strides, NULL);
    if (again != chosen->count) luaL_error(L, "a[mask]: a finalizer has changed the mask");
    va_mask_offsets(&index, view.strides, offsets);
  } else {
    index_offsets(L, &view, &index, offsets, chosen->count);
  }
  chosen->offsets = offsets;
}

/// The view with one axis for all selected rows, then the axes of a row.
static va_view flat(const selection *chosen, const va_view *whole) {
  va_view flat = {.data = whole->data, .dtype = whole->dtype, .axes = chosen->row.axes + 1};
  flat.shape[0] = chosen->count;
  memcpy(flat.shape + 1, chosen->row.shape, (size_t)chosen->row.axes * sizeof(int64_t));
  va_set_strides(&flat);
  return flat;
}

/// Selects by a mask of the array's own shape; false if it is another case.
static bool compress(lua_State *L, vta_array *array, vta_array *by) {
  va_view view, mask;
  vta_view(L, array, &view);
  vta_view(L, by, &mask);
  if (mask.dtype != VA_BOOL || mask.axes != view.axes) return false;
  for (int axis = 0; axis < view.axes; axis++)
    if (mask.shape[axis] != view.shape[axis]) return false;
  int64_t count = count_true(&mask);
  va_view result = {.dtype = view.dtype, .axes = 1, .shape = {count}};
  vta_new(L, &result, false);
  vta_view(L, array, &view);
  vta_view(L, by, &mask);
  if (count_true(&mask) != count) luaL_error(L, "a[mask]: a finalizer has changed the mask");
  va_detail detail = vta_new_detail();
  va_status status = va_compress(&mask, &view, &result, &detail);
  if (status != VA_OK) vta_raise(L, "a[mask]", status, &detail, view.dtype, &view);
  return true;
}

int vta_select(lua_State *L, vta_array *array, vta_array *by) {
  if (compress(L, array, by)) return 1;
  selection chosen;
  find(L, array, by, &chosen);
  va_view view;
  vta_new(L, &chosen.result, false);
  vta_view(L, array, &view);
  chosen.row.data = view.data;
  va_view to = flat(&chosen, &chosen.result);
  va_take_rows(&chosen.row, chosen.offsets, &to);
  return 1;
}

void vta_select_assign(lua_State *L, vta_array *array, vta_array *by, int value) {
  selection chosen;
  find(L, array, by, &chosen);
  const char *what = (va_dtype)by->dtype == VA_BOOL ? "a[mask] = b" : "a[index] = b";
  va_dtype dtype = (va_dtype)array->dtype;
  va_view from, view;
  _Alignas(16) char element[16];
  if (vta_is_scalar(L, value)) {
    vta_read_element(L, value, dtype, element);
    from = (va_view){.data = element, .dtype = dtype};
    vta_writable(L, array, &view);
  } else {
    vta_array *source = source_array(L, array, value, dtype, what);
    vta_view(L, source, &from);
    if (from.axes == 1 && chosen.result.axes == 1 && chosen.row.axes == 0 && from.shape[0] != chosen.count &&
        from.shape[0] != 1)
      luaL_error(L, "%s: %I elements are selected, and b has %I", what,
                 (LUAI_UACINT)chosen.count, (LUAI_UACINT)from.shape[0]);
    vta_writable(L, array, &view);
    vta_view(L, source, &from);
  }
  va_view target = chosen.result;
  int64_t shape[VA_MAX_AXES];
  if (!vta_broadcast(&from, target.axes, target.shape)) {
    vta_common_shape(L, &target, &from, shape, what);
    luaL_error(L, "%s: b of shape %s does not fit into shape %s", what,
               vta_push_shape_text(L, from.axes, from.shape),
               vta_push_shape_text(L, target.axes, target.shape));
  }
  chosen.row.data = view.data;
  int64_t ignored = chosen.result.axes - chosen.row.axes;
  if (ignored == 1) {
    va_put_rows(&from, &chosen.row, chosen.offsets);
    return;
  }
  // An index array of several axes: its axes become one, in a copy.
  va_view copy = target;
  vta_new(L, &copy, false);
  va_assign(&from, &copy);
  vta_view(L, array, &view);
  vta_writable(L, array, &view);
  chosen.row.data = view.data;
  va_view rows = flat(&chosen, &copy);
  va_put_rows(&rows, &chosen.row, chosen.offsets);
}
