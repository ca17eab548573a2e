// SPDX-License-Identifier: BSD-3-Clause

#include "include/Blocks.h"

#include <CLuaGuard.h>
#include <string.h>

#include "array.h"

vta_kind vta_take_block(lua_State *L, int index, va_block **block, va_view *view) {
  const vta_array *array = vta_test(L, index);
  if (!array) return VTA_NO_ARRAY;
  if (!array->storage) return VTA_CLOSED_ARRAY;
  *block = array->storage->block;
  va_block_retain(*block);
  vta_view(L, array, view);  // raises only if the array was closed
  return VTA_IS_ARRAY;
}

typedef struct {
  va_block *block;
  const va_view *view;
} request;

static int push(lua_State *L) {
  request *request = lua_touserdata(L, 1);
  const va_view *view = request->view;
  size_t bytes = va_block_bytes(request->block);
  // An array without elements first, whose block is then replaced.
  va_view empty = *view;
  for (int axis = 0; axis < empty.axes; axis++) empty.shape[axis] = 0;
  vta_array *array = vta_new(L, &empty, true);
  if (!vtl_memory_add(L, bytes)) {
    lua_gc(L, LUA_GCCOLLECT);
    if (!vtl_memory_add(L, bytes)) return vta_no_memory(L);
  }
  size_t axes = (size_t)view->axes;
  vta_storage *storage = array->storage;
  va_block_retain(request->block);
  va_block_release(storage->block);
  storage->block = request->block;
  storage->counted += bytes;
  array->offset = view->data - va_block_data(storage->block);
  memcpy(array->lengths, view->shape, axes * sizeof(int64_t));
  memcpy(array->lengths + axes, view->strides, axes * sizeof(int64_t));
  return 1;
}

int vta_push_block(lua_State *L, va_block *block, const va_view *view) {
  request request = {block, view};
  lua_pushcfunction(L, push);
  lua_pushlightuserdata(L, &request);
  return lua_pcall(L, 1, 1, 0);
}
