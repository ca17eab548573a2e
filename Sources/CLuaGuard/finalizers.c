// SPDX-License-Identifier: BSD-3-Clause
//
// Finalizers of states that have only some of Lua's libraries. They run at any time, and no hook stops them:
// those of scripts never run. Scripts can reach some metatables of the library and of the host, and could
// add one there.

#include "restricted.h"

int vtl_script_setmetatable(lua_State *L) {
  if (lua_type(L, 2) == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL)
      return luaL_error(L, "metatables with `__gc` are not available in this sandbox");
    lua_pop(L, 1);
  }
  return vtl_original(L)(L);
}

/// The key of the table of finalizers that run in a sandbox, in the registry. Scripts cannot reach the function
/// that adds one.
static const char finalizers = 0;

/// finalizer(function): marks a finalizer of the library, and returns it.
static int mark_finalizer(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &finalizers);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, 1);
  lua_rawset(L, 2);
  lua_settop(L, 1);
  return 1;
}

/// True if the value on top, which stays, is such a function.
static bool is_marked(lua_State *L) {
  bool found = false;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &finalizers) == LUA_TTABLE) {
    lua_pushvalue(L, -2);
    found = lua_rawget(L, -2) == LUA_TBOOLEAN;
    lua_settop(L, -2);
  }
  lua_settop(L, -2);
  return found;
}

void vtl_set_metatable(lua_State *L, int index) {
  if (!vtl_guard_of(L)->refuses_finalizers || lua_type(L, index) != LUA_TTABLE ||
      lua_type(L, -1) != LUA_TTABLE) {
    lua_setmetatable(L, index);
    return;
  }
  index = lua_absindex(L, index);
  if (!lua_checkstack(L, 5)) {
    lua_settop(L, -2);
    return;
  }
  lua_pushliteral(L, "__gc");
  lua_pushvalue(L, -1);
  if (lua_rawget(L, -3) == LUA_TNIL || is_marked(L)) {
    lua_settop(L, -3);
    lua_setmetatable(L, index);
    return;
  }
  // Lua looks for the finalizer when the metatable is set.
  lua_pushvalue(L, -2);
  lua_pushnil(L);
  lua_rawset(L, -5);
  lua_pushvalue(L, -3);
  lua_setmetatable(L, index);
  lua_rawset(L, -3);
  lua_settop(L, -2);
}

int vtl_library_setmetatable(lua_State *L) {
  bool is_plain = lua_type(L, 1) == LUA_TTABLE && lua_type(L, 2) == LUA_TTABLE;
  if (!is_plain || luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
    lua_settop(L, 2);
    return vtl_original(L)(L);
  }
  lua_settop(L, 2);
  vtl_set_metatable(L, 1);
  return 1;
}

void vtl_push_finalizer(lua_State *L) {
  lua_createtable(L, 0, 4);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &finalizers);
  lua_pushcfunction(L, mark_finalizer);
}
