// SPDX-License-Identifier: BSD-3-Clause
//
// Values that are encoded by name: loaded modules, their fields, and classes.
//
// The index is a table of the registry with weak keys. It maps a value to its encoded bytes: a
// name [module] or [module, field], or a class. A value keeps its first name, because a field that
// a script adds to a module later, or under a second name, does not exist in other states.

#include "names.h"

#include <lauxlib.h>
#include <lua_internals.h>
#include <stdint.h>
#include <string.h>

#include "CShipping.h"
#include "format.h"
#include "sorted_names.h"

const char vts_registry[5];

/// The progress of the index; a userdata of the registry.
typedef struct {
  uint64_t loaded;  ///< the checksum of package.loaded
  bool standard;    ///< the standard libraries are in the index
} record;

static const char *const basic[] = {
    "assert", "collectgarbage", "dofile", "error", "getmetatable", "ipairs", "load", "loadfile",
    "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require",
    "select", "setmetatable", "tonumber", "tostring", "type", "warn", "xpcall"};
enum { BASIC = sizeof basic / sizeof *basic };

static void keep(lua_State *L, int which) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vts_registry[which]);
}

void vts_prepare(lua_State *L) {
  luaL_checkstack(L, 8, NULL);
  if (vts_push_registry(L, REGISTRY_NAMES) == LUA_TTABLE) return lua_settop(L, -2);
  lua_settop(L, -2);
  const char *problem = vtl_unsupported_lua();
  if (problem) luaL_error(L, "%s", problem);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  keep(L, REGISTRY_LOADED);
  lua_createtable(L, 0, 0);
  keep(L, REGISTRY_CLASSES);
  memset(lua_newuserdatauv(L, sizeof(record), 0), 0, sizeof(record));
  keep(L, REGISTRY_RECORD);
  lua_createtable(L, 0, 256);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  keep(L, REGISTRY_NAMES);  // last: where it exists, the others do
}

// MARK: Loaded modules

/// A checksum of package.loaded. Changes when a module is loaded, replaced or removed.
static uint64_t loaded_checksum(lua_State *L) {
  uint64_t sum = 1;
  if (vts_push_registry(L, REGISTRY_LOADED) == LUA_TTABLE) {
    lua_pushnil(L);
    while (lua_next(L, -2)) {
      sum += 1 + (uint64_t)(uintptr_t)lua_topointer(L, -1) * 0x9E3779B97F4A7C15u;
      lua_settop(L, -2);
    }
  }
  lua_settop(L, -2);
  return sum;
}

bool vts_names_outdated(lua_State *L) {
  vts_push_registry(L, REGISTRY_RECORD);
  const record *seen = lua_touserdata(L, -1);
  lua_settop(L, -2);
  return !seen || seen->loaded != loaded_checksum(L);
}

// MARK: Naming

void vts_push_encoded(lua_State *L, uint32_t tag, int parts, const vts_name *const *part) {
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  char *at = luaL_prepbuffsize(&buffer, 3 * HEAD_SIZE);
  uint8_t *past = vts_put_head((uint8_t *)at, TAG, tag);
  if (tag == TAG_NAMED) past = vts_put_head(past, ARRAY, (uint64_t)parts);
  luaL_addsize(&buffer, (size_t)((char *)past - at));
  for (int i = 0; i < parts; i++) {
    at = luaL_prepbuffsize(&buffer, HEAD_SIZE);
    past = vts_put_head((uint8_t *)at, BYTES, part[i]->length);
    luaL_addsize(&buffer, (size_t)((char *)past - at));
    luaL_addlstring(&buffer, part[i]->bytes, part[i]->length);
  }
  luaL_pushresult(&buffer);
}

bool vts_is_class(lua_State *L, int index) {
  uint8_t head[HEAD_SIZE];
  vts_put_head(head, TAG, TAG_CLASS);
  return memcmp(lua_tostring(L, index), head, vts_head_size(TAG_CLASS)) == 0;
}

/// Takes the value on top and adds it to the index, if it has no name yet. `index` is the stack
/// slot of the index.
static void name_value(lua_State *L, int index, const vts_name *module,
                       const vts_name *field) {
  lua_pushvalue(L, -1);
  bool named = lua_rawget(L, index) == LUA_TSTRING && !vts_is_class(L, -1);
  lua_settop(L, -2);
  if (named) return lua_settop(L, -2);
  const vts_name *parts[] = {module, field};
  vts_push_encoded(L, TAG_NAMED, field ? 2 : 1, parts);
  lua_rawset(L, index);
}

/// True if the table on top has a key that begins with two underscores.
static bool looks_like_metatable(lua_State *L) {
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_settop(L, -2)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    size_t length;
    const char *key = lua_tolstring(L, -2, &length);
    if (length > 2 && key[0] == '_' && key[1] == '_') {
      lua_settop(L, table);
      return true;
    }
  }
  return false;
}

/// True if the table on top is an object without content: a value such as `json.null`, which only its
/// identity distinguishes from others.
static bool is_sentinel(lua_State *L) {
  if (!lua_getmetatable(L, -1)) return false;
  lua_settop(L, -2);
  lua_pushnil(L);
  if (!lua_next(L, -2)) return true;
  lua_settop(L, -3);
  return false;
}

bool vts_still_has_name(lua_State *L, const char *entry) {
  uint8_t head[2 * HEAD_SIZE];
  uint8_t *past = vts_put_head(vts_put_head(head, TAG, TAG_NAMED), ARRAY, 2);
  // The name of a module itself is for the module, whatever it contains.
  if (memcmp(entry, head, (size_t)(past - head)) != 0) return true;
  lua_pushvalue(L, -2);
  bool still = looks_like_metatable(L) || is_sentinel(L);
  lua_settop(L, -2);
  return still;
}

/// Takes the value on top, a module's field, and adds it to the index if it is a function, a
/// userdata, a metatable or a sentinel. With `c_only`, only C functions and userdata are added.
static void name_field(lua_State *L, int index, const vts_name *module,
                       const vts_name *field, bool c_only) {
  bool worth = false;
  switch (lua_type(L, -1)) {
    case LUA_TFUNCTION: worth = !c_only || lua_iscfunction(L, -1); break;
    case LUA_TUSERDATA:
    case LUA_TLIGHTUSERDATA: worth = true; break;
    case LUA_TTABLE: worth = !c_only && (looks_like_metatable(L) || is_sentinel(L)); break;
    default: break;
  }
  if (worth) name_value(L, index, module, field);
  else lua_settop(L, -2);
}

/// Adds the fields of the module on top.
static void name_fields(lua_State *L, int index, const vts_name *module, bool c_only) {
  size_t count;
  vts_name *names = vts_push_names(L, &count);
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(L, names[i].bytes, names[i].length);
    lua_rawget(L, -3);
    name_field(L, index, module, &names[i], c_only);
  }
  lua_settop(L, -2);
}

/// Adds Lua's basic functions under their names in the manual. Of the globals, only C functions are
/// added, because the others belong to the script.
static void name_basic(lua_State *L, int index, const vts_name *module) {
  for (int i = 0; i < BASIC; i++) {
    vts_name field = {basic[i], strlen(basic[i])};
    lua_pushstring(L, basic[i]);
    lua_rawget(L, -2);
    if (lua_iscfunction(L, -1)) name_value(L, index, module, &field);
    else lua_settop(L, -2);
  }
}

/// Adds the other C functions among the globals.
static void name_globals(lua_State *L, int index, const vts_name *module) {
  size_t count;
  vts_name *names = vts_push_names(L, &count);
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(L, names[i].bytes, names[i].length);
    lua_rawget(L, -3);
    if (lua_iscfunction(L, -1)) name_value(L, index, module, &names[i]);
    else lua_settop(L, -2);
  }
  lua_settop(L, -2);
}

/// Pushes the module of that name; false, and nothing pushed, if it is a value that has no
/// identity.
static bool push_named_module(lua_State *L, int loaded, const vts_name *name) {
  lua_pushlstring(L, name->bytes, name->length);
  int type = lua_rawget(L, loaded);
  if (type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA) return true;
  lua_settop(L, -2);
  return false;
}

bool vts_has_name(lua_State *L, int index) {
  lua_pushvalue(L, -1);
  bool has = lua_rawget(L, index) == LUA_TSTRING && !vts_is_class(L, -1);
  lua_settop(L, -2);
  return has;
}

void vts_names_update(lua_State *L, bool again) {
  luaL_checkstack(L, 16, NULL);
  int top = lua_gettop(L), index = top + 1, loaded = top + 2;
  vts_push_registry(L, REGISTRY_NAMES);
  vts_push_registry(L, REGISTRY_LOADED);
  vts_push_registry(L, REGISTRY_RECORD);
  record *seen = lua_touserdata(L, -1);
  lua_settop(L, loaded);
  uint64_t present = loaded_checksum(L);
  size_t count;
  vts_name *names = vts_push_modules(L, &count);
  bool *known = lua_newuserdatauv(L, count + 1, 0);

  for (size_t i = 0; i < count; i++) {
    known[i] = true;
    if (!push_named_module(L, loaded, &names[i])) continue;
    known[i] = vts_has_name(L, index);
    name_value(L, index, &names[i], NULL);
  }
  vts_name globals = {"_G", 2};
  for (size_t i = 0; i < count; i++) {
    int rank = vts_rank(&names[i]);
    if (rank < VTS_STANDARD ? seen->standard : known[i] && !again) continue;
    if (!push_named_module(L, loaded, &names[i])) continue;
    if (lua_type(L, -1) == LUA_TTABLE) {
      if (rank == 0) name_basic(L, index, &globals);
      else name_fields(L, index, &names[i], rank < VTS_STANDARD);
    }
    lua_settop(L, -2);
  }
  if (push_named_module(L, loaded, &globals)) {
    if (lua_type(L, -1) == LUA_TTABLE) {
      seen->standard = true;
      name_globals(L, index, &globals);
      lua_pushliteral(L, "require");
      lua_rawget(L, -2);
      if (vts_push_registry(L, REGISTRY_REQUIRE) == LUA_TNIL) {
        lua_settop(L, -2);
        keep(L, REGISTRY_REQUIRE);
      }
    }
  }
  seen->loaded = present;
  lua_settop(L, top);
}

bool vts_is_named(lua_State *L, int index) {
  if (!lua_checkstack(L, 3)) return false;
  index = lua_absindex(L, index);
  bool named = false;
  if (vts_push_registry(L, REGISTRY_NAMES) == LUA_TTABLE) {
    lua_pushvalue(L, index);
    named = vts_has_name(L, lua_gettop(L) - 1);
    lua_settop(L, -2);
  }
  lua_settop(L, -2);
  return named;
}
