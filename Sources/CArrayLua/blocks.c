// SPDX-License-Identifier: BSD-3-Clause

#include "include/Blocks.h"

#include "array.h"

vta_kind vta_take_block(lua_State *L, int index, va_block **block, va_view *view) {
  const vta_array *array = vta_test(L, index);
  if (!array) return VTA_NO_ARRAY;
  if (!array->storage) return VTA_CLOSED_ARRAY;
  *block = array->storage->block;
  vta_view(L, array, view);  // raises only if the array was closed
  if (!va_block_is_shared(*block) && !va_block_is_embedded(*block)) {
    va_block_retain(*block);
    return VTA_IS_ARRAY;
  }
  va_view from = *view;
  *block = va_block_new_unset((size_t)va_count(view) * va_size(view->dtype));
  if (!*block) return VTA_NO_MEMORY_FOR_ARRAY;
  va_set_strides(view);
  view->data = va_block_data(*block);
  va_assign(&from, view);
  return VTA_IS_ARRAY;
}

typedef struct {
  va_block *block;
  const va_view *view;
} request;

static int push(lua_State *L) {
  request *request = lua_touserdata(L, 1);
  vta_push_adopted(L, request->view, request->block);
  return 1;
}

int vta_push_block(lua_State *L, va_block *block, const va_view *view) {
  request request = {block, view};
  lua_pushcfunction(L, push);
  lua_pushlightuserdata(L, &request);
  return lua_pcall(L, 1, 1, 0);
}
