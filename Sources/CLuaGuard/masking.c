// SPDX-License-Identifier: BSD-3-Clause
//
// `print`, `io.write` and `file:write` that hide secrets in what goes to standard output and standard
// error. The original is called in the same frame, as in access.c.

#include <Secrets.h>
#include <stdio.h>
#include <stdlib.h>

#include "guard.h"

/// A masked text, which is released also after an error.
static int release(lua_State *L) {
  char **text = lua_touserdata(L, 1);
  free(*text);
  *text = NULL;
  return 0;
}

/// Replaces the string at `index` by one without secrets.
static void mask(lua_State *L, int index) {
  size_t length, count = 0;
  const char *text = lua_tolstring(L, index, &length);
  if (!vty_secret_in(text, length)) return;
  luaL_checkstack(L, 4, NULL);
  char **masked = lua_newuserdatauv(L, sizeof *masked, 0);
  *masked = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  *masked = vty_secrets_mask(text, length, &count);
  lua_pushlstring(L, *masked ? *masked : "", *masked ? count : 0);
  lua_replace(L, index);
  free(*masked);
  *masked = NULL;
  lua_pop(L, 1);
}

static void mask_arguments(lua_State *L, int first) {
  for (int i = first, count = lua_gettop(L); i <= count; i++)
    if (lua_type(L, i) == LUA_TSTRING) mask(L, i);
}

static int mask_print(lua_State *L) {
  if (vty_has_secrets()) {
    for (int i = 1, count = lua_gettop(L); i <= count; i++) {
      luaL_checkstack(L, 2, NULL);
      luaL_tolstring(L, i, NULL);
      lua_replace(L, i);
    }
    mask_arguments(L, 1);
  }
  return vtl_guard_of(L)->watched[VTL_PRINT](L);
}

static bool is_shown(const luaL_Stream *stream) {
  return stream && (stream->f == stdout || stream->f == stderr);
}

static int mask_write(lua_State *L) {
  if (vty_has_secrets()) {
    lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
    bool shown = is_shown(luaL_testudata(L, -1, LUA_FILEHANDLE));
    lua_pop(L, 1);
    if (shown) mask_arguments(L, 1);
  }
  return vtl_guard_of(L)->watched[VTL_WRITE](L);
}

static int mask_file_write(lua_State *L) {
  if (vty_has_secrets() && is_shown(luaL_testudata(L, 1, LUA_FILEHANDLE))) mask_arguments(L, 2);
  return vtl_guard_of(L)->watched[VTL_FILE_WRITE](L);
}

/// Replaces a function of the table on top.
static void replace(lua_State *L, const char *name, vtl_watched which, lua_CFunction by) {
  lua_getfield(L, -1, name);
  lua_CFunction original = lua_tocfunction(L, -1);
  bool is_plain = original && !lua_getupvalue(L, -1, 1);
  lua_settop(L, original && !is_plain ? -3 : -2);
  if (!is_plain) return;
  vtl_guard_of(L)->watched[which] = original;
  lua_pushcfunction(L, by);
  lua_setfield(L, -2, name);
}

void vtl_masking_open(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, LUA_GNAME) == LUA_TTABLE) replace(L, "print", VTL_PRINT, mask_print);
  lua_pop(L, 1);
  if (lua_getfield(L, -1, LUA_IOLIBNAME) == LUA_TTABLE) replace(L, "write", VTL_WRITE, mask_write);
  lua_pop(L, 2);
  if (luaL_getmetatable(L, LUA_FILEHANDLE) == LUA_TTABLE) {
    if (lua_getfield(L, -1, "__index") == LUA_TTABLE)
      replace(L, "write", VTL_FILE_WRITE, mask_file_write);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}
