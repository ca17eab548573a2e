// SPDX-License-Identifier: BSD-3-Clause

/// Arrays of a Lua state as blocks and views: how code outside Lua takes and gives them without
/// copying elements. None of these functions raises an error.
#ifndef VTLUA_ARRAYLUA_BLOCKS_H
#define VTLUA_ARRAYLUA_BLOCKS_H

#include <CArrays.h>
#include <lua.h>

typedef enum {
  VTA_IS_ARRAY,
  VTA_NO_ARRAY,      // another value
  VTA_CLOSED_ARRAY,  // an array that was closed, which has no elements
  VTA_NO_MEMORY_FOR_ARRAY,
} vta_kind;

/// If the value at `index` is an array, sets its view and adds an owner to its block, which the caller
/// releases. Until then neither Lua nor the caller writes to the block. Memory that other workers write is
/// copied.
vta_kind vta_take_block(lua_State *L, int index, va_block **block, va_view *view);

/// Pushes an array of elements in a block, of which it becomes one more owner. Returns Lua's status;
/// otherwise an error value is on top. Needs two free slots.
int vta_push_block(lua_State *L, va_block *block, const va_view *view);

#endif
