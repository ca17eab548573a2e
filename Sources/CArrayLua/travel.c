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
  if (va_is_contiguous(&view) && length >= va_block_bytes(block) / 2) {
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
  if (view.axes == 0 || place < 0 || place >= view.shape[0]) {
    lua_pushnil(L);
    return;
  }
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
      .adopt = adopt, .duplicate = duplicate, .element = element, .part = part};
  vts_register_arrays(&functions);
}
