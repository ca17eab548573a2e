// SPDX-License-Identifier: BSD-3-Clause
//
// Names of values that belong to libraries, such as `string.format`.

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "guard.h"

struct search {
  int value;  ///< the index of the value
  char best[200];
};

/// Writes the path of a field; false if it is too long.
static bool join(char path[200], const char *prefix, const char *name) {
  int length = *prefix ? snprintf(path, 200, "%s.%s", prefix, name) : snprintf(path, 200, "%s", name);
  return length > 0 && length < 200;
}

static void look(lua_State *L, struct search *search, const char *prefix, int depth) {
  luaL_checkstack(L, 8, NULL);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      char path[200];
      // A path is made only where it is needed: most fields are functions of other names.
      if ((*prefix || lua_istable(L, -1)) && lua_rawequal(L, -1, search->value)) {
        if (join(path, prefix, lua_tostring(L, -2)) &&
            (!*search->best || strcmp(path, search->best) < 0)) {
          strcpy(search->best, path);
        }
      } else if (depth > 0 && lua_istable(L, -1) && join(path, prefix, lua_tostring(L, -2))) {
        look(L, search, path, depth - 1);
      }
    }
    lua_pop(L, 1);
  }
}

static int find(lua_State *L) {
  struct search search = {.value = 1};
  // Deeper tables are looked at only where nothing is found above them.
  for (int depth = 1; depth <= 2 && !*search.best; depth++) {
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    look(L, &search, "", depth);
    lua_pop(L, 1);
  }
  if (!*search.best) {
    // The metatables that C libraries have registered, such as that of files.
    lua_pushvalue(L, LUA_REGISTRYINDEX);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
      const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
      if (name && lua_istable(L, -1) && strcmp(name, LUA_LOADED_TABLE) != 0 &&
          strcmp(name, LUA_PRELOAD_TABLE) != 0) {
        char path[100];
        snprintf(path, sizeof path, "metatable %s", name);
        look(L, &search, path, 1);
      }
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  if (*search.best) lua_pushstring(L, search.best);
  else lua_pushnil(L);
  return 1;
}

int vtl_name_in_libraries(lua_State *L, int index) {
  if (!lua_checkstack(L, 3)) return VTL_ERRSTACK;
  index = lua_absindex(L, index);
  lua_pushcfunction(L, find);
  lua_pushvalue(L, index);
  return lua_pcall(L, 1, 1, 0);
}
