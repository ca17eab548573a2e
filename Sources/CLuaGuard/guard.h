// SPDX-License-Identifier: BSD-3-Clause
//
// The record behind each state, and the functions that the files of this target share.

#ifndef VTL_GUARD_PRIVATE_H
#define VTL_GUARD_PRIVATE_H

#include <time.h>

#include "CLuaGuard.h"
#include "Standalone.h"
#include "pool.h"

/// The number of frames that are kept of a deep traceback: the first and the last half.
#define VTL_TRACE_FRAMES 24

struct vtl_scope {
  _Atomic(int) stop;  ///< a vtl_stop
  int64_t deadline;   ///< CLOCK_MONOTONIC in nanoseconds; 0: none
  uint64_t number;    ///< scopes of the thread that are opened later have higher numbers
  pid_t thread;
  bool timed;
  bool blocked;  ///< the thread had SIGURG blocked before the scope was opened
  timer_t timer;
  vtl_scope *outer;
};

typedef struct vtl_guard vtl_guard;

/// The functions that access.c replaces.
typedef enum {
  VTL_REQUIRE, VTL_DOFILE, VTL_LOADFILE, VTL_LOADLIB, VTL_OPEN, VTL_LINES, VTL_INPUT, VTL_OUTPUT,
  VTL_GETENV, VTL_REMOVE, VTL_RENAME, VTL_TMPNAME, VTL_TIME, VTL_DATE, VTL_RANDOM, VTL_RANDOMSEED,
  // masking.c replaces these.
  VTL_PRINT, VTL_WRITE, VTL_FILE_WRITE,
  VTL_WATCHED
} vtl_watched;

/// The record of a state. The extra space of each of its coroutines points to it.
struct vtl_guard {
  lua_State *main;
  void *host;
  vtl_memory memory;
  size_t added;     ///< bytes outside the allocator that count as the state's
  size_t unstepped; ///< bytes added since the last step of the collector
  vtl_pool pool;
  vtl_entry *closing;  ///< while the state is being closed
  int64_t fail_after;

  bool warn_on;
  bool warn_continues;
  bool warn_prints;  ///< to standard error, as `lua` does
  size_t warn_length;
  char warn_text[1024];
  vtl_warning warn_sink;
  void *warn_context;

  vtl_observer observer;
  void *observer_context;

  vtl_access_sink access_sink;
  void *access_context;
  bool access_on;
  bool access_seeded;  ///< math.randomseed was called with a seed
  lua_CFunction watched[VTL_WATCHED];  ///< the functions that access.c has replaced
  vtl_program_observer program_observer;
  void *program_context;
  bool ends_programs;    ///< programs, and what they leave in the background, end with the state
  bool program_started;  ///< a program may be open, or have been ended by a signal
  int program_signal;    ///< the signal that ended the first such program; 0: none
  int program_line;
  char program_command[256], program_source[256];

  bool is_restricted;  ///< vtl_restrict was called
  bool refuses_finalizers;  ///< tables get no finalizer
  bool has_hook;  ///< vtl_hook_keep has found a hook

  uint64_t error_ticket;
  int trace_count;
  int trace_skipped;
  vtl_frame trace[VTL_TRACE_FRAMES];
};

static inline vtl_guard *vtl_guard_of(lua_State *L) {
  return *(vtl_guard **)lua_getextraspace(L);
}

/// Joins a hash and a number, for the hashes of environment.c and state_hash.c.
static inline uint64_t vtl_mix(uint64_t a, uint64_t b) {
  a ^= b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2);
  a *= 0xff51afd7ed558ccdu;
  return a ^ (a >> 33);
}

/// True if `hook` is the one that stops an evaluation.
bool vtl_is_stop_hook(lua_Hook hook);
/// The message handler of vtl_call: keeps the frames, and returns the error value unchanged.
int vtl_handle_error(lua_State *L);
/// Creates the value that a stopped evaluation raises, which also holds the value of
/// vtl_error_keep.
void vtl_cancel_prepare(lua_State *L);
/// Sets `pcall` and `xpcall` in the table on top to functions that do not swallow a stop.
void vtl_protected_open(lua_State *L);
/// Replaces functions of Lua's libraries by ones that report what they access.
void vtl_access_open(lua_State *L);
/// Replaces functions that print by ones that hide secrets. May raise.
void vtl_masking_open(lua_State *L);
/// True for modules that `require` gives to no script of a restricted state.
bool vtl_is_hidden_module(const char *name);
/// Records the origin of the modules that are loaded. May raise.
void vtl_modules_open(lua_State *L);
/// Records the origin of a module that `require` has loaded: its name is at index 1, and the two
/// results are on top. May raise.
void vtl_modules_required(lua_State *L);
/// The number of states of this process that are open.
int vtl_open_states(void);
/// Replaces `os.execute` and `io.popen` in the global tables.
void vtl_programs_open(lua_State *L);
/// Ends the programs that this thread has started since the scope of that number was opened.
void vtl_end_programs_since(uint64_t scope);
/// The number of the scope that was opened last on this thread.
uint64_t vtl_scope_number(void);
/// Sets the functions of `coroutine` that run code, in the table on top, to ones that keep an
/// entry.
void vtl_coroutine_open(lua_State *L);

#endif
