// SPDX-License-Identifier: BSD-3-Clause
//
// Opening and closing states; their memory and warnings.

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <Threads.h>

#include "Standalone.h"
#include "guard.h"
#include "lua_internals.h"

/// The allocator of a state, which counts its bytes. Shrinking a block never fails: Lua relies on
/// it.
static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
  vtl_guard *guard = context;
  // For a new block, Lua passes the kind of the object as its old size.
  size_t held = block ? old_size : 0;
  if (new_size == 0) {
    // The state itself is freed last. From here on, the signal handler must not find it.
    if (guard->closing && block == vtl_state_block(guard->main)) {
      vtl_leave(guard->closing);
      guard->closing = NULL;
    }
    guard->memory.used -= held;
    return vtl_pool_resize(&guard->pool, block, held, 0);
  }
  if (new_size > held) {
    size_t grown = guard->memory.used + (new_size - held);
    if (guard->memory.limit && grown > guard->memory.limit) return NULL;
    if (guard->fail_after == 1) return NULL;
    if (guard->fail_after) guard->fail_after--;
  }
  void *fresh = vtl_pool_resize(&guard->pool, block, held, new_size);
  if (!fresh && new_size > held) return NULL;
  if (!fresh) fresh = block;
  guard->memory.used = guard->memory.used - held + new_size;
  if (guard->memory.used > guard->memory.peak) guard->memory.peak = guard->memory.used;
  return fresh;
}

/// Called for an error outside every protected call, which only a bug in this target can cause.
static int panic(lua_State *L) {
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
  vtl_guard *guard = vtl_guard_of(L);
  if (guard->warn_prints) vtl_report("vtlua", text);
  if (guard->warn_sink) guard->warn_sink(guard->warn_context, text, strlen(text));
  abort();
}

/// Appends a piece of a warning; true if it was the last one. Long warnings are truncated.
static bool collect_warning(vtl_guard *guard, const char *piece, int continues) {
  if (!guard->warn_continues) guard->warn_length = 0;
  size_t room = sizeof guard->warn_text - guard->warn_length;
  size_t length = strlen(piece);
  if (length > room) length = room;
  memcpy(guard->warn_text + guard->warn_length, piece, length);
  guard->warn_length += length;
  guard->warn_continues = continues != 0;
  return !continues;
}

static void warn(void *context, const char *piece, int continues) {
  vtl_guard *guard = context;
  if (!guard->warn_continues && !continues && piece[0] == '@') {
    if (strcmp(piece, "@on") == 0) guard->warn_on = true;
    if (strcmp(piece, "@off") == 0) guard->warn_on = false;
    return;
  }
  if (guard->warn_prints) {  // piece by piece, so that nothing is cut
    if (guard->warn_on) vtl_print_warning(piece, !guard->warn_continues, !continues);
    guard->warn_continues = continues != 0;
    return;
  }
  if (collect_warning(guard, piece, continues) && guard->warn_on && guard->warn_sink)
    guard->warn_sink(guard->warn_context, guard->warn_text, guard->warn_length);
}

/// Creates the registry entries that other functions rely on, while an error can still be reported.
static int prepare(lua_State *L) {
  vtl_cancel_prepare(L);
  return 0;
}

static _Atomic(int) open_states;

int vtl_open_states(void) { return atomic_load(&open_states); }

lua_State *vtl_open(size_t limit) {
  if (vtl_unsupported_lua()) return NULL;
  vtl_guard *guard = calloc(1, sizeof *guard);
  if (!guard) return NULL;
  guard->memory.limit = limit;
  lua_State *L = lua_newstate(allocate, guard);
  if (!L) {
    vtl_pool_close(&guard->pool);
    free(guard);
    return NULL;
  }
  atomic_fetch_add(&open_states, 1);
  guard->main = L;
  *(vtl_guard **)lua_getextraspace(L) = guard;
  lua_atpanic(L, panic);
  lua_setwarnf(L, warn, guard);
  lua_pushcfunction(L, prepare);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    vtl_close(L, 0);
    return NULL;
  }
  return L;
}

void vtl_close(lua_State *L, int64_t limit) {
  vtl_guard *guard = vtl_guard_of(L);
  vtl_scope *scope = limit ? vtl_scope_open(vty_now() + limit) : NULL;
  vtl_entry entry;
  vtl_enter(&entry, guard->main);
  guard->closing = &entry;
  lua_close(guard->main);
  if (scope) vtl_scope_close(scope);
  vtl_pool_close(&guard->pool);
  free(guard);
  atomic_fetch_sub(&open_states, 1);
}

static int open_libraries(lua_State *L) {
  luaL_openlibs(L);
  lua_pushglobaltable(L);
  vtl_protected_open(L);
  lua_getglobal(L, LUA_COLIBNAME);
  vtl_coroutine_open(L);
  vtl_access_open(L);
  vtl_masking_open(L);
  vtl_modules_open(L);
  vtl_programs_open(L);
  return 0;
}

int vtl_openlibs(lua_State *L) {
  if (!lua_checkstack(L, 1)) return VTL_ERRSTACK;
  lua_pushcfunction(L, open_libraries);
  return lua_pcall(L, 0, 0, 0);
}

void *vtl_host(lua_State *L) { return vtl_guard_of(L)->host; }

void vtl_host_set(lua_State *L, void *host) { vtl_guard_of(L)->host = host; }

vtl_memory vtl_memory_get(lua_State *L) { return vtl_guard_of(L)->memory; }

void vtl_memory_limit(lua_State *L, size_t limit) { vtl_guard_of(L)->memory.limit = limit; }

void vtl_memory_reset_peak(lua_State *L) {
  vtl_guard *guard = vtl_guard_of(L);
  guard->memory.peak = guard->memory.used;
}

bool vtl_memory_add(lua_State *L, size_t bytes) {
  vtl_guard *guard = vtl_guard_of(L);
  if (guard->memory.limit &&
      (guard->memory.used > guard->memory.limit || bytes > guard->memory.limit - guard->memory.used))
    return false;
  if (guard->fail_after == 1) return false;
  if (guard->fail_after) guard->fail_after--;
  guard->added += bytes;
  guard->unstepped += bytes;
  guard->memory.used += bytes;
  if (guard->memory.used > guard->memory.peak) guard->memory.peak = guard->memory.used;
  return true;
}

void vtl_memory_step(lua_State *L) {
  enum { LEAST_STEP = 16 << 10 };
  vtl_guard *guard = vtl_guard_of(L);
  if (guard->unstepped < LEAST_STEP) return;
  size_t kibibytes = guard->unstepped >> 10;
  guard->unstepped = 0;
  // A step would run although the script has stopped the collector.
  if (lua_gc(L, LUA_GCISRUNNING) != 1) return;
  lua_gc(L, LUA_GCSTEP, kibibytes > INT_MAX >> 11 ? INT_MAX >> 11 : (int)kibibytes);
}

void vtl_memory_subtract(lua_State *L, size_t bytes) {
  vtl_guard *guard = vtl_guard_of(L);
  guard->added -= bytes;
  guard->memory.used -= bytes;
}

void vtl_memory_fail_after(lua_State *L, int64_t allocations) {
  vtl_guard_of(L)->fail_after = allocations > 0 ? allocations : 0;
}

void vtl_observe_programs(lua_State *L, vtl_program_observer observer, void *context) {
  vtl_guard *guard = vtl_guard_of(L);
  guard->program_observer = observer;
  guard->program_context = context;
}

void vtl_warning_sink(lua_State *L, vtl_warning sink, void *context) {
  vtl_guard *guard = vtl_guard_of(L);
  guard->warn_sink = sink;
  guard->warn_context = context;
}

void vtl_warnings_print(lua_State *L) { vtl_guard_of(L)->warn_prints = true; }

void vtl_warnings_enable(lua_State *L, bool on) { vtl_guard_of(L)->warn_on = on; }
