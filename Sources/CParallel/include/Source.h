// SPDX-License-Identifier: BSD-3-Clause
//
// Calls of an iterator that may wait for a channel.

#ifndef VTP_SOURCE_H
#define VTP_SOURCE_H

#include <lua.h>
#include <stdbool.h>

/// Pushes a new coroutine, and sets `*co`. Returns Lua's status, with an error value on top.
int vtp_source_new(lua_State *L, lua_State **co);
/// Runs the coroutine with `arguments` from the top of L, and begins with the function below them. On LUA_OK and LUA_YIELD `*results` values
/// are on top of L; otherwise an error value is.
int vtp_source_resume(lua_State *L, lua_State *co, int arguments, int *results);
/// True if L is such a coroutine, runs, and may yield.
bool vtp_source_may_yield(lua_State *L);

#endif
