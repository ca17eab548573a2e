// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays as values that travel between states and are kept: the functions that serialization calls.

#include <Arrays.h>
#include <CLuaGuard.h>
#include <stdlib.h>
#include <string.h>

#include "CArrayLua.h"
#include "array.h"

/// The view of the array at `index`; false if there is none, or if it was closed. Never raises.
static bool view_at(lua_State *L, int index, va_view *view) {
  vta_array *array = vta_test(L, index);
  if (!array || !array->storage) return false;
  vta_view(L, array, view);
  return true;
}

static bool describe(lua_State *L, int index, vts_array *array) {
  va_view view;
  if (!view_at(L, index, &view)) return false;
  array->type = (vts_array_type)view.dtype;
  array->axes = view.axes;
  memcpy(array->shape, view.shape, (size_t)view.axes * sizeof *view.shape);
  array->bytes = (size_t)va_count(&view) * va_size(view.dtype);
  array->is_shared = va_block_is_shared(vta_test(L, index)->storage->block);
  return true;
}

/// Copies the elements to `to`, which may have any address. The bytes of a boolean are 0 or 1.
static void copy(lua_State *L, int index, void *to) {
  va_view view;
  if (!view_at(L, index, &view)) return;
  size_t bytes = (size_t)va_count(&view) * va_size(view.dtype);
  if (bytes == 0) return;
  if (va_is_contiguous(&view)) {
    memcpy(to, view.data, bytes);
    return;
  }
  va_view out = view;
  va_set_strides(&out);
  out.data = to;
  if ((uintptr_t)to % 16 == 0) return va_assign(&view, &out);
  // The kernels want elements at multiples of their size.
  va_loop loop;
  const va_view *views[] = {&view};
  if (!va_plan(&loop, 1, views)) return;
  int64_t index_at[VA_MAX_AXES] = {0};
  char *at[1] = {loop.data[0]}, *next = to;
  int inner = loop.axes - 1;
  size_t size = va_size(view.dtype);
  do {
    for (int64_t i = 0; i < loop.shape[inner]; i++, next += size)
      memcpy(next, at[0] + i * loop.strides[0][inner], size);
  } while (va_next(&loop, 1, index_at, at));
}

static void *lend(lua_State *L, int index, const void **bytes) {
  va_view view;
  if (!view_at(L, index, &view)) return NULL;
  va_block *block = vta_test(L, index)->storage->block;
  size_t length = (size_t)va_count(&view) * va_size(view.dtype);
  if (va_is_contiguous(&view) && length >= va_block_bytes(block) / 2 && !va_block_is_embedded(block)) {
    va_block_retain(block);
    *bytes = view.data;
    return block;
  }
  block = va_block_new_unset(length);
  if (!block) return NULL;
  va_view out = view;
  va_set_strides(&out);
  out.data = va_block_data(block);
  va_assign(&view, &out);
  *bytes = out.data;
  return block;
}

static void release(void *block) { va_block_release(block); }

static void *hold(lua_State *L, int index, vts_array_place *place) {
  va_view view;
  if (!view_at(L, index, &view)) return NULL;
  va_block *block = vta_test(L, index)->storage->block;
  va_block_retain(block);
  place->start = va_block_data(block);
  place->length = va_block_bytes(block);
  place->offset = view.data - va_block_data(block);
  memcpy(place->strides, view.strides, (size_t)view.axes * sizeof *view.strides);
  return block;
}

static void *wrap(void *bytes, size_t length, void (*done)(void *context), void *context) {
  return va_block_lend(bytes, length, done, context);
}

static const void *bytes_of(void *block, size_t *length) {
  *length = va_block_bytes(block);
  return va_block_data(block);
}

static int descriptor(void *block) { return va_block_descriptor(block); }
static void *open(int file) { return va_block_open_shared(file); }

static void set_view(va_view *view, const vts_array *array) {
  view->dtype = (va_dtype)array->type;
  view->axes = array->axes;
  memcpy(view->shape, array->shape, (size_t)array->axes * sizeof *view->shape);
}

static void *create(lua_State *L, const vts_array *array) {
  va_view view;
  set_view(&view, array);
  vta_new(L, &view, false);
  return view.data;
}

static void adopt(lua_State *L, const vts_array *array, void *block, const void *bytes) {
  va_view view;
  set_view(&view, array);
  va_set_strides(&view);
  view.data = (char *)bytes;
  vta_push_adopted(L, &view, block);
}

/// True if all elements lie in `length` bytes. The view's first element is at `offset`.
static bool fits(const va_view *view, int64_t offset, size_t length) {
  int64_t least = offset, most = offset, size = (int64_t)va_size(view->dtype);
  for (int axis = 0; axis < view->axes; axis++) {
    int64_t reach;
    if (view->shape[axis] == 0) return offset >= 0 && (size_t)offset <= length;
    if (view->strides[axis] % size ||
        __builtin_mul_overflow(view->shape[axis] - 1, view->strides[axis], &reach) ||
        __builtin_add_overflow(reach < 0 ? least : most, reach, reach < 0 ? &least : &most))
      return false;
  }
  return offset % size == 0 && least >= 0 && !__builtin_add_overflow(most, size, &most) &&
         (size_t)most <= length;
}

static bool adopt_view(
    lua_State *L, const vts_array *array, void *block, const vts_array_place *place) {
  va_view view;
  set_view(&view, array);
  memcpy(view.strides, place->strides, (size_t)view.axes * sizeof *view.strides);
  if (!fits(&view, place->offset, va_block_bytes(block))) return false;
  view.data = va_block_data(block) + place->offset;
  vta_push_adopted(L, &view, block);
  return true;
}

static void duplicate(lua_State *L, int index) {
  va_view view;
  vta_array *array = vta_check(L, index, "copy");
  vta_view(L, array, &view);
  vta_push_derived(L, array, &view);
}

static void element(lua_State *L, int index, int64_t place) {
  va_view view;
  vta_array *array = vta_check(L, index, "element");
  vta_view(L, array, &view);
  if (place < 0 || place >= (view.axes == 0 ? 1 : view.shape[0])) {
    lua_pushnil(L);
    return;
  }
  if (view.axes == 0) return vta_push_element(L, view.dtype, view.data);
  view.data += place * view.strides[0];
  if (view.axes == 1) return vta_push_element(L, view.dtype, view.data);
  view.axes--;
  memmove(view.shape, view.shape + 1, (size_t)view.axes * sizeof *view.shape);
  memmove(view.strides, view.strides + 1, (size_t)view.axes * sizeof *view.strides);
  vta_push_derived(L, array, &view);
}

static void part(lua_State *L, int index, int64_t first, int64_t count) {
  va_view view;
  vta_array *array = vta_check(L, index, "part");
  vta_view(L, array, &view);
  if (view.axes == 0 || first < 0 || count < 0 || first > view.shape[0] - count) {
    lua_pushnil(L);
    return;
  }
  if (count > 0) view.data += first * view.strides[0];
  view.shape[0] = count;
  vta_push_derived(L, array, &view);
}

void vta_register(void) {
  static const vts_array_functions functions = {
      .describe = describe, .copy = copy, .lend = lend, .release = release, .create = create,
      .adopt = adopt, .hold = hold, .adopt_view = adopt_view, .wrap = wrap, .bytes = bytes_of,
      .descriptor = descriptor, .open = open, .duplicate = duplicate, .element = element, .part = part};
  vts_register_arrays(&functions);
}
