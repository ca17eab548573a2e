// SPDX-License-Identifier: BSD-3-Clause
//
// Functions for the library `files`. A function that fails returns nil and an error number.

#include <FileTree.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program_list.h"
#include "system.h"

static bool must_stop(void *context) { return vtl_must_stop(context); }

/// Returns the results of a function that may have been stopped.
static int results(lua_State *L, int error) {
  if (vtl_stopped() != VTL_RUNNING) return vtl_raise_stop(L);
  if (!error) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushinteger(L, error);
  return 2;
}

/// glob(pattern, flags, is_own): a sorted list of paths; or nil and an error number, where the first
/// directory to list cannot be read. It is reported, unless the library looks at
/// files of its own; the first byte of the name has the flags.
static int glob(lua_State *L) {
  size_t length;
  const char *pattern = luaL_checklstring(L, 1, &length);
  int flags = (int)luaL_optinteger(L, 2, 0);
  lua_settop(L, 3);
  luaL_argcheck(L, strlen(pattern) == length, 1, "the pattern contains a zero byte");
  vty_names found;
  int error = vty_glob(pattern, flags, &found, must_stop, L);
  if (error) return results(L, error);
  // From here on the garbage collector frees the names.
  lua_pushlstring(L, found.bytes ? found.bytes : "", found.length);
  free(found.bytes);
  size_t all;
  const char *names = lua_tolstring(L, -1, &all);
  lua_createtable(L, 0, 0);
  int count = 0;
  for (const char *name = names; name < names + all; name += strlen(name) + 1) {
    lua_pushstring(L, name);
    lua_rawseti(L, -2, ++count);
  }
  if (lua_toboolean(L, 3)) return 1;
  lua_pushfstring(L, "%c%s", '0' + flags, pattern);
  vtl_access access = {.kind = VTL_ACCESS_GLOB, .other = names, .other_length = all};
  access.name = lua_tolstring(L, -1, &access.length);
  vtl_access_report(L, &access);
  lua_pop(L, 1);
  return 1;
}

static int compare(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/// sort(list): sorts strings by their bytes.
static int sort(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_rawlen(L, 1);
  const char **list = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *list, 0);
  lua_createtable(L, count, 0);  // keeps the strings while the list is written
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    list[i] = luaL_checkstring(L, -1);
    lua_rawseti(L, -2, i + 1);
  }
  qsort(list, (size_t)count, sizeof *list, compare);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, list[i]);
    lua_rawseti(L, 1, i + 1);
  }
  return 0;
}

/// status(path, follows): the kind, the size, the time of the last change in seconds, and the
/// permissions.
static int status(lua_State *L) {
  vty_status status;
  int error = vty_status_read(luaL_checkstring(L, 1), lua_toboolean(L, 2), &status);
  if (error) return results(L, error);
  lua_pushstring(L, status.kind == 'f'   ? "file"
                    : status.kind == 'd' ? "directory"
                    : status.kind == 'l' ? "link"
                                         : "other");
  lua_pushinteger(L, status.size);
  lua_pushnumber(L, (lua_Number)status.modified / 1e9);
  lua_pushinteger(L, status.mode);
  return 4;
}

/// status_text(path, has_all): the text by which a status is observed.
static int status_text(lua_State *L) {
  char text[96];
  vty_status_text(luaL_checkstring(L, 1), lua_toboolean(L, 2), text);
  lua_pushstring(L, text);
  return 1;
}

/// make_directory(path): true, and whether it existed.
static int make_directory(lua_State *L) {
  bool existed;
  int error = vty_make_directories(luaL_checkstring(L, 1), &existed);
  if (error) return results(L, error);
  lua_pushboolean(L, 1);
  lua_pushboolean(L, existed);
  return 2;
}

/// remove_tree(path)
static int remove_tree(lua_State *L) {
  return results(L, vty_remove_tree(luaL_checkstring(L, 1), must_stop, L));
}

/// copy(from, to): `to` must not exist.
static int copy(lua_State *L) {
  return results(L, vty_copy_file(luaL_checkstring(L, 1), luaL_checkstring(L, 2), must_stop, L));
}

/// rename(from, to): like os.rename, and not reported.
static int move(lua_State *L) {
  return results(L, rename(luaL_checkstring(L, 1), luaL_checkstring(L, 2)) == 0 ? 0 : errno);
}

/// sha256(path)
static int sha256(lua_State *L) {
  char digits[65];
  int error = vty_sha256_file(luaL_checkstring(L, 1), digits, must_stop, L);
  if (error || vtl_stopped() != VTL_RUNNING) return results(L, error);
  lua_pushstring(L, digits);
  return 1;
}

/// sha256_text(text)
static int sha256_text(lua_State *L) {
  size_t length;
  char digits[65];
  const char *text = luaL_checklstring(L, 1, &length);
  vty_sha256_text(text, length, digits);
  lua_pushstring(L, digits);
  return 1;
}

void vtl_files_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"glob", glob},           {"status", status},           {"status_text", status_text},
      {"copy", copy},           {"make_directory", make_directory},
      {"sha256", sha256},       {"sha256_text", sha256_text}, {"remove_tree", remove_tree},
      {"sort", sort},           {"rename", move},
      {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
