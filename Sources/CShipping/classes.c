// SPDX-License-Identifier: BSD-3-Clause
//
// Registered classes, and the entry points for Swift that register them.

#include "names.h"

#include <lauxlib.h>
#include <lua_internals.h>

#include "CShipping.h"
#include "format.h"
#include "sorted_names.h"

void vts_add_class(lua_State *L, const char *bytes, size_t length) {
  luaL_checkstack(L, 12, NULL);
  vts_prepare(L);
  int class = lua_gettop(L), index = class + 1, classes = class + 2;
  vts_push_registry(L, REGISTRY_NAMES);
  vts_push_registry(L, REGISTRY_CLASSES);
  lua_pushlstring(L, bytes, length);
  int name = lua_gettop(L);
  // Another metatable with this name loses it, and this metatable loses its previous name.
  lua_pushvalue(L, name);
  if (lua_rawget(L, classes) == LUA_TTABLE && !lua_rawequal(L, -1, class)) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, index) == LUA_TSTRING && vts_is_class(L, -1)) {
      lua_settop(L, -2);
      lua_pushnil(L);
      lua_rawset(L, index);
    }
  }
  lua_settop(L, name);
  for (lua_pushnil(L); lua_next(L, classes); lua_settop(L, -2)) {
    if (!lua_rawequal(L, -1, class)) continue;
    lua_pushvalue(L, -2);
    lua_pushnil(L);
    lua_rawset(L, classes);
  }
  lua_pushvalue(L, name);
  lua_pushvalue(L, class);
  lua_rawset(L, classes);
  lua_pushvalue(L, class);
  if (!vts_has_name(L, index)) {
    vts_name part = {lua_tostring(L, name), length};
    const vts_name *parts[] = {&part};
    vts_push_encoded(L, TAG_CLASS, 1, parts);
    lua_rawset(L, index);
  }
  lua_settop(L, class);
}

static int forget_class(lua_State *L) {
  const vts_name *name = lua_touserdata(L, 1);
  vts_prepare(L);
  vts_push_registry(L, REGISTRY_NAMES);
  vts_push_registry(L, REGISTRY_CLASSES);
  lua_pushlstring(L, name->bytes, name->length);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, 3) != LUA_TTABLE) return 0;
  lua_pushvalue(L, -1);
  if (lua_rawget(L, 2) == LUA_TSTRING && vts_is_class(L, -1)) {
    lua_pushvalue(L, -2);
    lua_pushnil(L);
    lua_rawset(L, 2);
  }
  lua_pushvalue(L, 4);
  lua_pushnil(L);
  lua_rawset(L, 3);
  return 0;
}

static int push_classes(lua_State *L) {
  vts_prepare(L);
  if (vts_names_outdated(L)) vts_names_update(L, false);
  lua_createtable(L, 0, 0);
  int list = lua_gettop(L), index = list + 1, classes = list + 2;
  vts_push_registry(L, REGISTRY_NAMES);
  vts_push_registry(L, REGISTRY_CLASSES);
  size_t count;
  vts_name *names = vts_push_names(L, &count);
  lua_Integer added = 0;
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(L, names[i].bytes, names[i].length);
    lua_rawget(L, classes);
    if (vts_has_name(L, index)) lua_settop(L, -2);
    else lua_rawseti(L, list, ++added);
  }
  lua_settop(L, list);
  return 1;
}

// MARK: Entry points

static int protect(lua_State *L, lua_CFunction body, int operands, void *data, int results) {
  if (!lua_checkstack(L, 4)) {
    lua_settop(L, -operands - 1);
    return VTS_NO_STACK;
  }
  bool postponed = vtl_postpone_collector(L);
  lua_pushcfunction(L, body);
  lua_rotate(L, -operands - 1, 1);
  lua_pushlightuserdata(L, data);
  int status = lua_pcall(L, operands + 1, results, 0);
  if (postponed) vtl_resume_collector(L);
  return status;
}

static int open(lua_State *L) {
  lua_settop(L, 0);
  vts_prepare(L);
  if (vts_names_outdated(L)) vts_names_update(L, false);
  return 0;
}

int vts_open(lua_State *L) { return protect(L, open, 0, NULL, 0); }

static int register_class(lua_State *L) {
  const vts_name *name = lua_touserdata(L, 2);
  luaL_argexpected(L, lua_istable(L, 1), 1, "table");
  lua_settop(L, 1);
  vts_add_class(L, name->bytes, name->length);
  return 0;
}

int vts_register_class(lua_State *L, const char *name, size_t length) {
  vts_name data = {name, length};
  return protect(L, register_class, 1, &data, 0);
}

int vts_forget_class(lua_State *L, const char *name, size_t length) {
  vts_name data = {name, length};
  return protect(L, forget_class, 0, &data, 0);
}

int vts_push_classes(lua_State *L) { return protect(L, push_classes, 0, NULL, 1); }
