// SPDX-License-Identifier: BSD-3-Clause
//
// States that have only some of Lua's libraries. The libraries are opened as always; then everything that
// reaches files, the system, bytecode or the internals of the state is removed from the tables that
// scripts can reach, or replaced by a function that does less.

#include "restricted.h"

#include <stdio.h>
#include <string.h>

bool vtl_is_restricted(lua_State *L) { return vtl_guard_of(L)->is_restricted; }

// MARK: Replaced functions

lua_CFunction vtl_original(lua_State *L) { return lua_tocfunction(L, lua_upvalueindex(1)); }

/// load(chunk, name, mode, env) that accepts text only. Upvalues: Lua's own function, and the environment
/// of chunks without one of their own; nil: the globals.
static int load_text(lua_State *L) {
  const char *mode = luaL_optstring(L, 3, "bt");
  if (!strchr(mode, 't')) {
    lua_pushnil(L);
    lua_pushfstring(L, "attempt to load a text chunk (mode is '%s')", mode);
    return 2;
  }
  bool has_environment = lua_gettop(L) >= 4;
  lua_settop(L, has_environment ? 4 : 3);
  lua_pushliteral(L, "t");
  lua_replace(L, 3);
  if (!has_environment && !lua_isnil(L, lua_upvalueindex(2)))
    lua_pushvalue(L, lua_upvalueindex(2));
  vtl_poll_calls(L, 1);
  int results = vtl_original(L)(L);
  vtl_poll_stop(L);  // a stop of the function that reads is a result
  return results;
}

/// collectgarbage without the options that change the collector. Upvalue: Lua's own function.
static int collect(lua_State *L) {
  static const char *const options[] = {"collect", "count", "step", NULL};
  const char *option = luaL_optstring(L, 1, "collect");
  bool is_known = false;
  for (int i = 0; options[i]; i++) is_known |= strcmp(option, options[i]) == 0;
  if (!is_known)
    return luaL_error(L, "collectgarbage: \"%s\" is not available in this sandbox", option);
  return vtl_original(L)(L);
}

/// Replaces a function of the table on top by a closure over it and nil.
static void wrap(lua_State *L, const char *name, lua_CFunction by) {
  if (lua_getfield(L, -1, name) != LUA_TFUNCTION) {
    lua_pop(L, 1);
    return;
  }
  lua_pushnil(L);
  lua_pushcclosure(L, by, 2);
  lua_setfield(L, -2, name);
}

// MARK: Removing

static void forget(lua_State *L, const char *library, const char *const names[]) {
  if (lua_getglobal(L, library) == LUA_TTABLE) {
    for (int i = 0; names[i]; i++) {
      lua_pushnil(L);
      lua_setfield(L, -2, names[i]);
    }
  }
  lua_pop(L, 1);
}

static void forget_library(lua_State *L, const char *name) {
  lua_pushnil(L);
  lua_setglobal(L, name);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushnil(L);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/// Leaves only the searcher of package.preload. The table stays for the host; `require` does not give it
/// to scripts.
static void empty_package(lua_State *L) {
  static const char *const files[] = {"dofile", "loadfile", NULL};
  forget(L, LUA_GNAME, files);
  if (lua_getglobal(L, LUA_LOADLIBNAME) == LUA_TTABLE) {
    static const char *const names[] = {"loadlib", "searchpath", "config", NULL};
    for (int i = 0; names[i]; i++) {
      lua_pushnil(L);
      lua_setfield(L, -2, names[i]);
    }
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    if (lua_getfield(L, -1, "searchers") == LUA_TTABLE) {
      for (lua_Integer i = luaL_len(L, -1); i > 1; i--) {
        lua_pushnil(L);
        lua_seti(L, -2, i);
      }
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_setglobal(L, LUA_LOADLIBNAME);
}

/// Sets functions of the table that is loaded under that name. Each has Lua's own function as its upvalue.
static void replace(lua_State *L, const char *library, const luaL_Reg *functions) {
  if (lua_getglobal(L, library) == LUA_TTABLE) {
    for (; functions->name; functions++) {
      lua_getfield(L, -1, functions->name);
      lua_pushcclosure(L, functions->func, 1);
      lua_setfield(L, -2, functions->name);
    }
  }
  lua_pop(L, 1);
}

static void close_internals(lua_State *L) {
  static const char *const bytecode[] = {"dump", NULL};
  forget(L, LUA_STRLIBNAME, bytecode);
  forget_library(L, LUA_DBLIBNAME);
  lua_pushglobaltable(L);
  wrap(L, "load", load_text);
  wrap(L, "setmetatable", vtl_script_setmetatable);
  wrap(L, "collectgarbage", collect);
  lua_pop(L, 1);
  replace(L, LUA_STRLIBNAME, vtl_pattern_functions);
  replace(L, LUA_STRLIBNAME, vtl_string_functions);
  replace(L, LUA_TABLIBNAME, vtl_table_functions);
  lua_pushliteral(L, "");
  if (lua_getmetatable(L, -1)) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int restrict_state(lua_State *L) {
  static const char *const file_functions[] = {"remove", "rename", "tmpname", NULL};
  static const char *const system_functions[] = {"execute", "exit", "getenv", "setlocale", NULL};
  static const char *const program_functions[] = {"popen", NULL};
  unsigned kept = (unsigned)lua_tointeger(L, 1);
  if (!(kept & VTL_LIBRARY_OS)) {
    forget(L, LUA_OSLIBNAME, system_functions);
    forget(L, LUA_IOLIBNAME, program_functions);
  }
  if (!(kept & VTL_LIBRARY_IO)) {
    forget(L, LUA_OSLIBNAME, file_functions);
    forget_library(L, LUA_IOLIBNAME);
  }
  if (!(kept & VTL_LIBRARY_PACKAGE)) empty_package(L);
  if (!(kept & VTL_LIBRARY_DEBUG)) close_internals(L);
  vtl_guard_of(L)->is_restricted = true;
  vtl_guard_of(L)->refuses_finalizers = !(kept & VTL_LIBRARY_DEBUG);
  return 0;
}

int vtl_restrict(lua_State *L, unsigned kept) {
  if (!lua_checkstack(L, 2)) return VTL_ERRSTACK;
  lua_pushcfunction(L, restrict_state);
  lua_pushinteger(L, kept);
  return lua_pcall(L, 1, 0, 0);
}

bool vtl_is_hidden_module(const char *name) {
  static const char *const hidden[] = {LUA_LOADLIBNAME, "vt.library", "vt.system", NULL};
  for (int i = 0; hidden[i]; i++)
    if (strcmp(name, hidden[i]) == 0) return true;
  return false;
}

// MARK: Functions for the host

static int push_load(lua_State *L) {
  if (lua_getglobal(L, "load") != LUA_TFUNCTION) return luaL_error(L, "there is no `load`");
  // Of a restricted state, the function below the replacement.
  if (lua_tocfunction(L, -1) == load_text) lua_getupvalue(L, -1, 1);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, load_text, 2);
  return 1;
}

int vtl_pushload(lua_State *L) {
  if (!lua_checkstack(L, 1)) return VTL_ERRSTACK;
  lua_pushcfunction(L, push_load);
  lua_insert(L, -2);
  return lua_pcall(L, 1, 1, 0);
}

static int refuse_open(lua_State *L) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: this runtime has no access to files", luaL_checkstring(L, 1));
  lua_pushinteger(L, 1);
  return 3;
}

/// getinfo(level): the place of a function, and nothing by which it can be reached.
static int place(lua_State *L) {
  lua_Debug about;
  if (!lua_getstack(L, (int)luaL_checkinteger(L, 1), &about)) return 0;
  lua_getinfo(L, "Sl", &about);
  lua_createtable(L, 0, 3);
  lua_pushstring(L, about.source);
  lua_setfield(L, -2, "source");
  lua_pushstring(L, about.short_src);
  lua_setfield(L, -2, "short_src");
  lua_pushinteger(L, about.currentline);
  lua_setfield(L, -2, "currentline");
  return 1;
}

static int no_type(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushnil(L);
  return 1;
}

static int complete(lua_State *L) {
  if (lua_getfield(L, 1, "setmetatable") == LUA_TFUNCTION &&
      lua_tocfunction(L, -1) == vtl_script_setmetatable) {
    lua_getupvalue(L, -1, 1);
    lua_pushcclosure(L, vtl_library_setmetatable, 1);
    lua_setfield(L, 1, "setmetatable");
  }
  if (lua_getfield(L, 1, LUA_IOLIBNAME) == LUA_TNIL) {
    static const luaL_Reg functions[] = {{"open", refuse_open}, {"type", no_type}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_setfield(L, 1, LUA_IOLIBNAME);
  }
  if (lua_getfield(L, 1, LUA_LOADLIBNAME) == LUA_TNIL) {
    lua_createtable(L, 0, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_setfield(L, -2, "loaded");
    lua_setfield(L, 1, LUA_LOADLIBNAME);
  }
  if (lua_getfield(L, 1, LUA_DBLIBNAME) == LUA_TNIL) {
    static const luaL_Reg functions[] = {{"getinfo", place}, {NULL, NULL}};
    luaL_newlib(L, functions);
    vtl_push_finalizer(L);
    lua_setfield(L, -2, "finalizer");
    lua_setfield(L, 1, LUA_DBLIBNAME);
  }
  return 0;
}

int vtl_complete_library(lua_State *L) {
  if (!lua_checkstack(L, 2)) return VTL_ERRSTACK;
  lua_pushcfunction(L, complete);
  lua_pushvalue(L, -2);
  return lua_pcall(L, 1, 0, 0);
}
