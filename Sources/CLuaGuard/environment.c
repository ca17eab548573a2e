// SPDX-License-Identifier: BSD-3-Clause
//
// The environment of Lua code: the globals, the tables of Lua's libraries, and the metatables of the
// basic types. A copy is made before any script runs. A hash changes when something is set.

#include "guard.h"

static const char key;

/// The libraries whose tables are watched, the metatable of strings, and parts of `package`. The loaded
/// modules, which are the last, are not part of the hash.
static const char *const libraries[] = {
    "_G",   "string", "table", "math",     "io",      "os",      "coroutine", "utf8",
    "debug", "vt",    "parallel", "package", "metatable of strings", "preload", "searchers", "loaded",
};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static bool push_library(lua_State *L, int loaded, int index) {
  if (index == LIBRARIES - 4) {
    lua_pushliteral(L, "");
    if (!lua_getmetatable(L, -1)) lua_pushnil(L);
    lua_remove(L, -2);
    return lua_istable(L, -1);
  }
  bool is_part = index >= LIBRARIES - 3;
  lua_getfield(L, loaded, is_part ? "package" : libraries[index]);
  if (is_part && lua_istable(L, -1)) {
    lua_getfield(L, -1, libraries[index]);
    lua_remove(L, -2);
  }
  return lua_istable(L, -1);
}

/// The names of the tables, the tables, and their copies, in three lists.
static int take(lua_State *L) {
  lua_settop(L, 0);
  lua_createtable(L, LIBRARIES, 0);
  lua_createtable(L, LIBRARIES, 0);
  lua_createtable(L, LIBRARIES, 0);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  int count = 0;
  for (int i = 0; i < LIBRARIES; i++) {
    if (push_library(L, 4, i)) {
      count++;
      lua_pushstring(L, libraries[i]);
      lua_rawseti(L, 1, count);
      lua_createtable(L, 0, 24);
      lua_pushnil(L);
      while (lua_next(L, 5)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 6);
      }
      lua_rawseti(L, 3, count);
      lua_rawseti(L, 2, count);
    }
    lua_settop(L, 4);
  }
  lua_settop(L, 3);
  lua_createtable(L, 3, 0);
  lua_insert(L, 1);
  for (int i = 3; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return 0;
}

int vtl_environment_take(lua_State *L) {
  if (!lua_checkstack(L, 4)) return VTL_ERRSTACK;
  lua_pushcfunction(L, take);
  return lua_pcall(L, 0, 0, 0);
}

bool vtl_environment_push(lua_State *L) {
  return lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE;
}

/// A number for the value at `index`: equal for values that are raw equal.
static uint64_t bits(lua_State *L, int index) {
  int type = lua_type(L, index);
  switch (type) {
    case LUA_TBOOLEAN: return vtl_mix(1, lua_toboolean(L, index));
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) return vtl_mix(2, (uint64_t)lua_tointeger(L, index));
      union { double number; uint64_t bits; } both = {.number = lua_tonumber(L, index)};
      return vtl_mix(3, both.bits);
    default: return vtl_mix(type + 8, (uint64_t)(uintptr_t)lua_topointer(L, index));
  }
}

/// The sum over the fields of the table on top, which does not depend on their order.
static uint64_t fields(lua_State *L, uint64_t table) {
  uint64_t sum = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    sum += vtl_mix(vtl_mix(table, bits(L, -2)), bits(L, -1));
    lua_pop(L, 1);
  }
  return sum;
}

static uint64_t metatable(lua_State *L, uint64_t of) {
  if (!lua_getmetatable(L, -1)) return of;
  uint64_t hash = vtl_mix(of, bits(L, -1)) + fields(L, of);
  lua_pop(L, 1);
  return hash;
}

static int identity(lua_State *L) { return lua_gettop(L); }

// lua_next raises only for a key that is not in the table.
uint64_t vtl_environment_hash(lua_State *L) {
  if (!lua_checkstack(L, 8) || !vtl_environment_push(L)) return 0;
  uint64_t hash = 0;
  lua_rawgeti(L, -1, 2);
  int count = (int)lua_rawlen(L, -1);
  for (int i = 1; i < count; i++) {
    lua_rawgeti(L, -1, i);
    hash += fields(L, (uint64_t)i);
    if (i == 1) hash += metatable(L, 100);
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  for (int type = LUA_TNIL; type <= LUA_TTHREAD; type++) {
    switch (type) {
      case LUA_TNIL: lua_pushnil(L); break;
      case LUA_TBOOLEAN: lua_pushboolean(L, 1); break;
      case LUA_TNUMBER: lua_pushinteger(L, 0); break;
      case LUA_TFUNCTION: lua_pushcfunction(L, identity); break;
      case LUA_TLIGHTUSERDATA: lua_pushlightuserdata(L, L); break;
      case LUA_TTHREAD: lua_pushthread(L); break;
      case LUA_TSTRING: lua_pushstring(L, ""); break;
      default: continue;
    }
    hash += metatable(L, 200 + (uint64_t)type);
    lua_pop(L, 1);
  }
  return hash;
}
