// SPDX-License-Identifier: BSD-3-Clause
//
// Single operations under a protected call. Each is a C function with its operands from index 1 on,
// and with a pointer to its other arguments on top.

#include <string.h>

#include "guard.h"

/// Runs `body` on the `operands` values on top. With `traced`, for operations that may run Lua
/// code, keeps the frames of an error.
static int protect(lua_State *L, lua_CFunction body, bool traced, int operands, const void *data,
                   int results) {
  if (!lua_checkstack(L, 4)) {
    lua_settop(L, -operands - 1);
    return VTL_ERRSTACK;
  }
  int base = lua_gettop(L) - operands + 1;
  lua_pushcfunction(L, body);
  if (operands) lua_insert(L, base);
  lua_pushlightuserdata(L, (void *)data);
  if (!traced) return lua_pcall(L, operands + 1, results, 0);
  vtl_guard_of(L)->trace_count = 0;
  lua_pushcfunction(L, vtl_handle_error);
  lua_insert(L, base);
  int status = lua_pcall(L, operands + 1, results, base);
  lua_remove(L, base);
  return status;
}

static void *data_of(lua_State *L) { return lua_touserdata(L, -1); }

/// Like protect, for operations on the value at `index` and `above` more operands on top.
static int protect_at(lua_State *L, int index, lua_CFunction body, bool traced, int above,
                      const void *data, int results) {
  if (!lua_checkstack(L, 1)) {
    lua_settop(L, -above - 1);
    return VTL_ERRSTACK;
  }
  lua_pushvalue(L, index);
  if (above) lua_insert(L, -above - 1);
  return protect(L, body, traced, above + 1, data, results);
}

// MARK: New values

struct bytes { const char *bytes; size_t length; };

static int push_bytes(lua_State *L) {
  struct bytes *data = data_of(L);
  lua_pushlstring(L, data->bytes, data->length);
  return 1;
}

int vtl_pushbytes(lua_State *L, const char *bytes, size_t length) {
  struct bytes data = {bytes, length};
  return protect(L, push_bytes, false, 0, &data, 1);
}

struct sizes { int sequence, fields; };

static int new_table(lua_State *L) {
  struct sizes *data = data_of(L);
  lua_createtable(L, data->sequence, data->fields);
  return 1;
}

int vtl_newtable(lua_State *L, int sequence, int fields) {
  struct sizes data = {sequence, fields};
  return protect(L, new_table, false, 0, &data, 1);
}

static int new_thread(lua_State *L) {
  lua_newthread(L);
  return 1;
}

int vtl_newthread(lua_State *L) { return protect(L, new_thread, false, 0, NULL, 1); }

// MARK: Globals, fields, elements

static int get_global(lua_State *L) {
  lua_getglobal(L, data_of(L));
  return 1;
}

int vtl_getglobal(lua_State *L, const char *name) {
  return protect(L, get_global, true, 0, name, 1);
}

static int get_loaded(lua_State *L) {
  const char *name = data_of(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (name) {
    lua_pushstring(L, name);
    lua_rawget(L, -2);
  }
  return 1;
}

int vtl_getloaded(lua_State *L, const char *name) {
  return protect(L, get_loaded, false, 0, name, 1);
}

static int set_global(lua_State *L) {
  const char *name = data_of(L);
  lua_pushvalue(L, 1);
  lua_setglobal(L, name);
  return 0;
}

int vtl_setglobal(lua_State *L, const char *name) {
  return protect(L, set_global, true, 1, name, 0);
}

static int get_field(lua_State *L) {
  lua_getfield(L, 1, data_of(L));
  return 1;
}

int vtl_getfield(lua_State *L, int index, const char *name) {
  return protect_at(L, index, get_field, true, 0, name, 1);
}

static int set_field(lua_State *L) {
  const char *name = data_of(L);
  lua_pushvalue(L, 2);
  lua_setfield(L, 1, name);
  return 0;
}

int vtl_setfield(lua_State *L, int index, const char *name) {
  return protect_at(L, index, set_field, true, 1, name, 0);
}

static int get_table(lua_State *L) {
  lua_settop(L, 2);
  lua_gettable(L, 1);
  return 1;
}

int vtl_gettable(lua_State *L, int index) {
  return protect_at(L, index, get_table, true, 1, NULL, 1);
}

static int set_table(lua_State *L) {
  lua_settop(L, 3);
  lua_settable(L, 1);
  return 0;
}

int vtl_settable(lua_State *L, int index) {
  return protect_at(L, index, set_table, true, 2, NULL, 0);
}

static int get_integer(lua_State *L) {
  lua_geti(L, 1, *(lua_Integer *)data_of(L));
  return 1;
}

int vtl_geti(lua_State *L, int index, lua_Integer key) {
  return protect_at(L, index, get_integer, true, 0, &key, 1);
}

static int set_integer(lua_State *L) {
  lua_Integer *key = data_of(L);
  lua_pushvalue(L, 2);
  lua_seti(L, 1, *key);
  return 0;
}

int vtl_seti(lua_State *L, int index, lua_Integer key) {
  return protect_at(L, index, set_integer, true, 1, &key, 0);
}

static int raw_set(lua_State *L) {
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 0;
}

int vtl_rawset(lua_State *L, int index) {
  return protect_at(L, index, raw_set, false, 2, NULL, 0);
}

static int raw_set_integer(lua_State *L) {
  lua_Integer *key = data_of(L);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 1, *key);
  return 0;
}

int vtl_rawseti(lua_State *L, int index, lua_Integer key) {
  return protect_at(L, index, raw_set_integer, false, 1, &key, 0);
}

static int next_pair(lua_State *L) {
  lua_settop(L, 2);
  return lua_next(L, 1) ? 2 : 0;
}

int vtl_next(lua_State *L, int index, bool *more) {
  int below = lua_gettop(L) - 1;
  int status = protect_at(L, index, next_pair, false, 1, NULL, LUA_MULTRET);
  *more = status == LUA_OK && lua_gettop(L) > below;
  return status;
}

// MARK: Operators

static int do_arith(lua_State *L) {
  int operation = *(int *)data_of(L);
  lua_settop(L, -2);
  lua_arith(L, operation);
  return 1;
}

int vtl_arith(lua_State *L, int operation) {
  int operands = operation == LUA_OPUNM || operation == LUA_OPBNOT ? 1 : 2;
  return protect(L, do_arith, true, operands, &operation, 1);
}

struct comparison { int operation; bool result; };

static int do_compare(lua_State *L) {
  struct comparison *data = data_of(L);
  data->result = lua_compare(L, 1, 2, data->operation);
  return 0;
}

int vtl_compare(lua_State *L, int first, int second, int operation, bool *result) {
  if (!lua_checkstack(L, 2)) return VTL_ERRSTACK;
  second = lua_absindex(L, second);
  lua_pushvalue(L, first);
  lua_pushvalue(L, second);
  struct comparison data = {operation, false};
  int status = protect(L, do_compare, true, 2, &data, 0);
  *result = data.result;
  return status;
}

static int do_length(lua_State *L) {
  lua_Integer *length = data_of(L);
  *length = luaL_len(L, 1);
  return 0;
}

int vtl_length(lua_State *L, int index, lua_Integer *length) {
  return protect_at(L, index, do_length, true, 0, length, 0);
}

static int do_concat(lua_State *L) {
  lua_settop(L, -2);
  lua_concat(L, lua_gettop(L));
  return 1;
}

int vtl_concat(lua_State *L, int count) { return protect(L, do_concat, true, count, NULL, 1); }

static int to_string(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

int vtl_tostring(lua_State *L, int index) {
  return protect_at(L, index, to_string, true, 0, NULL, 1);
}

static int make_reference(lua_State *L) {
  int *reference = data_of(L);
  lua_pushvalue(L, 1);
  *reference = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

int vtl_reference(lua_State *L, int *reference) {
  return protect(L, make_reference, false, 1, reference, 0);
}

// MARK: Code

struct chunk { const char *code; size_t length; const char *name, *mode; int status; };

static int load_chunk(lua_State *L) {
  struct chunk *data = data_of(L);
  data->status = luaL_loadbufferx(L, data->code, data->length, data->name, data->mode);
  return 1;
}

int vtl_load(lua_State *L, const char *code, size_t length, const char *name, const char *mode) {
  struct chunk data = {code, length, name, mode, LUA_OK};
  int status = protect(L, load_chunk, false, 0, &data, 1);
  return status == LUA_OK ? data.status : status;
}

static int load_file(lua_State *L) {
  struct chunk *data = data_of(L);
  data->status = luaL_loadfilex(L, data->name, data->mode);
  return 1;
}

int vtl_loadfile(lua_State *L, const char *path, const char *mode) {
  struct chunk data = {NULL, 0, path, mode, LUA_OK};
  int status = protect(L, load_file, false, 0, &data, 1);
  return status == LUA_OK ? data.status : status;
}

struct writer { luaL_Buffer buffer; bool started; };

static int add_bytes(lua_State *L, const void *bytes, size_t length, void *context) {
  struct writer *writer = context;
  // Initialized here: when lua_dump begins, the function must be on top.
  if (!writer->started) luaL_buffinit(L, &writer->buffer);
  writer->started = true;
  luaL_addlstring(&writer->buffer, bytes, length);
  return 0;
}

static int dump_function(lua_State *L) {
  bool strip = *(bool *)data_of(L);
  struct writer writer = {.started = false};
  lua_settop(L, 1);
  if (lua_dump(L, add_bytes, &writer, strip) != 0)
    return luaL_error(L, "a C function has no bytecode");
  luaL_pushresult(&writer.buffer);
  return 1;
}

int vtl_dump(lua_State *L, bool strip) {
  return protect(L, dump_function, false, 1, &strip, 1);
}

// MARK: Garbage collection, locations and tracebacks

struct collection { int what, a, b, c, result; };

static int collect(lua_State *L) {
  struct collection *data = data_of(L);
  data->result = lua_gc(L, data->what, data->a, data->b, data->c);
  return 0;
}

int vtl_gc(lua_State *L, int what, int a, int b, int c, int *result) {
  struct collection data = {what, a, b, c, 0};
  int status = protect(L, collect, false, 0, &data, 0);
  *result = data.result;
  return status;
}

struct place { lua_State *of; const char *text; int level; };

static int push_where(lua_State *L) {
  luaL_where(L, *(int *)data_of(L));
  return 1;
}

int vtl_where(lua_State *L, int level) {
  int inner = level + 1;  // this operation adds a level
  return protect(L, push_where, false, 0, &inner, 1);
}

static int push_traceback(lua_State *L) {
  struct place *data = data_of(L);
  luaL_traceback(L, data->of, data->text, data->level);
  return 1;
}

int vtl_traceback(lua_State *L, lua_State *of, const char *text, int level) {
  struct place data = {of, text, of == L ? level + 1 : level};
  return protect(L, push_traceback, false, 0, &data, 1);
}
