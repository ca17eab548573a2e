// SPDX-License-Identifier: BSD-3-Clause
//
// Hooks of debug.sethook, which must not outlive the code that has set them.

#include "guard.h"

/// The registry key of the kept hook: { function, mask, count, debug.sethook }.
static const char kept_key;

/// Pushes a function of the library `debug`; false if a script has removed it.
static bool push_debug(lua_State *L, const char *name) {
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, LUA_DBLIBNAME);
  if (lua_istable(L, -1)) lua_getfield(L, -1, name);
  return lua_isfunction(L, -1);
}

static bool is_of_script(lua_State *L) {
  lua_Hook hook = lua_gethook(L);
  return hook && !vtl_is_stop_hook(hook) && !vtl_is_interrupted(L);
}

static int keep(lua_State *L) {
  if (!is_of_script(L)) return 0;
  lua_createtable(L, 4, 0);
  if (!push_debug(L, "sethook")) return 0;
  lua_rawseti(L, 1, 4);
  if (!push_debug(L, "gethook")) return 0;
  lua_call(L, 0, 3);
  for (int i = 3; i >= 1; i--) lua_rawseti(L, 1, i);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kept_key);
  vtl_guard_of(L)->has_hook = true;
  return 0;
}

int vtl_hook_keep(lua_State *L) {
  if (!lua_checkstack(L, 1)) return VTL_ERRSTACK;
  lua_pushcfunction(L, keep);
  return lua_pcall(L, 0, 0, 0);
}

bool vtl_hook_is_kept(lua_State *L) { return vtl_guard_of(L)->has_hook; }

void vtl_hook_restore(lua_State *L) {
  if (!vtl_guard_of(L)->has_hook) {
    if (is_of_script(L)) lua_sethook(L, NULL, 0, 0);
    return;
  }
  luaL_checkstack(L, 5, NULL);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kept_key);
  lua_rawgeti(L, -1, 4);
  for (int i = 1; i <= 3; i++) lua_rawgeti(L, -1 - i, i);
  lua_call(L, 3, 0);
  lua_pop(L, 1);
}
