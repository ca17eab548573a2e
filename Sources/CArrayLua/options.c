// SPDX-License-Identifier: BSD-3-Clause

#include "options.h"

#include <lauxlib.h>
#include <string.h>

/// True if `name` is one of the words.
static bool is_among(const char *name, const char *words) {
  size_t length = strlen(name);
  for (const char *at = words; (at = strstr(at, name)); at += length)
    if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0)) return true;
  return false;
}

void vta_check_options(lua_State *L, int index, const char *function, const char *names) {
  if (lua_isnoneornil(L, index)) return;
  if (lua_type(L, index) != LUA_TTABLE)
    luaL_error(L, "%s: options must be a table, got %s", function, luaL_typename(L, index));
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING || !is_among(lua_tostring(L, -1), names))
      luaL_error(L, "%s: there is no option '%s'; the options are: %s", function,
                 luaL_tolstring(L, -1, NULL), names);
  }
}

bool vta_push_option(lua_State *L, int index, const char *name) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  if (lua_getfield(L, index, name) != LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

bool vta_flag_option(lua_State *L, int index, const char *name, bool otherwise) {
  if (!vta_push_option(L, index, name)) return otherwise;
  bool value = lua_toboolean(L, -1);
  if (lua_type(L, -1) != LUA_TBOOLEAN)
    luaL_error(L, "the option '%s' must be true or false, got %s", name, luaL_typename(L, -1));
  lua_pop(L, 1);
  return value;
}

bool vta_is_options(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  lua_pushnil(L);
  if (!lua_next(L, index)) return false;
  bool named = lua_type(L, -2) == LUA_TSTRING;
  lua_pop(L, 2);
  return named;
}
