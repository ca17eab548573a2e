// SPDX-License-Identifier: BSD-3-Clause
//
// The only way from Swift into Lua, and from Lua into Swift.
//
// Lua reports an error by longjmp. A jump over a Swift frame is undefined, so:
//
//   * Swift calls whatever may raise through a `vtl_` function of this file. Each runs the
//     operation under lua_pcall and returns a status. On LUA_OK the stack is as the operation
//     leaves it; otherwise its operands are gone and the error value lies on top.
//     VTL_ERRSTACK is the exception: there was no room for anything, and nothing was pushed.
//   * Lua calls Swift through the trampoline behind vtl_pushfunction. Swift returns a number,
//     and C raises or yields when Swift has left.
//
// Operations of lua.h that never raise (lua_type, lua_pushinteger, lua_rawgeti, ...) may be
// called directly; stack room is the caller's duty.

#ifndef VTL_GUARD_H
#define VTL_GUARD_H

// Only vtl_function says that its pointers are never null: Swift then need not ask.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-completeness"
#else
#define _Nonnull
#endif

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// No room on the Lua stack; no error value was pushed.
#define VTL_ERRSTACK (-1)

// MARK: State

/// Opens a state with its own allocator, or returns NULL when there is no memory.
/// `limit` is in bytes; 0 means none.
lua_State *vtl_open(size_t limit);
/// Closes the state: pending to-be-closed variables, then finalizers, then the memory. Lua code
/// that runs in them is stopped after `limit` nanoseconds; 0: never.
void vtl_close(lua_State *L, int64_t limit);
/// Opens Lua's standard libraries. Coroutine calls that run code are replaced by ones which
/// report the running coroutine to this guard, pcall and xpcall by ones that let a stop pass.
int vtl_openlibs(lua_State *L);

/// A word of the host's, found from every coroutine of the state.
void *vtl_host(lua_State *L);
void vtl_host_set(lua_State *L, void *host);

typedef struct {
  size_t used;   ///< bytes in use now
  size_t peak;   ///< the most there ever were since the last reset
  size_t limit;  ///< 0: none
} vtl_memory;

vtl_memory vtl_memory_get(lua_State *L);
void vtl_memory_limit(lua_State *L, size_t limit);
void vtl_memory_reset_peak(lua_State *L);
/// For tests: the Nth allocation from now and all after it fail. 0: none fails.
void vtl_memory_fail_after(lua_State *L, int64_t allocations);

/// Receives a whole warning. It is called from inside Lua and must not use the state.
typedef void (*vtl_warning)(void *context, const char *text, size_t length);
/// NULL: to standard error, as `lua` does.
void vtl_warning_sink(lua_State *L, vtl_warning sink, void *context);
void vtl_warnings_enable(lua_State *L, bool on);

// MARK: Operations that may raise

int vtl_pushbytes(lua_State *L, const char *bytes, size_t length);
int vtl_newtable(lua_State *L, int sequence, int fields);
int vtl_getglobal(lua_State *L, const char *name);
int vtl_setglobal(lua_State *L, const char *name);
int vtl_getfield(lua_State *L, int index, const char *name);
int vtl_setfield(lua_State *L, int index, const char *name);
int vtl_gettable(lua_State *L, int index);
int vtl_settable(lua_State *L, int index);
int vtl_geti(lua_State *L, int index, lua_Integer key);
int vtl_seti(lua_State *L, int index, lua_Integer key);
int vtl_rawset(lua_State *L, int index);
int vtl_rawseti(lua_State *L, int index, lua_Integer key);
/// As lua_next; `*more` tells whether a pair was pushed.
int vtl_next(lua_State *L, int index, bool *more);
int vtl_arith(lua_State *L, int operation);
int vtl_compare(lua_State *L, int first, int second, int operation, bool *result);
int vtl_length(lua_State *L, int index, lua_Integer *length);
int vtl_concat(lua_State *L, int count);
/// Pushes the value as a string, by `__tostring` and `__name`, as `tostring` does.
int vtl_tostring(lua_State *L, int index);
/// Moves the value on top into the registry.
int vtl_reference(lua_State *L, int *reference);
int vtl_newthread(lua_State *L);
/// `mode` is "t", "b" or "bt". `name` as in lua_load: "=name", "@file" or the source.
int vtl_load(lua_State *L, const char *code, size_t length, const char *name, const char *mode);
int vtl_loadfile(lua_State *L, const char *path, const char *mode);
/// Runs a garbage collector step of `lua_gc` with up to three numbers.
int vtl_gc(lua_State *L, int what, int a, int b, int c, int *result);
/// Pushes the prefix "file:line: " of the function at `level`, or "".
int vtl_where(lua_State *L, int level);
/// The level that a person would call this one: of what indexes an object, if the function at
/// `level` is what answers for all fields.
int vtl_caller(lua_State *L, int level);
/// Appends `text` and the traceback of `of` from `level` on, as luaL_traceback.
int vtl_traceback(lua_State *L, lua_State *of, const char *text, int level);
/// The stripped or unstripped bytecode of the function on top, as a string in its place.
int vtl_dump(lua_State *L, bool strip);

// MARK: Calls

/// Calls the function below its `arguments`. On an error the frames at the place of the error
/// are kept for vtl_trace.
int vtl_call(lua_State *L, int arguments, int results);

/// Makes room, and pushes the message handler and above it the function in registry slot
/// `function`. False and nothing pushed when there is no room.
bool vtl_begin_call(lua_State *L, int function, int arguments);
/// As vtl_call, with the handler in place; it stays there, below the results or the error.
int vtl_call_handled(lua_State *L, int arguments, int results);

/// A frame of the last error's traceback.
typedef struct {
  char source[256];     ///< chunk name as loaded: "@file", "=name" or the code's start
  char short_source[60];
  char name[64];        ///< "" when there is none
  char kind[12];        ///< "global", "local", "method", "field", "upvalue", ... or ""
  char what;            ///< 'L'ua, 'C', 'm'ain, 't'ail call
  int line;             ///< -1 when unknown
  int line_defined;
} vtl_frame;

/// Pushes what a person is told of the error value at `index`: the string itself, the result
/// of `__tostring`, or "(error object is a table value)".
int vtl_describe_error(lua_State *L, int index);

/// The frames kept at the last error, innermost first; `*skipped` is how many in the middle
/// were left out (after the first half). Valid until the next error.
int vtl_trace(lua_State *L, const vtl_frame **frames, int *skipped);
void vtl_trace_clear(lua_State *L);
/// Records the frames of `of` (a coroutine that has failed) as the last error's.
void vtl_trace_capture(lua_State *L, lua_State *of, int level);

/// Told of each error that nobody in Lua catches, where it happened and before any function is
/// left: the error value is at 1, level 1 is the function that failed. It may look at them by
/// what is declared here, must leave the stack as it was, and must not raise.
typedef void (*vtl_observer)(lua_State *L, void *context);
/// NULL: nobody is told.
void vtl_observe_errors(lua_State *L, vtl_observer observer, void *context);

/// Keeps the error value on top so that it can be raised again as the same value; returns a
/// ticket. Only the newest is kept.
uint64_t vtl_error_keep(lua_State *L);
/// Pushes the kept value if `ticket` is the newest. Room for two values is needed, as for the
/// other two.
bool vtl_error_push(lua_State *L, uint64_t ticket);
/// Whether the value on top is the kept one, and `ticket` the newest.
bool vtl_error_kept(lua_State *L, uint64_t ticket);

// MARK: Functions of Swift

#define VTL_RAISE (-1)
/// One result, which was just pushed: nothing to check.
#define VTL_SCALAR (-2147483647)
/// Yield `n` values: VTL_YIELD - n.
#define VTL_YIELD (-2)

/// Returns how many results lie on top, VTL_SCALAR, VTL_RAISE with the error value on top, or
/// VTL_YIELD - n. Must not let a Swift error out.
typedef int (*_Nonnull vtl_function)(lua_State *_Nonnull L, void *_Nonnull context);
typedef void (*vtl_release)(void *context);

/// Pushes a Lua function that calls `function(L, context)`; `release(context)` when it is
/// collected, and at once if it cannot be made.
int vtl_pushfunction(lua_State *L, vtl_function function, void *context, vtl_release release);

/// Pushes a userdata whose first word is `object`. `metatable` lies on top and is taken; its
/// `__gc` must be vtl_object_collect. `release(object)` at once if it cannot be made.
int vtl_pushobject(lua_State *L, void *object, vtl_release release);
/// The object at `index` if its metatable is the one registered under `type`, else NULL.
void *vtl_toobject(lua_State *L, int index, const void *type);
/// The object at `index` if vtl_pushobject made it, whatever its metatable, else NULL.
void *vtl_anyobject(lua_State *L, int index);
/// Pushes a new metatable for objects, with `__gc`, `__name` and `__metatable` set.
int vtl_newtype(lua_State *L, const char *name);
/// Registers the metatable on top under `type`, and leaves it there.
int vtl_register(lua_State *L, const void *type);
/// Takes a table of methods, one of getters and a fallback (or nil) from the top; leaves a
/// function for `__index`: a method, else the getter's result, else the fallback's, else nil.
int vtl_pushindex(lua_State *L);
/// Takes a table of setters and a fallback (or nil) from the top; leaves one for `__newindex`.
int vtl_pushnewindex(lua_State *L);
/// Pushes the metatable registered under `type`; false and nothing pushed when there is none.
/// Room for one value is needed.
bool vtl_pushtype(lua_State *L, const void *type);

// MARK: Coroutines

/// Resumes `co` with the `arguments` on its stack; its `*results` are left on its stack.
int vtl_resume(lua_State *co, lua_State *from, int arguments, int *results);
/// Closes the to-be-closed variables of `co` and leaves it dead (or fresh).
int vtl_closethread(lua_State *co, lua_State *from);

// MARK: Cancellation

/// A place where Lua runs on this thread. It lives on the stack of whoever entered; the
/// innermost is known to the signal handler.
typedef struct vtl_entry {
  lua_State *L;
  struct vtl_entry *outer;
  lua_Hook hook;  ///< the script's own, while the stop's is in its place
  int mask, count;
  bool armed;
} vtl_entry;

void vtl_enter(vtl_entry *entry, lua_State *L);
void vtl_leave(vtl_entry *entry);

typedef enum { VTL_RUNNING = 0, VTL_CANCELLED = 1, VTL_DEADLINE = 2 } vtl_stop;

/// An evaluation that can be stopped, by vtl_scope_cancel or by its deadline.
typedef struct vtl_scope vtl_scope;

/// Opens a scope on this thread, for whatever Lua state runs in it. `deadline` is in nanoseconds of vtl_now, 0 for none. NULL
/// with errno set when the kernel gave no memory or timer.
vtl_scope *vtl_scope_open(int64_t deadline);
/// Closes the innermost scope and tells whether it was stopped.
vtl_stop vtl_scope_close(vtl_scope *scope);
/// Stops what runs in the scope. From any thread, while the scope is open.
void vtl_scope_cancel(vtl_scope *scope);
/// Whether what runs on this thread has to end, and why.
vtl_stop vtl_stopped(void);
/// CLOCK_MONOTONIC in nanoseconds.
int64_t vtl_now(void);

// MARK: Macros of lua.h that Swift cannot see

static inline void vtl_pushglobals(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
static inline int vtl_registry(void) { return LUA_REGISTRYINDEX; }
static inline void vtl_insert(lua_State *L, int index) { lua_rotate(L, index, 1); }
static inline void vtl_remove(lua_State *L, int index) {
  lua_rotate(L, index, -1);
  lua_settop(L, -2);
}

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
