// SPDX-License-Identifier: BSD-3-Clause
//
// Ending evaluations and the programs that they have started, and hooks.

#ifndef VTL_STOPS_H
#define VTL_STOPS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Cancellation

/// A Lua thread that is active on this system thread. The record lies on the caller's stack; the
/// signal handler finds it through a list.
typedef struct vtl_entry {
  lua_State *L;
  struct vtl_entry *outer;
  lua_Hook hook;  ///< the script's own hook, while the stop's hook replaces it
  int mask, count;
  bool armed;
} vtl_entry;

void vtl_enter(vtl_entry *entry, lua_State *L);
void vtl_leave(vtl_entry *entry);

typedef enum { VTL_RUNNING = 0, VTL_CANCELLED = 1, VTL_DEADLINE = 2 } vtl_stop;

/// An evaluation that vtl_scope_cancel or its deadline can stop.
typedef struct vtl_scope vtl_scope;

/// Opens a scope on this thread, for all Lua states that run in it. `deadline` is in nanoseconds of
/// vty_now; 0: none. Returns NULL and sets errno when there is no memory or no timer.
vtl_scope *vtl_scope_open(int64_t deadline);
/// Closes the scope, which must be the innermost. Returns whether it was stopped.
vtl_stop vtl_scope_close(vtl_scope *scope);
/// Stops the evaluation in the scope. May be called from any thread while the scope is open.
void vtl_scope_cancel(vtl_scope *scope);
/// True if the evaluation on this thread must end, and the reason.
vtl_stop vtl_stopped(void);
/// True if the evaluation on this thread must end, or if Ctrl-C was pressed in a script: then a function
/// that waits must return, and the next instruction raises it.
bool vtl_must_stop(lua_State *L);
/// A flag that is set when the evaluation on this thread must end: for code that runs long without
/// an instruction of Lua, on any thread. It is valid as long as this thread runs.
const volatile int *vtl_stop_flag(void);
/// Reads such a flag on another thread.
static inline bool vtl_stop_flag_is_set(const volatile int *flag) {
  return __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}
/// Raises the value that ends the evaluation, and allows hooks where Lua disallows them.
int vtl_raise_stop(lua_State *L);

// MARK: Hooks

/// Keeps the hook that debug.sethook has set for this coroutine, as the one that vtl_hook_restore
/// sets.
int vtl_hook_keep(lua_State *L);
/// True if there is a kept hook.
bool vtl_hook_is_kept(lua_State *L);
/// Sets the kept hook of this coroutine, or removes one that was set since. May raise.
void vtl_hook_restore(lua_State *L);

// MARK: Programs

/// A program that Lua code started with os.execute or io.popen. Valid during the call that passes
/// it.
typedef struct {
  const char *command;
  const char *source;  ///< the chunk's name of the code that started it; "" when unknown
  int line;            ///< -1 when unknown
  int signal;          ///< the signal that ended it; 0: it has been started
} vtl_program;

/// Called when a program was started, and when a signal ended it that was neither SIGPIPE nor sent
/// because of a stop. Must not use the state.
typedef void (*vtl_program_observer)(void *context, const vtl_program *program);
/// Sets the observer; NULL: none.
void vtl_observe_programs(lua_State *L, vtl_program_observer observer, void *context);
/// Looks whether a signal has ended a program of the state that is still open: the end of its output
/// looks the same as a complete one. Waits a moment for a program whose output has been read to its
/// end.
void vtl_settle_programs(lua_State *L);
/// Makes the state the owner of what its programs leave in the background: that ends when an
/// evaluation is stopped in which it was started, with the functions below, and with this process.
void vtl_own_programs(lua_State *L);
/// Ends the programs of a state that this thread has started.
void vtl_end_programs_of(lua_State *L);
/// Ends only what they have left in the background.
void vtl_end_backgrounds_of(lua_State *L);
/// Forgets which programs of the state were ended by a signal.
void vtl_forget_programs(lua_State *L);
/// Raises an error if a signal has ended a program since vtl_forget_programs: its output may be
/// incomplete. Costs nothing while no program is started.
void vtl_check_programs(lua_State *L);
/// The same as a protected call. Leaves the error value on the stack.
int vtl_programs_checked(lua_State *L);

#endif
