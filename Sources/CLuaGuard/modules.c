// SPDX-License-Identifier: BSD-3-Clause
//
// The origin of loaded modules: of each, the value under which `require` or the host has loaded it, and
// what the searcher has found. Modules without an origin were put into package.loaded by a script.

#include <string.h>

#include "guard.h"

/// Registry keys: the origins by name, and, in a table with weak values, the modules by name.
static const char origins_key, modules_key;

/// Records the module at `value`; the origin is on top, and is taken.
static void note(lua_State *L, int name, int value) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &origins_key);
  lua_insert(L, -2);
  lua_pushvalue(L, name);
  lua_insert(L, -2);
  lua_rawset(L, -3);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key);
  lua_pushvalue(L, name);
  lua_pushvalue(L, value);
  lua_rawset(L, -3);
  lua_pop(L, 2);
}

void vtl_modules_open(lua_State *L) {
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &origins_key);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  int loaded = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, loaded); lua_pop(L, 1)) {
    lua_pushboolean(L, 1);
    note(L, loaded + 1, loaded + 2);
  }
  lua_pop(L, 1);
}

void vtl_modules_required(lua_State *L) {
  luaL_checkstack(L, 6, NULL);
  int top = lua_gettop(L);
  if (lua_type(L, top) == LUA_TSTRING) lua_pushvalue(L, top);
  else lua_pushboolean(L, 1);
  note(L, 1, top - 1);
}

static int note_loaded(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE) return 0;
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, 1);
  lua_rawget(L, -2);
  lua_pushboolean(L, 1);
  note(L, 1, lua_gettop(L) - 1);
  return 0;
}

int vtl_note_loaded(lua_State *L, const char *name) {
  if (!lua_checkstack(L, 2)) return VTL_ERRSTACK;
  int status = vtl_pushbytes(L, name, strlen(name));
  if (status != LUA_OK) return status;
  lua_pushcfunction(L, note_loaded);
  lua_insert(L, -2);
  return lua_pcall(L, 1, 0, 0);
}

bool vtl_module_origin(lua_State *L, int name, int value) {
  name = lua_absindex(L, name);
  value = lua_absindex(L, value);
  // A state without Lua's libraries has no modules.
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE) return lua_settop(L, -2), false;
  lua_pushvalue(L, name);
  lua_rawget(L, -2);
  bool same = lua_rawequal(L, -1, value);
  lua_settop(L, -3);
  if (!same) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &origins_key);
  lua_pushvalue(L, name);
  lua_rawget(L, -2);
  vtl_remove(L, -2);
  return true;
}
