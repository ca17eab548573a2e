// SPDX-License-Identifier: BSD-3-Clause
//
// The functions of a state that has only some of Lua's libraries.

#ifndef VTL_RESTRICTED_H
#define VTL_RESTRICTED_H

#include "guard.h"

/// Raises if the current evaluation must stop. For loops in C, which run no hooks.
void vtl_poll_stop(lua_State *L);

/// Replaces a function of C at `index`, which a loop in C calls, by one that also looks for a stop.
void vtl_poll_calls(lua_State *L, int index);

/// Lua's own function, the first upvalue of the running one. It has no upvalues, and is called in the frame
/// of the running one, so that messages and their positions stay as they are.
lua_CFunction vtl_original(lua_State *L);

/// Functions of `string` that can be stopped.
extern const luaL_Reg vtl_pattern_functions[];
/// Functions of `table` and `string` whose loops in C can be stopped.
extern const luaL_Reg vtl_table_functions[], vtl_string_functions[];

/// setmetatable of scripts, which refuses finalizers. Upvalue: Lua's own function.
int vtl_script_setmetatable(lua_State *L);
/// setmetatable of the library, as vtl_set_metatable. Upvalue: Lua's own function.
int vtl_library_setmetatable(lua_State *L);
/// Pushes the function that marks a finalizer of the library, which runs.
void vtl_push_finalizer(lua_State *L);

#endif
