// SPDX-License-Identifier: BSD-3-Clause
//
// The table of functions that the libraries `process` and `files` are built on, and the report of
// what they use.

#define _GNU_SOURCE
#include "system.h"

#include <FileTree.h>
#include <Sandbox.h>
#include <string.h>
#include <unistd.h>

// MARK: Programs by name

/// find(name, path): the file of a program, by a list of directories such as PATH; or nil, an error
/// number, and the list. A name with a slash is a path itself.
static int find(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const char *search = vty_program_path(luaL_optstring(L, 2, NULL));
  char path[VTY_PROGRAM_PATH];
  int problem = vty_find_program(name, search, path);
  if (!problem) {
    lua_pushstring(L, path);
    return 1;
  }
  lua_pushnil(L);
  lua_pushinteger(L, problem);
  lua_pushstring(L, search);
  return 3;
}

/// absolute(path): a path that does not depend on the working directory.
static int absolute(lua_State *L) {
  char directory[VTY_PROGRAM_PATH];
  const char *path = luaL_checkstring(L, 1);
  if (*path == '/' || !getcwd(directory, sizeof directory)) lua_pushvalue(L, 1);
  else lua_pushfstring(L, "%s/%s", directory, path);
  return 1;
}

/// reason(number, access): the system's text for an error. The access, "read" or nil, names the option that
/// allows it in a sandbox.
static int reason(lua_State *L) {
  unsigned access = lua_isnoneornil(L, 2) ? 0 : VTY_SANDBOX_READ;
  lua_pushstring(L, vty_reason((int)luaL_checkinteger(L, 1), access));
  return 1;
}

// MARK: The report of accesses

/// observe(kind, name, other): reports an access by the library. `other` is a string, or true where
/// the file existed before.
static int observe(lua_State *L) {
  static const struct {
    const char *name;
    vtl_access_kind kind;
    const char *mode;
  } kinds[] = {
      {"read", VTL_ACCESS_OPEN, "r"},       {"write", VTL_ACCESS_OPEN, "w"},
      {"tool", VTL_ACCESS_TOOL, NULL},      {"program", VTL_ACCESS_PROGRAM, NULL},
      {"glob", VTL_ACCESS_GLOB, NULL},      {"status", VTL_ACCESS_STATUS, NULL},
      {"remove", VTL_ACCESS_REMOVE, NULL},  {"directory", VTL_ACCESS_DIRECTORY, NULL},
      {"temporary", VTL_ACCESS_TEMPORARY, NULL},
  };
  const char *kind = luaL_checkstring(L, 1);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].name, kind) != 0) continue;
    vtl_access access = {.kind = kinds[i].kind};
    access.name = luaL_checklstring(L, 2, &access.length);
    if (kinds[i].mode) {
      access.other = kinds[i].mode;
      access.other_length = 1;
    } else if (lua_type(L, 3) == LUA_TSTRING) {
      access.other = lua_tolstring(L, 3, &access.other_length);
    }
    access.existed = lua_isboolean(L, 3) && lua_toboolean(L, 3);
    vtl_access_report(L, &access);
    return 0;
  }
  return luaL_argerror(L, 1, "unknown kind");
}

static int push_system(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"find", find},       {"absolute", absolute}, {"reason", reason},
      {"observe", observe}, {NULL, NULL}};
  luaL_newlib(L, functions);
  vtl_jobs_open(L);
  vtl_files_open(L);
  return 1;
}

void vtl_pushopensystem(lua_State *L) { lua_pushcfunction(L, push_system); }
