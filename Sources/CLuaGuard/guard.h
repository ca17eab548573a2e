// SPDX-License-Identifier: BSD-3-Clause
//
// What the files of this target share: the record behind each state.

#ifndef VTL_GUARD_PRIVATE_H
#define VTL_GUARD_PRIVATE_H

#include <time.h>

#include "CLuaGuard.h"
#include "pool.h"

/// Frames kept of a deep traceback: the first and the last half.
#define VTL_TRACE_FRAMES 24

struct vtl_scope {
  _Atomic(int) stop;  ///< a vtl_stop
  int64_t deadline;   ///< CLOCK_MONOTONIC in nanoseconds; 0: none
  pid_t thread;
  bool timed;
  bool blocked;  ///< the thread had SIGURG blocked before
  timer_t timer;
  vtl_scope *outer;
};

typedef struct vtl_guard vtl_guard;

/// One per state; every coroutine of the state finds it in its extra space.
struct vtl_guard {
  lua_State *main;
  void *host;
  vtl_memory memory;
  vtl_pool pool;
  vtl_entry *closing;  ///< while the state is being closed
  int64_t fail_after;

  bool warn_on;
  bool warn_continues;
  size_t warn_length;
  char warn_text[1024];
  vtl_warning warn_sink;
  void *warn_context;

  vtl_observer observer;
  void *observer_context;

  uint64_t error_ticket;
  int trace_count;
  int trace_skipped;
  vtl_frame trace[VTL_TRACE_FRAMES];
};

static inline vtl_guard *vtl_guard_of(lua_State *L) {
  return *(vtl_guard **)lua_getextraspace(L);
}

/// The message handler of vtl_call: keeps the frames, leaves the value.
int vtl_handle_error(lua_State *L);
/// Prepares the value that a stopped evaluation raises, and vtl_error_keep's place.
void vtl_cancel_prepare(lua_State *L);
/// Raises that value, also where Lua forbids hooks.
int vtl_raise_stop(lua_State *L);
/// Puts `pcall` and `xpcall` that do not swallow a stop into the table on top.
void vtl_protected_open(lua_State *L);
/// Puts coroutine functions that enter and leave into the table on top.
void vtl_coroutine_open(lua_State *L);

#endif
