// SPDX-License-Identifier: BSD-3-Clause
//
// The output that tasks write to the file `io.stdout` itself.

#include <lauxlib.h>
#include <lualib.h>

#include "TaskRun.h"

struct output {
  vtp_sink sink;
  void *context;
  lua_CFunction write;  ///< the method that is replaced
};

/// The method `write` of files. Upvalues: the struct output, and `io.stdout`.
static int write_file(lua_State *L) {
  const struct output *output = lua_touserdata(L, lua_upvalueindex(1));
  const luaL_Stream *file = lua_touserdata(L, lua_upvalueindex(2));
  if (lua_touserdata(L, 1) != file || !file->closef) return output->write(L);
  int count = lua_gettop(L);
  for (int i = 2; i <= count; i++) {
    size_t length;
    const char *bytes = luaL_checklstring(L, i, &length);
    output->sink(output->context, bytes, length);
  }
  lua_settop(L, 1);
  return 1;
}

static int capture(lua_State *L) {
  const struct output *made = lua_touserdata(L, 1);
  if (luaL_getmetatable(L, LUA_FILEHANDLE) != LUA_TTABLE ||
      lua_getfield(L, -1, "__index") != LUA_TTABLE)
    return 0;
  int methods = lua_gettop(L);
  lua_getfield(L, methods, "write");
  lua_CFunction write = lua_tocfunction(L, -1);
  if (!write || lua_getupvalue(L, -1, 1)) return 0;
  struct output *output = lua_newuserdatauv(L, sizeof *output, 0);
  *output = *made;
  output->write = write;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, LUA_IOLIBNAME) != LUA_TTABLE) return 0;
  lua_getfield(L, -1, "stdout");
  if (!luaL_testudata(L, -1, LUA_FILEHANDLE)) return 0;
  lua_pushvalue(L, methods + 2);
  lua_insert(L, -2);
  lua_pushcclosure(L, write_file, 2);
  lua_setfield(L, methods, "write");
  return 0;
}

int vtp_capture_output(lua_State *L, vtp_sink sink, void *context) {
  struct output output = {sink, context, NULL};
  if (!lua_checkstack(L, 2)) return LUA_ERRMEM;
  lua_pushcfunction(L, capture);
  lua_pushlightuserdata(L, &output);
  return lua_pcall(L, 1, 0, 0);
}
