// SPDX-License-Identifier: BSD-3-Clause
//
// The boundary between Swift and Lua.
//
// Lua reports errors by longjmp. A jump over a Swift frame is undefined behaviour, therefore:
//
//   * Swift calls operations that may raise through the `vtl_` functions of this header. Each runs
//     the operation under lua_pcall and returns a status. On LUA_OK the stack is as the operation
//     leaves it; otherwise its operands are removed and the error value lies on top. The exception
//     is VTL_ERRSTACK: there was no room on the stack, and nothing was pushed.
//   * Lua calls Swift through the C function that vtl_pushfunction pushes. Swift returns a number,
//     and C raises or yields after Swift has returned.
//
// Operations of lua.h that never raise (lua_type, lua_pushinteger, lua_rawgeti, ...) may be called
// directly; the caller must reserve stack slots for them.

#ifndef VTL_GUARD_H
#define VTL_GUARD_H

// Only vtl_function declares that its pointers are not null, so that Swift does not check them.
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

#include "Accesses.h"
#include "Stops.h"

/// No room on the Lua stack; no error value was pushed.
#define VTL_ERRSTACK (-1)

// MARK: State

/// Opens a state with its own allocator; NULL when there is no memory, or if the Lua library is not
/// supported (vtl_unsupported_lua). `limit` is the most memory in bytes; 0: no limit.
lua_State *vtl_open(size_t limit);
/// Closes the state: closes pending to-be-closed variables, runs finalizers, and frees all memory.
/// Stops Lua code in them after `limit` nanoseconds; 0: never.
void vtl_close(lua_State *L, int64_t limit);
/// Opens Lua's standard libraries. Replaces the coroutine functions that run code by ones that can
/// be stopped, and pcall and xpcall by ones that do not catch a stop.
int vtl_openlibs(lua_State *L);

/// The libraries that a restricted state keeps, besides what every state has.
enum {
  VTL_LIBRARY_IO = 1,       ///< files
  VTL_LIBRARY_OS = 2,       ///< programs, the environment, the process
  VTL_LIBRARY_DEBUG = 4,    ///< debug, bytecode, finalizers, the collector
  VTL_LIBRARY_PACKAGE = 8,  ///< code in files
};

/// Removes what the libraries that are not in `kept` have, in a state whose libraries were opened.
int vtl_restrict(lua_State *L, unsigned kept);
bool vtl_is_restricted(lua_State *L);
/// Sets the metatable of the value at `index` to the table or nil on top, which is taken. In a state without
/// finalizers a `__gc` that the metatable has is not run, unless it is one of the library.
void vtl_set_metatable(lua_State *L, int index);
/// Pushes a `load` that gives chunks without an environment of their own the table on top, which is
/// taken.
int vtl_pushload(lua_State *L);
/// Gives the table on top, the environment of code of the host's, an `io` that opens no file and a `debug`
/// that knows only places, unless it has these, and a `setmetatable` that accepts finalizers and runs none.
int vtl_complete_library(lua_State *L);

/// A pointer of the host's, which is the same for all coroutines of the state.
void *vtl_host(lua_State *L);
void vtl_host_set(lua_State *L, void *host);

typedef struct {
  size_t used;   ///< bytes in use
  size_t peak;   ///< the largest number of bytes in use since the last reset
  size_t limit;  ///< 0: no limit
} vtl_memory;

vtl_memory vtl_memory_get(lua_State *L);
void vtl_memory_limit(lua_State *L, size_t limit);
void vtl_memory_reset_peak(lua_State *L);
/// Counts memory outside the allocator as the state's: false, and nothing is counted, if that would
/// exceed the limit.
bool vtl_memory_add(lua_State *L, size_t bytes);
/// Runs a step of the collector, as if Lua had allocated what was added since the last step.
void vtl_memory_step(lua_State *L);
/// Ends the counting of memory that vtl_memory_add has counted.
void vtl_memory_subtract(lua_State *L, size_t bytes);
/// For tests: makes the Nth allocation from now and all later ones fail. 0: none fails.
void vtl_memory_fail_after(lua_State *L, int64_t allocations);

/// Receives a complete warning. Called from inside Lua; must not use the state.
typedef void (*vtl_warning)(void *context, const char *text, size_t length);
/// Sets the receiver of warnings; NULL: warnings are dropped.
void vtl_warning_sink(lua_State *L, vtl_warning sink, void *context);
void vtl_warnings_enable(lua_State *L, bool on);

// MARK: Operations that may raise

int vtl_pushbytes(lua_State *L, const char *bytes, size_t length);
int vtl_newtable(lua_State *L, int sequence, int fields);
int vtl_getglobal(lua_State *L, const char *name);
/// Pushes the loaded module of that name, or nil; for NULL, the table of loaded modules. Both are
/// taken from the registry, as `require` does.
int vtl_getloaded(lua_State *L, const char *name);
int vtl_setglobal(lua_State *L, const char *name);
int vtl_getfield(lua_State *L, int index, const char *name);
int vtl_setfield(lua_State *L, int index, const char *name);
int vtl_gettable(lua_State *L, int index);
int vtl_settable(lua_State *L, int index);
int vtl_geti(lua_State *L, int index, lua_Integer key);
int vtl_seti(lua_State *L, int index, lua_Integer key);
int vtl_rawset(lua_State *L, int index);
int vtl_rawseti(lua_State *L, int index, lua_Integer key);
/// Like lua_next; sets `*more` if a pair was pushed.
int vtl_next(lua_State *L, int index, bool *more);
int vtl_arith(lua_State *L, int operation);
int vtl_compare(lua_State *L, int first, int second, int operation, bool *result);
int vtl_length(lua_State *L, int index, lua_Integer *length);
int vtl_concat(lua_State *L, int count);
/// Pushes the value as a string, as `tostring` does: by `__tostring` or `__name`.
int vtl_tostring(lua_State *L, int index);
/// Moves the value on top into the registry; `*reference` is its slot.
int vtl_reference(lua_State *L, int *reference);
int vtl_newthread(lua_State *L);
/// Loads a chunk. `mode` is "t", "b" or "bt". `name` is as in lua_load: "=name", "@file" or the
/// source.
int vtl_load(lua_State *L, const char *code, size_t length, const char *name, const char *mode);
int vtl_loadfile(lua_State *L, const char *path, const char *mode);
/// Calls `lua_gc` with up to three arguments.
int vtl_gc(lua_State *L, int what, int a, int b, int c, int *result);
/// Pushes the location "file:line: " of the function at `level`, or "".
int vtl_where(lua_State *L, int level);
/// Skips the __index or __newindex function of an object: if it is at `level`, returns the level of
/// the code that accesses the field.
int vtl_caller(lua_State *L, int level);
/// Pushes `text` and the traceback of `of` from `level` on, as luaL_traceback.
int vtl_traceback(lua_State *L, lua_State *of, const char *text, int level);
/// Replaces the function on top by its bytecode, a string.
int vtl_dump(lua_State *L, bool strip);

// MARK: Calls

/// Calls the function below its `arguments`. Keeps the frames of an error for vtl_trace.
int vtl_call(lua_State *L, int arguments, int results);

/// Reserves stack slots, and pushes the message handler and the function of the registry slot
/// `function`. False, and nothing pushed, when there is no room.
bool vtl_begin_call(lua_State *L, int function, int arguments);
/// Like vtl_call, after vtl_begin_call. The handler stays below the results or the error value.
int vtl_call_handled(lua_State *L, int arguments, int results);

/// A frame of an error's traceback.
typedef struct {
  char source[256];     ///< the chunk's name: "@file", "=name" or the beginning of its code
  char short_source[60];
  char name[64];        ///< "" when there is none
  char kind[12];        ///< "global", "local", "method", "field", "upvalue", ... or ""
  char what;            ///< 'L'ua, 'C', 'm'ain, 't'ail call
  int line;             ///< -1 when unknown
  int line_defined;
} vtl_frame;

/// Pushes a message for the error value at `index`: the string itself, the result of `__tostring`,
/// or "(error object is a table value)".
int vtl_describe_error(lua_State *L, int index);

/// The frames of the last error, innermost first. `*skipped` is the number of frames that were left
/// out after the first half. Valid until the next error.
int vtl_trace(lua_State *L, const vtl_frame **frames, int *skipped);
void vtl_trace_clear(lua_State *L);
/// Keeps the frames of `of`, a coroutine that failed, as those of the last error.
void vtl_trace_capture(lua_State *L, lua_State *of, int level);

/// Called for each error that Lua code does not catch, before the stack is unwound: the error value
/// is at index 1, and level 1 is the function that failed. It may use the functions of this header,
/// must leave the stack unchanged, and must not raise.
typedef void (*vtl_observer)(lua_State *L, void *context);
/// Sets the observer; NULL: none.
void vtl_observe_errors(lua_State *L, vtl_observer observer, void *context);

// MARK: Errors

/// Keeps the error value on top, so that the same value can be raised again. Returns its ticket.
/// Only the newest value is kept.
uint64_t vtl_error_keep(lua_State *L);
/// Pushes the kept value if `ticket` is the newest. This function and the other two need room for
/// two values.
bool vtl_error_push(lua_State *L, uint64_t ticket);
/// True if the value on top is the kept one and `ticket` is the newest.
bool vtl_error_kept(lua_State *L, uint64_t ticket);

// MARK: Swift functions

/// An error, with its value on top.
#define VTL_RAISE (-1)
/// One result, which is on top.
#define VTL_SCALAR (-2147483647)
/// VTL_YIELD - n yields `n` values.
#define VTL_YIELD (-2)
/// The call has not ended: vtl_pushpending has pushed it.
#define VTL_AWAIT (-2147483646)

/// A Swift function. Returns the number of results on top, VTL_SCALAR, VTL_RAISE or VTL_YIELD - n.
/// Must not throw.
typedef int (*_Nonnull vtl_function)(lua_State *_Nonnull L, void *_Nonnull context);
typedef void (*vtl_release)(void *context);

/// Pushes a Lua function that calls `function(L, context)`. `release(context)` is called when it is
/// collected, or at once on failure.
int vtl_pushfunction(lua_State *L, vtl_function function, void *context, vtl_release release);

/// Pushes a Lua function for an asynchronous function. When `function` returns VTL_AWAIT, the coroutine
/// yields, and each time that it is resumed `resume(L, context)` is called, with the object of
/// vtl_pushpending at index 1. It returns what a vtl_function returns.
int vtl_pushasync(
    lua_State *L, vtl_function function, vtl_function resume, void *context, vtl_release release);

/// Takes a metatable of vtl_newtype from the top and pushes a userdata for `object`.
/// `release(object)` is called when it is collected, or at once on failure.
int vtl_pushobject(lua_State *L, void *object, vtl_release release);
/// The object at `index` if its metatable is the one registered under `type`; otherwise NULL.
void *vtl_toobject(lua_State *L, int index, const void *type);
/// The object at `index` if vtl_pushobject pushed it, whatever its metatable; otherwise NULL.
void *vtl_anyobject(lua_State *L, int index);
/// Pushes a new metatable for objects, with `__gc`, `__name` and `__metatable` set.
int vtl_newtype(lua_State *L, const char *name);
/// Registers the metatable on top under `type`, and leaves it there.
int vtl_register(lua_State *L, const void *type);
/// Takes a table of methods, one of getters and a fallback (or nil) from the top, and pushes a
/// function for `__index`. It returns a method, the result of a getter, the result of the fallback,
/// or nil, in this order.
int vtl_pushindex(lua_State *L);
/// Takes a table of setters and a fallback (or nil) from the top, and pushes a function for
/// `__newindex`.
int vtl_pushnewindex(lua_State *L);
/// Pushes the metatable registered under `type`; false, and nothing pushed, when there is none.
/// Needs room for one value.
bool vtl_pushtype(lua_State *L, const void *type);

// MARK: Coroutines

/// Resumes `co` with the `arguments` on its stack. Its results, `*results` of them, stay there. While it
/// waits for an asynchronous function, this thread waits.
int vtl_resume(lua_State *co, lua_State *from, int arguments, int *results);
/// Closes the to-be-closed variables of `co`, which is dead or new afterwards.
int vtl_closethread(lua_State *co, lua_State *from);

/// Waits until a call has ended, or until the evaluation on this thread must end. Must not raise.
typedef void (*vtl_wait)(void *call);

/// Pushes an object for the call of an asynchronous function. `release(call)` is called when the call's
/// coroutine is closed, when the object is collected, or at once on failure.
int vtl_pushpending(lua_State *L, void *call, vtl_wait wait, vtl_release release);
/// The call at `index`; NULL if the value is no such object, or was released.
void *vtl_topending(lua_State *L, int index);
/// Like vtl_resume, but returns while `co` waits: see vtl_is_waiting.
int vtl_resume_once(lua_State *co, lua_State *from, int arguments, int *results);
/// True if a resume with this outcome left the object of a call on top of `co`.
bool vtl_is_waiting(lua_State *co, int status, int results);
/// Takes the object of a call from the top of `co`, and waits for the call.
void vtl_wait_for_call(lua_State *co);

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
