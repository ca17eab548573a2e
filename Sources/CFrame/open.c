// SPDX-License-Identifier: BSD-3-Clause
//
// The table of functions, and what all of them use.

#include <CLuaGuard.h>
#include <Standalone.h>

#include "CFrame.h"
#include "frame.h"

void *vtf_memory(lua_State *L, size_t bytes) {
  luaL_checkstack(L, 4, "columns");
  return lua_newuserdatauv(L, bytes ? bytes : 1, 0);
}

void *vtf_new_array(lua_State *L, va_dtype dtype, int64_t length) {
  va_view view = {.dtype = dtype, .axes = 1, .shape = {length}};
  vta_new(L, &view, false);
  return view.data;
}

void vtf_check_stop(lua_State *L) {
  if (*vtl_stop_flag()) vtl_raise_stop(L);
  if (vtl_take_interrupt(L)) luaL_error(L, "interrupted!");
}

static const luaL_Reg functions[] = {
    {"csv", vtf_csv},
    {"infer", vtf_infer},
    {"take", vtf_take},
    {"compare", vtf_compare},
    {"rank", vtf_rank},
    {"codes", vtf_codes},
    {"aggregate", vtf_aggregate},
    {"join", vtf_join},
    {"format", vtf_format},
    {NULL, NULL},
};

static int push_functions(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE) return 1;
  luaL_newlib(L, functions);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return 1;
}

void vtf_push(lua_State *L) { lua_pushcfunction(L, push_functions); }
