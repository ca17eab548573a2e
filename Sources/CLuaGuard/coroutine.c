// SPDX-License-Identifier: BSD-3-Clause
//
// Coroutines that can be stopped.
//
// `coroutine.resume`, `wrap` and `close` are replaced by functions that behave as the manual
// specifies, and that keep an entry for the coroutine while it runs. No call between vtl_enter and
// vtl_leave may raise.

#include "guard.h"

int vtl_resume(lua_State *co, lua_State *from, int arguments, int *results) {
  int status = vtl_resume_once(co, from, arguments, results);
  while (vtl_is_waiting(co, status, *results)) {
    vtl_wait_for_call(co);
    status = vtl_resume_once(co, from, 0, results);
  }
  return status;
}

int vtl_resume_once(lua_State *co, lua_State *from, int arguments, int *results) {
  vtl_entry entry;
  vtl_enter(&entry, co);
  int status = lua_resume(co, from, arguments, results);
  vtl_leave(&entry);
  return status;
}

int vtl_closethread(lua_State *co, lua_State *from) {
  (void)from;  // for lua_closethread, which is new in Lua 5.4.6
  vtl_entry entry;
  vtl_enter(&entry, co);
  int status = lua_resetthread(co);
  vtl_leave(&entry);
  return status;
}

static lua_State *coroutine_argument(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  return co;
}

/// The coroutine waits for the call on top of L.
enum { WAITS = -2 };

/// Resumes `co` with `arguments` from the top of L. Returns the number of results on top of L, or
/// -1 with the error value there, or WAITS if L can yield, too.
static int transfer(lua_State *L, lua_State *co, int arguments) {
  if (!lua_checkstack(co, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, arguments);
  int results = 0;
  int status = vtl_resume_once(co, L, arguments, &results);
  while (vtl_is_waiting(co, status, results)) {
    if (lua_isyieldable(L)) {
      lua_xmove(co, L, 1);
      return WAITS;
    }
    vtl_wait_for_call(co);
    status = vtl_resume_once(co, L, 0, &results);
  }
  if (status != LUA_OK && status != LUA_YIELD) {
    if (vtl_stopped() != VTL_RUNNING) vtl_raise_stop(L);  // a stop cannot be caught
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_settop(co, -results - 1);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, results);
  return results;
}

static int resume_again(lua_State *L, int status, lua_KContext context);

/// Returns from resume. The coroutine is at index 1, the results on top.
static int end_resume(lua_State *L, int results) {
  if (results == WAITS) return lua_yieldk(L, 1, 0, resume_again);
  lua_pushboolean(L, results >= 0);
  int pushed = results >= 0 ? results : 1;
  lua_insert(L, -pushed - 1);
  return pushed + 1;
}

static int resume(lua_State *L) {
  lua_State *co = coroutine_argument(L);
  return end_resume(L, transfer(L, co, lua_gettop(L) - 1));
}

static int resume_again(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  lua_settop(L, 1);
  return end_resume(L, transfer(L, lua_tothread(L, 1), 0));
}

static int call_wrapped_again(lua_State *L, int status, lua_KContext context);

/// Returns from a function that `wrap` has returned.
static int end_wrapped(lua_State *L, lua_State *co, int results) {
  if (results >= 0) return results;
  if (results == WAITS) return lua_yieldk(L, 1, 0, call_wrapped_again);
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {  // the coroutine failed: close its variables
    status = vtl_closethread(co, L);
    lua_xmove(co, L, 1);  // its error, or that of a __close
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/// The function that `wrap` returns: as resume, but raises errors.
static int call_wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  return end_wrapped(L, co, transfer(L, co, lua_gettop(L)));
}

static int call_wrapped_again(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  lua_settop(L, 0);
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  return end_wrapped(L, co, transfer(L, co, 0));
}

static int wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

/// "running" or "normal" if the coroutine cannot be closed; otherwise NULL.
static const char *busy(lua_State *L, lua_State *co) {
  lua_Debug ar;
  if (co == L) return "running";
  if (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar)) return "normal";
  return NULL;
}

static int close_coroutine(lua_State *L) {
  lua_State *co = coroutine_argument(L);
  const char *state = busy(L, co);
  if (state) return luaL_error(L, "cannot close a %s coroutine", state);
  if (vtl_closethread(co, L) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  if (vtl_stopped() != VTL_RUNNING) vtl_raise_stop(L);
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

void vtl_coroutine_open(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"resume", resume}, {"wrap", wrap}, {"close", close_coroutine}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
