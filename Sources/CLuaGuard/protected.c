// SPDX-License-Identifier: BSD-3-Clause
//
// `pcall` and `xpcall` that do not swallow a stop.
//
// The hook of a stop raises again at the next instruction, except where hooks are disallowed: after
// an error, lua_pcall restores the flag that it found, which is cleared in finalizers and hooks.
// These functions therefore check for a stop before they return.

#include "guard.h"

/// Returns the results after a call; the first `skipped` values are not among them.
static int finish(lua_State *L, int status, lua_KContext skipped) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - (int)skipped;
  if (vtl_stopped() != VTL_RUNNING) return vtl_raise_stop(L);
  lua_pushboolean(L, 0);
  lua_pushvalue(L, -2);
  return 2;
}

static int call_protected(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  return finish(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish), 0);
}

/// With a message handler as argument 2.
static int call_handled(lua_State *L) {
  int arguments = lua_gettop(L) - 2;
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  return finish(L, lua_pcallk(L, arguments, LUA_MULTRET, 2, 2, finish), 2);
}

void vtl_protected_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"pcall", call_protected}, {"xpcall", call_handled}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
