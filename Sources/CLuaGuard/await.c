// SPDX-License-Identifier: BSD-3-Clause
//
// Calls of asynchronous functions that have not ended.
//
// Such a call yields one value, an object of this file. `coroutine.resume` and `wrap` pass it on to
// the coroutine around theirs, so that scripts never get it. vtl_resume waits for the call and goes on,
// and so does a resume in a function that cannot yield.

#include "guard.h"

struct pending {
  const void *kind;  ///< &pending_kind
  void *call;
  vtl_wait wait;
  vtl_release release;
};

static const char pending_kind;

static struct pending *pending_at(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(struct pending))
    return NULL;
  struct pending *pending = lua_touserdata(L, index);
  return pending->kind == &pending_kind ? pending : NULL;
}

void *vtl_topending(lua_State *L, int index) {
  struct pending *pending = pending_at(L, index);
  return pending ? pending->call : NULL;
}

/// __close and __gc.
static int end_pending(lua_State *L) {
  struct pending *pending = pending_at(L, 1);
  if (!pending || !pending->call) return 0;
  void *call = pending->call;
  pending->call = NULL;
  pending->release(call);
  return 0;
}

static int push_pending(lua_State *L) {
  const struct pending *made = lua_touserdata(L, 1);
  struct pending *pending = lua_newuserdatauv(L, sizeof *pending, 0);
  *pending = *made;
  pending->call = NULL;  // until the metatable is set, the caller releases the call
  if (!vtl_pushtype(L, &pending_kind)) {
    lua_createtable(L, 0, 4);
    lua_pushcfunction(L, end_pending);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, end_pending);
    lua_setfield(L, -2, "__close");
    lua_pushliteral(L, "pending call");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &pending_kind);
  }
  lua_setmetatable(L, -2);
  pending->call = made->call;
  return 1;
}

int vtl_pushpending(lua_State *L, void *call, vtl_wait wait, vtl_release release) {
  struct pending made = {&pending_kind, call, wait, release};
  int status = VTL_ERRSTACK;
  if (lua_checkstack(L, 2)) {
    lua_pushcfunction(L, push_pending);
    lua_pushlightuserdata(L, &made);
    status = lua_pcall(L, 1, 1, 0);
  }
  if (status != LUA_OK) release(call);
  return status;
}

bool vtl_is_waiting(lua_State *co, int status, int results) {
  return status == LUA_YIELD && results == 1 && pending_at(co, -1);
}

void vtl_wait_for_call(lua_State *co) {
  struct pending *pending = pending_at(co, -1);
  // It is also on the stack of the function that has yielded.
  lua_settop(co, -2);
  if (pending && pending->call) pending->wait(pending->call);
}
