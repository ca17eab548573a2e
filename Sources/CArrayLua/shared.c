// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays over memory that several workers write.

#include <errno.h>
#include <string.h>

#include "CArrayLua.h"
#include "include/Blocks.h"
#include "array.h"

/// Pushes a new array over shared memory, with the shape and the type of the view, and sets the rest of it.
static void push_shared(lua_State *L, va_view *view) {
  size_t bytes = vta_bytes(L, view);
  va_block *block = va_block_new_shared(bytes);
  if (!block) {
    lua_gc(L, LUA_GCCOLLECT);  // arrays that are not in use any more have descriptors
    block = va_block_new_shared(bytes);
  }
  if (!block) {
    if (errno == ENOMEM) vta_no_memory_for(L, view, bytes);
    luaL_error(L, "parallel.shared: no memory that other workers can use: %s", strerror(errno));
  }
  va_set_strides(view);
  view->data = va_block_data(block);
  int status = vta_push_block(L, block, view);
  va_block_release(block);
  if (status != LUA_OK) lua_error(L);
}

int vta_shared(lua_State *L) {
  lua_settop(L, 1);
  const vta_array *array = vta_test(L, 1);
  if (!array && lua_type(L, 1) != LUA_TTABLE)
    return luaL_error(L, "parallel.shared: an array expected, got %s", luaL_typename(L, 1));
  array = vta_to_array(L, 1, VA_DTYPES, "parallel.shared");
  va_view from, to;
  vta_view(L, array, &from);
  to = from;
  push_shared(L, &to);
  vta_view(L, array, &from);
  va_assign(&from, &to);
  return 1;
}

void vta_push_shared(lua_State *L) { lua_pushcfunction(L, vta_shared); }

vta_array *vta_private(lua_State *L, int index) {
  vta_array *array = vta_test(L, index);
  if (!array || !array->storage || !va_block_is_shared(array->storage->block)) return array;
  index = lua_absindex(L, index);
  va_view copy;
  array = vta_push_copy(L, array, &copy);
  lua_replace(L, index);
  return array;
}

vta_array *vta_to_private(lua_State *L, int index, va_dtype dtype, const char *function) {
  vta_to_array(L, index, dtype, function);
  return vta_private(L, index);
}
