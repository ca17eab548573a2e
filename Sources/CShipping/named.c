// SPDX-License-Identifier: BSD-3-Clause
//
// Decoding of values by name, of classes and of objects.

#include <lauxlib.h>
#include <string.h>

#include "names.h"
#include "sorted_names.h"
#include "tagged.h"

// MARK: Names

static const char *read_name(vts_decoder *d, lua_State *L, size_t *length) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != BYTES && head.major != TEXT) vts_malformed(d, L, "a name that is not a string");
  *length = head.number;
  return (const char *)vts_read_bytes(d, L, head.number);
}

/// Raises an error with the text `format`, in which %s is the string on top.
static void refuse(lua_State *L, const char *format) {
  lua_pushfstring(L, format, lua_tostring(L, -1));
  lua_error(L);
}

/// Fills the module at `module` if it is one that is filled when it is first used: the field `__fill` of
/// its metatable does that.
static void fill_module(lua_State *L, int module) {
  if (lua_type(L, module) != LUA_TTABLE || luaL_getmetafield(L, module, "__fill") == LUA_TNIL)
    return;
  lua_pushvalue(L, module < 0 ? module - 1 : module);
  lua_call(L, 1, 0);
}

/// Fills the module of which the module with the name on top is a part: `array`, for `array.fft`. Then
/// the part may be loaded. `loaded` is the stack slot of package.loaded.
static void fill_whole(lua_State *L, int loaded) {
  const char *name = lua_tostring(L, -1), *point = strrchr(name, '.');
  if (!point) return;
  luaL_checkstack(L, 8, NULL);
  int top = lua_gettop(L);
  lua_pushlstring(L, name, (size_t)(point - name));
  lua_rawget(L, loaded);
  fill_module(L, -1);
  lua_settop(L, top);
}

/// Pushes the module whose name is on top.
static void push_module(vts_decoder *d, lua_State *L) {
  if (vts_push_registry(L, REGISTRY_LOADED) == LUA_TNIL) {
    lua_settop(L, -2);
    vts_prepare(L);
    vts_push_registry(L, REGISTRY_LOADED);
  }
  lua_pushvalue(L, -2);
  if (lua_rawget(L, -2) != LUA_TNIL) return lua_remove(L, -2);
  lua_pop(L, 1);
  lua_pushvalue(L, -2);
  fill_whole(L, lua_gettop(L) - 1);
  if (lua_rawget(L, -2) != LUA_TNIL) return lua_remove(L, -2);
  lua_settop(L, -3);
  if (!d->requires)
    return refuse(L, "module '%s' is not loaded here, and a result loads none; call `require` for "
                     "it before");
  if (vts_push_registry(L, REGISTRY_REQUIRE) == LUA_TNIL) {
    lua_settop(L, -2);
    vts_names_update(L, false);
    if (vts_push_registry(L, REGISTRY_REQUIRE) == LUA_TNIL) {
      lua_settop(L, -2);
      return refuse(L, "module '%s' is not loaded here, and there is no 'require'");
    }
  }
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
}

static int description(lua_State *L) {
  if (luaL_getmetafield(L, 1, "__name") == LUA_TNIL) lua_pushnil(L);
  return 1;
}

/// Notes the message on top as the reason why something is missing.
static void note_missing(vts_decoder *d, lua_State *L) {
  if (d->missing[0]) return;
  const char *text = lua_tostring(L, -1);
  size_t length = text ? strcspn(text, "\n") : 0;
  if (length && text[length - 1] == ':') length--;
  if (length >= sizeof d->missing) length = sizeof d->missing - 1;
  if (length) memcpy(d->missing, text, length);
  d->missing[length] = '\0';
}

/// Replaces the name on top by a new metatable that has it, and whose values it describes.
static void push_description(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, description);
  lua_setfield(L, -2, "__tostring");
  lua_rotate(L, -2, 1);
  lua_pushliteral(L, "__name");
  lua_rotate(L, -2, 1);
  lua_rawset(L, -3);
}

/// Pushes the name of a named value: `module` or `module.field`.
static void push_full_name(vts_decoder *d, lua_State *L, uint64_t parts) {
  size_t length;
  const char *name = read_name(d, L, &length);
  lua_pushlstring(L, name, length);
  if (parts < 2) return;
  name = read_name(d, L, &length);
  lua_pushliteral(L, ".");
  lua_pushlstring(L, name, length);
  lua_concat(L, 3);
}

/// True if the item may be only data, as the result of an engine.
static bool is_for_data(const vts_decoder *d) { return !d->trusted && !d->requires; }

/// Raises an error where the value at `value` is no data; the name at `name` is that of the value.
static void check_data(vts_decoder *d, lua_State *L, int value, int name) {
  if (!is_for_data(d)) return;
  if (lua_type(L, value) != LUA_TFUNCTION) return;
  lua_pushfstring(L, "'%s' is a function here, and a result is only data", lua_tostring(L, name));
  lua_error(L);
}

static void push_named(vts_decoder *d, lua_State *L, vts_item_head head) {
  size_t length;
  const char *name = read_name(d, L, &length);
  if (is_for_data(d) && head.number == 1 && vts_is_standard(name, length)) {
    lua_pushlstring(L, name, length);
    refuse(L, "'%s' is a library of Lua, and a result is only data");
  }
  if (length == 2 && memcmp(name, "_G", 2) == 0) {
    lua_pushliteral(L, "_G");
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  } else {
    lua_pushlstring(L, name, length);
    push_module(d, L);
  }
  if (head.number == 2) {
    name = read_name(d, L, &length);
    fill_module(L, -1);
    lua_pushlstring(L, name, length);
    lua_pushvalue(L, -1);
    bool is_table = lua_type(L, -3) == LUA_TTABLE;
    if (!is_table || lua_rawget(L, -3) == LUA_TNIL) {
      lua_pushfstring(L, "module '%s' has no '%s' here", lua_tostring(L, -4), lua_tostring(L, -2));
      lua_error(L);
    }
    check_data(d, L, -1, -2);
    lua_replace(L, -3);
    lua_settop(L, -2);
  }
  check_data(d, L, -1, -2);
  lua_remove(L, -2);
}

static int push_named_protected(lua_State *L) {
  vts_decoder *d = lua_touserdata(L, 1);
  const vts_item_head *head = lua_touserdata(L, 2);
  push_named(d, L, *head);
  return 1;
}

/// Pushes the value of that name; nil, with a note, if it is missing here.
static void try_named(vts_decoder *d, lua_State *L, vts_item_head head) {
  const uint8_t *at = d->at;
  lua_pushcfunction(L, push_named_protected);
  lua_pushlightuserdata(L, d);
  lua_pushlightuserdata(L, &head);
  if (lua_pcall(L, 2, 1, 0) == LUA_OK) return;
  if (d->malformed || d->no_memory) lua_error(L);
  note_missing(d, L);
  lua_settop(L, -2);
  d->at = at;
  push_full_name(d, L, head.number);
  lua_settop(L, -2);
  lua_pushnil(L);
}

bool vts_read_named(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number < 1 || head.number > 2)
    vts_malformed(d, L, "a name without its module");
  if (d->describes) {
    push_full_name(d, L, head.number);
    push_description(L);
    lua_newuserdatauv(L, 0, 0);
    lua_rotate(L, -2, 1);
    lua_setmetatable(L, -2);
  } else if (d->partial) {
    try_named(d, L, head);
  } else {
    push_named(d, L, head);
  }
  return true;
}

/// Replaces the name on top by the class of that name; with `define`, creates it if it is missing.
static void push_class(lua_State *L, bool define) {
  vts_prepare(L);
  vts_push_registry(L, REGISTRY_CLASSES);
  lua_pushvalue(L, -2);
  if (lua_rawget(L, -2) != LUA_TTABLE) {
    lua_settop(L, -3);
    if (!define) {
      const char *name = lua_tostring(L, -1);
      lua_pushfstring(L, "class '%s' is not registered here; call vt.class(\"%s\", metatable) here, too",
                      name, name);
      lua_error(L);
    }
    lua_createtable(L, 0, 8);
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    vts_add_class(L, name, length);
    lua_remove(L, -2);
    return;
  }
  lua_replace(L, -3);
  lua_settop(L, -2);
}

static int push_class_protected(lua_State *L) {
  push_class(L, false);
  return 1;
}

/// Replaces the name on top by the class of that name; by a description, with a note, if it is
/// missing here.
static void try_class(vts_decoder *d, lua_State *L) {
  lua_pushcfunction(L, push_class_protected);
  lua_pushvalue(L, -2);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) return lua_remove(L, -2);
  note_missing(d, L);
  lua_settop(L, -2);
  push_description(L);
}

bool vts_read_class(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  bool define = head.major == ARRAY && head.number == 2;
  size_t length;
  const char *name;
  if (define) {
    if (!d->trusted) vts_malformed(d, L, "a class definition; only data is accepted here");
    name = read_name(d, L, &length);
  } else if (head.major == BYTES || head.major == TEXT) {
    length = head.number;
    name = (const char *)vts_read_bytes(d, L, head.number);
  } else {
    vts_malformed(d, L, "a class without its name");
  }
  lua_pushlstring(L, name, length);
  if (d->describes) push_description(L);
  else if (d->partial && !define) try_class(d, L);
  else push_class(L, define);
  if (!define) return true;
  vts_mark(d, L, SHARED_VALUE);
  d->fill = true;
  return false;
}

// MARK: Objects

bool vts_read_object(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number != 2) vts_malformed(d, L, "an object without a class");
  vts_expect(d, L, 1);
  int64_t mark = d->mark;
  d->mark = -1;
  bool fill = d->fill;
  d->fill = false;
  head = vts_read_head(d, L);
  if (head.major == TAG && head.number == TAG_NAMED && d->describes) {
    head = vts_read_head(d, L);
    if (head.major != ARRAY || head.number < 1 || head.number > 2)
      vts_malformed(d, L, "a name without its module");
    push_full_name(d, L, head.number);
    push_description(L);
  } else if (head.major == TAG && head.number == TAG_NAMED) {
    const uint8_t *at = d->at;
    vts_read_named(d, L);
    if (d->partial && lua_type(L, -1) == LUA_TNIL) {
      lua_settop(L, -2);
      d->at = at;
      push_full_name(d, L, vts_read_head(d, L).number);
      push_description(L);
    }
  } else if (head.major == TAG && head.number == TAG_CLASS) {
    if (!vts_read_class(d, L)) vts_malformed(d, L, "an object with a definition for its class");
  } else {
    vts_malformed(d, L, "an object without a class");
  }
  if (lua_type(L, -1) != LUA_TTABLE) vts_malformed(d, L, "an object whose class is not a table");
  if (fill) lua_rotate(L, -2, 1);
  d->fill = fill;
  d->mark = mark;
  vts_open_new(d, L, OPEN_OBJECT, lua_gettop(L) - fill, 1);
  return false;
}
