// SPDX-License-Identifier: BSD-3-Clause
//
// The table `array`, the methods of arrays, and names that are not among them.

#include "open.h"

#include <string.h>

#include "CArrayLua.h"
#include "array.h"
#include "compose.h"
#include "products.h"

// MARK: Methods

bool vta_is_maker(const char *name) {
  for (int group = 0; group < 2; group++)
    for (const luaL_Reg *row = vta_functions[group]; row->name; row++)
      if (strcmp(row->name, name) == 0)
        return !strstr(name, "_like") && strcmp(name, "diag") != 0 && strncmp(name, "tri", 3) != 0;
  return false;
}

/// Adds the functions, or those that are methods, to the table on top.
static void add_functions(lua_State *L, bool methods) {
  for (const luaL_Reg *const *group = vta_functions; *group; group++) {
    for (const luaL_Reg *row = *group; row->name; row++) {
      // The kernel of the operator >> is no function: the standard's shift keeps the sign.
      if (row->name[0] == '>' || (methods && vta_is_maker(row->name))) continue;
      lua_pushcfunction(L, row->func);
      lua_setfield(L, -2, row->name);
    }
  }
}

void vta_push_methods(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 160);
  add_functions(L, true);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

// MARK: The table

/// Makes the table on top a loaded module, so that its functions travel by name.
static void set_part(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/// Fills the table at 1, which is empty until it is first used.
static int fill(lua_State *L) {
  lua_settop(L, 1);
  lua_getmetatable(L, 1);
  for (const char *const *name = (const char *const[]){"__pairs", "__fill", NULL}; *name; name++) {
    lua_pushnil(L);
    lua_setfield(L, -2, *name);
  }
  lua_pushcfunction(L, vta_missing);
  lua_setfield(L, -2, "__index");
  lua_settop(L, 1);
  add_functions(L, false);
  lua_pushlightuserdata(L, (void *)&vta_newaxis);
  lua_setfield(L, 1, "newaxis");
  lua_pushlightuserdata(L, (void *)&vta_rest);
  lua_setfield(L, 1, "rest");
  vta_push_fourier(L);
  set_part(L, "array.fft");
  lua_setfield(L, 1, "fft");
  vta_push_linear(L);
  lua_getfield(L, -1, "solve");
  lua_setfield(L, 1, "solve");
  lua_getfield(L, -1, "matmul");
  lua_setfield(L, 1, "dot");
  set_part(L, "array.linalg");
  lua_setfield(L, 1, "linalg");
  return 0;
}

/// __index of the empty table.
static int first_index(lua_State *L) {
  lua_settop(L, 2);
  lua_pushcfunction(L, fill);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  lua_gettable(L, 1);
  return 1;
}

static int next_entry(lua_State *L) {
  lua_settop(L, 2);
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

static int pairs(lua_State *L) {
  lua_pushcfunction(L, fill);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  lua_pushcfunction(L, next_entry);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/// The loader of the modules array.fft and array.linalg: takes the name.
static int load_part(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "array");
  lua_getfield(L, -1, name + sizeof "array." - 1);
  return 1;
}

int vta_open(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, load_part);
  lua_setfield(L, -2, "array.fft");
  lua_pushcfunction(L, load_part);
  lua_setfield(L, -2, "array.linalg");
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, first_index);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, fill);
  lua_setfield(L, -2, "__fill");
  lua_pushcfunction(L, pairs);
  lua_setfield(L, -2, "__pairs");
  lua_setmetatable(L, -2);
  return 1;
}

int vta_push_table(lua_State *L) {
  if (!lua_checkstack(L, 1)) return LUA_ERRMEM;
  vta_register();
  lua_pushcfunction(L, vta_open);
  return lua_pcall(L, 0, 1, 0);
}
