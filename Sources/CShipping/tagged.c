// SPDX-License-Identifier: BSD-3-Clause

#include "tagged.h"

#include <lauxlib.h>
#include <lua_internals.h>
#include <string.h>

#include "names.h"

bool vts_read_list(vts_decoder *d, lua_State *L) {
  vts_item_head kind = vts_read_head(d, L);
  if (kind.major != TAG || (kind.number != TAG_FLOAT64 && kind.number != TAG_INT64))
    vts_malformed(d, L, "a list of an unknown type");
  vts_item_head head = vts_read_head(d, L);
  if (head.major != BYTES) vts_malformed(d, L, "a list without its bytes");
  const uint8_t *at = vts_read_bytes(d, L, head.number);
  uint64_t n = head.number / 8;
  if (head.number % 8) vts_malformed(d, L, "a list that ends within a number");
  if (n > INT32_MAX / 2) vts_malformed(d, L, "a list that is too long");
  if (d->fill) d->fill = false;
  else lua_createtable(L, (int)n, 0);
  vts_mark(d, L, SHARED_VALUE);
  bool floats = kind.number == TAG_FLOAT64;
  for (uint64_t i = 1; i <= n; i++, at += 8) {
    if (floats) {
      lua_Number value;
      memcpy(&value, at, 8);
      lua_pushnumber(L, value);
    } else {
      lua_Integer value;
      memcpy(&value, at, 8);
      lua_pushinteger(L, value);
    }
    lua_rawseti(L, -2, (lua_Integer)i);
  }
  return true;
}

// MARK: Functions

struct code {
  const char *bytes;
  size_t length;
};

static const char *next_piece(lua_State *L, void *context, size_t *length) {
  (void)L;
  struct code *code = context;
  *length = code->length;
  code->length = 0;
  return code->bytes;
}

static struct code read_code(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major == UNSIGNED) {
    if (head.number >= d->code_count) vts_malformed(d, L, "a reference to unknown code");
    return (struct code){(const char *)d->codes[head.number].bytes, d->codes[head.number].length};
  }
  if (head.major == TAG && head.number == TAG_CODE) head = vts_read_head(d, L);
  else head.major = SIMPLE;
  if (head.major != BYTES) vts_malformed(d, L, "a function without its code");
  const uint8_t *bytes = vts_read_bytes(d, L, head.number);
  if (!VTS_ROOM_FOR_ONE(d->codes, d->code_count, d->code_capacity)) vts_no_memory(d, L);
  d->codes[d->code_count].bytes = bytes;
  d->codes[d->code_count++].length = head.number;
  return (struct code){(const char *)bytes, head.number};
}

bool vts_read_function(vts_decoder *d, lua_State *L) {
  if (!d->trusted) vts_malformed(d, L, "a function; only data is accepted here");
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number < 1 || head.number > 1 + 255)
    vts_malformed(d, L, "a function without its code");
  struct code code = read_code(d, L);
  if (lua_load(L, next_piece, &code, "=code", "b") != LUA_OK) lua_error(L);
  lua_Debug ar;
  lua_pushvalue(L, -1);
  lua_getinfo(L, ">u", &ar);
  if (head.number != 1 + (uint64_t)ar.nups)
    vts_malformed(d, L, "a function with %llu upvalues for %d",
                  (unsigned long long)head.number - 1, ar.nups);
  uint64_t cells = head.number - 1;
  vts_expect(d, L, cells);
  vts_mark(d, L, SHARED_VALUE);
  // lua_load has set the first upvalue to the globals; every upvalue is set below.
  vts_open_new(d, L, OPEN_FUNCTION, lua_gettop(L), cells);
  return false;
}

bool vts_open_cell(vts_decoder *d, lua_State *L) {
  vts_open_frame *frame = &d->frames[d->depth - 1];
  int upvalue = (int)frame->i + 1;
  vts_item_head head = vts_read_head(d, L);
  if (head.major == TAG && head.number == TAG_REFERENCE) {
    head = vts_read_head(d, L);
    if (head.major != UNSIGNED || head.number >= d->shared_count ||
        d->shared[head.number] <= SHARED_VALUE)
      vts_malformed(d, L, "a reference that is not to an upvalue");
    lua_rawgeti(L, SLOT_SHARED, (lua_Integer)head.number + 1);
    lua_upvaluejoin(L, frame->slot, upvalue, -1, d->shared[head.number]);
    lua_settop(L, -2);
    frame->i++;
    return false;
  }
  if (head.major == TAG && head.number == TAG_SHARED) {
    if (!VTS_ROOM_FOR_ONE(d->shared, d->shared_count, d->shared_capacity)) vts_no_memory(d, L);
    d->mark = (int64_t)d->shared_count;
    d->shared[d->shared_count++] = SHARED_NOT_YET;
    vts_mark(d, L, upvalue);  // the function is on top
    head = vts_read_head(d, L);
  }
  if (head.major != ARRAY || head.number != 1) vts_malformed(d, L, "an upvalue without its cell");
  return true;
}

// MARK: Names and classes

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

/// Pushes the module whose name is on top.
static void push_module(vts_decoder *d, lua_State *L) {
  if (vts_push_registry(L, REGISTRY_LOADED) == LUA_TNIL) {
    lua_settop(L, -2);
    vts_prepare(L);
    vts_push_registry(L, REGISTRY_LOADED);
  }
  lua_pushvalue(L, -2);
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
  int type = lua_type(L, value);
  if (type != LUA_TFUNCTION && type != LUA_TTHREAD && type != LUA_TUSERDATA) return;
  lua_pushfstring(L, "'%s' is a %s here, and a result is only data", lua_tostring(L, name),
                  lua_typename(L, type));
  lua_error(L);
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
    return true;
  }
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
  return true;
}

/// Replaces the name on top by the class of that name; with `define`, creates it if it is missing.
static void push_class(lua_State *L, bool define) {
  vts_prepare(L);
  vts_push_registry(L, REGISTRY_CLASSES);
  lua_pushvalue(L, -2);
  if (lua_rawget(L, -2) != LUA_TTABLE) {
    lua_settop(L, -3);
    if (!define) return refuse(L, "class '%s' is not registered here");
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
    vts_read_named(d, L);
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

// MARK: References

static uint64_t read_reference(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != UNSIGNED) vts_malformed(d, L, "a reference without a number");
  if (!d->references) vts_malformed(d, L, "a reference; none is accepted here");
  return head.number;
}

bool vts_read_shared_string(vts_decoder *d, lua_State *L) {
  uint64_t number = read_reference(d, L);
  vts_shared_string *string = d->references->string(d->references->context, number);
  if (!string) vts_malformed(d, L, "a reference to nothing");
  // No finalizer may run while the lock is held: it could wait for the same lock.
  d->postponed = vtl_postpone_collector(L);
  pthread_rwlock_rdlock(&string->lock);
  d->reading = string;
  if (!string->bytes && string->length)
    luaL_error(L, "a shared string is gone: its Lua state was closed when memory was exhausted");
  lua_pushlstring(L, string->bytes, string->length);
  d->reading = NULL;
  pthread_rwlock_unlock(&string->lock);
  if (d->postponed) {
    d->postponed = false;
    vtl_resume_collector(L);
  }
  return true;
}

bool vts_read_host(vts_decoder *d, lua_State *L) {
  uint64_t number = read_reference(d, L);
  int status = d->references->push(d->references->context, L, number);
  if (status < 0) vts_malformed(d, L, "a reference to nothing");
  if (status > 0) lua_error(L);
  return true;
}
