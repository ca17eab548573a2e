// SPDX-License-Identifier: BSD-3-Clause
//
// Calls of an iterator that may wait for a channel.

#include "Source.h"

#include <CLuaGuard.h>

/// The coroutine of the innermost iterator that runs on this thread.
static _Thread_local lua_State *running;

int vtp_source_new(lua_State *L, lua_State **co) {
  int status = vtl_newthread(L);
  if (status == LUA_OK) *co = lua_tothread(L, -1);
  return status;
}

int vtp_source_resume(lua_State *L, lua_State *co, int arguments, int *results) {
  *results = 0;
  // A new coroutine takes its function, too.
  int moved = arguments + (lua_status(co) == LUA_OK);
  if (!lua_checkstack(co, moved)) {
    lua_settop(L, -moved - 1);
    return VTL_ERRSTACK;
  }
  lua_xmove(L, co, moved);
  vtl_trace_clear(L);
  lua_State *outer = running;
  running = co;
  int status = vtl_resume(co, L, arguments, results);
  running = outer;
  if (status != LUA_OK && status != LUA_YIELD) {
    vtl_trace_capture(L, co, 0);
    lua_xmove(co, L, 1);
    return status;
  }
  if (!lua_checkstack(L, *results)) {
    lua_settop(co, -*results - 1);
    *results = 0;
    return VTL_ERRSTACK;
  }
  lua_xmove(co, L, *results);
  return status;
}

bool vtp_source_may_yield(lua_State *L) { return running == L && lua_isyieldable(L); }
