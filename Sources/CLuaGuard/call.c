// SPDX-License-Identifier: BSD-3-Clause
//
// Protected calls of Lua functions, and the traceback of an error.

#include <string.h>

#include "guard.h"

static void copy(char *to, size_t room, const char *from) {
  size_t length = from ? strnlen(from, room - 1) : 0;
  if (length) memcpy(to, from, length);
  to[length] = '\0';
}

static void keep_frame(vtl_guard *guard, lua_State *of, lua_Debug *ar) {
  vtl_frame *frame = &guard->trace[guard->trace_count++];
  lua_getinfo(of, "Slnt", ar);
  copy(frame->source, sizeof frame->source, ar->source);
  copy(frame->short_source, sizeof frame->short_source, ar->short_src);
  copy(frame->name, sizeof frame->name, ar->name);
  copy(frame->kind, sizeof frame->kind, ar->namewhat);
  frame->what = ar->what[0] == 'C' ? 'C' : ar->what[0];
  frame->line = ar->currentline;
  frame->line_defined = ar->linedefined;
}

/// The number of levels, by a binary search: the cost of lua_getstack grows with the level.
static int depth_of(lua_State *L) {
  lua_Debug ar;
  int low = 0, high = 1;
  while (lua_getstack(L, high, &ar)) {
    low = high;
    high *= 2;
  }
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (lua_getstack(L, middle, &ar)) low = middle + 1;
    else high = middle;
  }
  return low;
}

void vtl_trace_capture(lua_State *L, lua_State *of, int level) {
  vtl_guard *guard = vtl_guard_of(L);
  guard->trace_count = 0;
  guard->trace_skipped = 0;
  int depth = depth_of(of);
  if (depth - level > VTL_TRACE_FRAMES)
    guard->trace_skipped = depth - level - VTL_TRACE_FRAMES;
  lua_Debug ar;
  while (guard->trace_count < VTL_TRACE_FRAMES && lua_getstack(of, level, &ar)) {
    keep_frame(guard, of, &ar);
    level++;
    if (guard->trace_skipped && guard->trace_count == VTL_TRACE_FRAMES / 2)
      level += guard->trace_skipped;
  }
}

void vtl_trace_clear(lua_State *L) { vtl_guard_of(L)->trace_count = 0; }

int vtl_trace(lua_State *L, const vtl_frame **frames, int *skipped) {
  vtl_guard *guard = vtl_guard_of(L);
  *frames = guard->trace;
  *skipped = guard->trace_skipped;
  return guard->trace_count;
}

void vtl_observe_errors(lua_State *L, vtl_observer observer, void *context) {
  vtl_guard *guard = vtl_guard_of(L);
  guard->observer = observer;
  guard->observer_context = context;
}

int vtl_handle_error(lua_State *L) {
  vtl_guard *guard = vtl_guard_of(L);
  vtl_observer observer = guard->observer;
  if (observer && vtl_stopped() == VTL_RUNNING) {
    guard->observer = NULL;  // errors inside the observer are not observed
    observer(L, guard->observer_context);
    guard->observer = observer;
  }
  vtl_trace_capture(L, L, 1);  // level 0 is this function
  return 1;
}

static int describe_error(lua_State *L) {
  if (lua_type(L, 1) == LUA_TSTRING) return 1;
  if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
  if (lua_isnumber(L, 1)) {
    lua_settop(L, 1);
    lua_tostring(L, 1);
    return 1;
  }
  lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  return 1;
}

int vtl_describe_error(lua_State *L, int index) {
  if (!lua_checkstack(L, 2)) return VTL_ERRSTACK;
  index = lua_absindex(L, index);
  lua_pushcfunction(L, describe_error);
  lua_pushvalue(L, index);
  return lua_pcall(L, 1, 1, 0);
}

int vtl_call(lua_State *L, int arguments, int results) {
  int function = lua_gettop(L) - arguments;
  // Without a slot for the handler, a memory error would be reported as a stack overflow.
  if (!lua_checkstack(L, 2)) {
    lua_settop(L, function - 1);
    return VTL_ERRSTACK;
  }
  vtl_guard_of(L)->trace_count = 0;
  lua_pushcfunction(L, vtl_handle_error);
  lua_insert(L, function);
  int status = lua_pcall(L, arguments, results, function);
  lua_remove(L, function);
  return status;
}

bool vtl_begin_call(lua_State *L, int function, int arguments) {
  if (!lua_checkstack(L, arguments + 2)) return false;
  lua_pushcfunction(L, vtl_handle_error);
  lua_rawgeti(L, LUA_REGISTRYINDEX, function);
  return true;
}

int vtl_call_handled(lua_State *L, int arguments, int results) {
  vtl_guard_of(L)->trace_count = 0;
  return lua_pcall(L, arguments, results, -arguments - 2);
}
