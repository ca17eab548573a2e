// SPDX-License-Identifier: BSD-3-Clause

/// The table `array` of Lua, and its arrays: userdata over the blocks of CVTArrays.
#ifndef VTLUA_CARRAYLUA_H
#define VTLUA_CARRAYLUA_H

#include <CArrays.h>
#include <lua.h>

/// Pushes the table `array`, which is filled when it is first indexed. A lua_CFunction.
int vta_open(lua_State *L);
/// Registers arrays with serialization, once for the process.
void vta_register(void);
/// Pushes that table. Returns Lua's status; otherwise an error value is on top.
int vta_push_table(lua_State *L);
/// `parallel.shared(a)`: pushes an array with the same elements over memory that all workers of this
/// machine write. A lua_CFunction.
int vta_shared(lua_State *L);
/// Pushes that function. Needs a free slot.
void vta_push_shared(lua_State *L);

#endif
