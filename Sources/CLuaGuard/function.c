// SPDX-License-Identifier: BSD-3-Clause
//
// Swift functions and Swift objects as Lua values.

#include "guard.h"

struct function {
  const void *kind;  ///< &function_type
  vtl_function call;
  void *context;
  vtl_release release;
  vtl_function resume;  ///< of an asynchronous function
};

struct object {
  const void *kind;  ///< &object_kind
  void *object;
  vtl_release release;
};

static const char function_type, object_kind;

/// The userdata at `index` if it is of this kind; otherwise NULL. debug.setmetatable can set a
/// metatable of this file, with its __gc, for any value.
static void *block_of_kind(lua_State *L, int index, size_t size, const void *kind) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != size) return NULL;
  const void **block = lua_touserdata(L, index);
  return *block == kind ? block : NULL;
}

static struct object *object_at(lua_State *L, int index) {
  return block_of_kind(L, index, sizeof(struct object), &object_kind);
}

static int continue_call(lua_State *L, int status, lua_KContext context);

/// Yields the object of a call that has not ended, which is on top.
static int await_call(lua_State *L) {
  lua_insert(L, 1);
  lua_settop(L, 1);
  lua_toclose(L, 1);  // the call is cancelled when the coroutine is closed
  lua_pushvalue(L, 1);
  return lua_yieldk(L, 1, 0, continue_call);
}

/// Ends a call that does not return one scalar. Separate from the trampoline, to keep that short
/// for functions that are called often.
__attribute__((noinline)) static int finish(lua_State *L, int status) {
  if (status == VTL_RAISE) return lua_error(L);
  if (status == VTL_AWAIT) return await_call(L);
  int values = status >= 0 ? status : VTL_YIELD - status;
  if (values > lua_gettop(L))
    return luaL_error(L, "a Swift function returned %d values, but only %d are on the stack", values,
                      lua_gettop(L));
  return status >= 0 ? values : lua_yield(L, values);
}

static int continue_call(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  lua_settop(L, 1);
  struct function *function = lua_touserdata(L, lua_upvalueindex(1));
  status = function->resume(L, function->context);
  if (status == VTL_AWAIT) {  // a script has resumed the coroutine too early
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    return lua_yieldk(L, 1, 0, continue_call);
  }
  return status == VTL_SCALAR ? 1 : finish(L, status);
}

/// The C function through which Lua calls Swift. It raises or yields after Swift has returned.
static int trampoline(lua_State *L) {
  struct function *function = lua_touserdata(L, lua_upvalueindex(1));
  int status = function->call(L, function->context);
  return status == VTL_SCALAR ? 1 : finish(L, status);
}

/// Replaces a function that was collected: another finalizer may still call it.
static int call_after_end(lua_State *L, void *context) {
  (void)context;
  return luaL_error(L, "a Swift function was called after it was collected");
}

static int collect_function(lua_State *L) {
  struct function *function = block_of_kind(L, 1, sizeof *function, &function_type);
  if (!function) return 0;
  vtl_release release = function->release;
  function->release = NULL;
  function->call = call_after_end;
  if (release) release(function->context);
  return 0;
}

static int push_function(lua_State *L) {
  const struct function *made = lua_touserdata(L, 1);
  struct function *function = lua_newuserdatauv(L, sizeof *function, 0);
  *function = *made;
  function->release = NULL;  // until the metatable is set, the caller releases the context
  if (!vtl_pushtype(L, &function_type)) {
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, collect_function);
    lua_setfield(L, -2, "__gc");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &function_type);
  }
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, trampoline, 1);
  function->release = made->release;
  return 1;
}

int vtl_pushfunction(lua_State *L, vtl_function call, void *context, vtl_release release) {
  return vtl_pushasync(L, call, call, context, release);
}

int vtl_pushasync(
    lua_State *L, vtl_function call, vtl_function resume, void *context, vtl_release release) {
  struct function made = {&function_type, call, context, release, resume};
  int status = VTL_ERRSTACK;
  if (lua_checkstack(L, 2)) {
    lua_pushcfunction(L, push_function);
    lua_pushlightuserdata(L, &made);
    status = lua_pcall(L, 1, 1, 0);
  }
  if (status != LUA_OK && release) release(context);
  return status;
}

// MARK: Objects

static int collect_object(lua_State *L) {
  struct object *boxed = object_at(L, 1);
  if (!boxed) return 0;
  void *object = boxed->object;
  boxed->object = NULL;
  if (object && boxed->release) boxed->release(object);
  return 0;
}

static int push_object(lua_State *L) {
  const struct object *made = lua_touserdata(L, 2);
  struct object *boxed = lua_newuserdatauv(L, sizeof *boxed, 0);
  boxed->kind = &object_kind;
  boxed->object = NULL;
  boxed->release = made->release;
  lua_pushvalue(L, 1);
  lua_setmetatable(L, -2);
  boxed->object = made->object;
  return 1;
}

int vtl_pushobject(lua_State *L, void *object, vtl_release release) {
  struct object made = {&object_kind, object, release};
  int status = VTL_ERRSTACK;
  if (lua_checkstack(L, 3)) {
    lua_pushcfunction(L, push_object);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, &made);
    status = lua_pcall(L, 2, 1, 0);
  } else {
    lua_settop(L, -2);
  }
  if (status != LUA_OK && release) release(object);
  return status;
}

void *vtl_toobject(lua_State *L, int index, const void *type) {
  struct object *boxed = object_at(L, index);
  if (!boxed || !lua_getmetatable(L, index)) return NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, type);
  bool same = lua_rawequal(L, -1, -2);
  lua_settop(L, -3);
  return same ? boxed->object : NULL;
}

void *vtl_anyobject(lua_State *L, int index) {
  struct object *boxed = object_at(L, index);
  return boxed ? boxed->object : NULL;
}

bool vtl_pushtype(lua_State *L, const void *type) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) == LUA_TTABLE) return true;
  lua_settop(L, -2);
  return false;
}

static int new_type(lua_State *L) {
  lua_createtable(L, 0, 6);
  lua_pushcfunction(L, collect_object);
  lua_setfield(L, -2, "__gc");
  lua_pushstring(L, lua_touserdata(L, 1));
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");  // scripts must not call __gc
  return 1;
}

static int protect_simple(lua_State *L, lua_CFunction body, int operands, const void *data) {
  if (!lua_checkstack(L, 2)) {
    lua_settop(L, -operands - 1);
    return VTL_ERRSTACK;
  }
  lua_pushcfunction(L, body);
  if (operands) lua_insert(L, -operands - 1);
  lua_pushlightuserdata(L, (void *)data);
  return lua_pcall(L, operands + 1, 1, 0);
}

int vtl_newtype(lua_State *L, const char *name) { return protect_simple(L, new_type, 0, name); }

static int register_type(lua_State *L) {
  lua_pushvalue(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, lua_touserdata(L, 2));
  lua_settop(L, 1);
  return 1;
}

int vtl_register(lua_State *L, const void *type) {
  return protect_simple(L, register_type, 1, type);
}

/// __index. Upvalues: methods, getters, fallback.
static int index_object(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    return 1;
  }
  if (lua_isnil(L, lua_upvalueindex(3))) return 1;
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(3));
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

static int refuse_field(lua_State *L) {
  const char *type = luaL_getmetafield(L, 1, "__name") ? lua_tostring(L, -1) : "object";
  return luaL_error(L, "%s: cannot set field '%s'", type, luaL_tolstring(L, 2, NULL));
}

/// __newindex. Upvalues: setters, fallback.
static int newindex_object(lua_State *L) {
  lua_settop(L, 3);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 3);
    lua_call(L, 2, 0);
    return 0;
  }
  if (lua_isnil(L, lua_upvalueindex(2)))
    return refuse_field(L);
  lua_settop(L, 3);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, 3, 0);
  return 0;
}

int vtl_caller(lua_State *L, int level) {
  lua_Debug record;
  if (!lua_getstack(L, level, &record) || !lua_checkstack(L, 1)) return level;
  lua_getinfo(L, "f", &record);
  lua_CFunction function = lua_tocfunction(L, -1);
  lua_settop(L, -2);
  return function == index_object || function == newindex_object ? level + 1 : level;
}

static int push_index(lua_State *L) {
  lua_settop(L, 3);
  lua_pushcclosure(L, index_object, 3);
  return 1;
}

static int push_newindex(lua_State *L) {
  lua_settop(L, 2);
  lua_pushcclosure(L, newindex_object, 2);
  return 1;
}

int vtl_pushindex(lua_State *L) { return protect_simple(L, push_index, 3, NULL); }

int vtl_pushnewindex(lua_State *L) { return protect_simple(L, push_newindex, 2, NULL); }
