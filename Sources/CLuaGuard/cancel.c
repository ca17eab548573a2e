// SPDX-License-Identifier: BSD-3-Clause
//
// Stops Lua code at any instruction.
//
// No hook is set during normal execution. To stop an evaluation, its scope is marked and SIGURG is
// sent to the thread that runs it. The signal handler sets a count hook on every Lua thread that is
// active on this system thread, from the running coroutine out to the one that Swift entered. The
// hook raises at each instruction, so that no message handler or __close in Lua can swallow the
// stop; pcall and coroutine.resume (protected.c, coroutine.c) raise it again. C functions still run
// to their end: the cleanup in the __close of a host object is done.
//
// The signal is repeated until the scope is closed, because Lua disallows hooks again for each
// finalizer, and because a script may call debug.sethook.
//
// Scopes belong to the system thread, not to a state: a state that runs inside a function of
// another state stops with it.
//
// SIGURG is ignored by default: a late signal has no effect.

#include <Threads.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "Standalone.h"
#include "guard.h"
#include "lua_internals.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/// The interval at which a stop is repeated, in nanoseconds.
enum { REPEAT = 5000000 };

/// The entries and scopes of this thread, innermost first. Only this thread writes the lists; its
/// signal handler reads them.
static _Thread_local vtl_entry *volatile innermost;
static _Thread_local vtl_scope *volatile scopes;
/// The number of the scope that was opened last.
static _Thread_local uint64_t scope_number;

/// `busy` while hooks are being removed. A signal that arrives meanwhile sets `missed`, and is
/// handled afterwards.
static _Thread_local volatile sig_atomic_t busy, missed;

/// Set by the signal handler when a scope must stop, for code that runs without Lua's hooks.
static _Thread_local volatile int stop_flag;

/// The registry key of the value that a stopped evaluation raises. Its user value is the error
/// value of vtl_error_keep, because setting a user value never allocates.
static const char stopped_key;

static int describe_stop(lua_State *L) {
  vtl_stop stop = vtl_stopped();
  lua_pushstring(L, stop == VTL_DEADLINE ? "timed out" : "cancelled");
  return 1;
}

void vtl_cancel_prepare(lua_State *L) {
  lua_newuserdatauv(L, 0, 1);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, describe_stop);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "cancellation");
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &stopped_key);
}

vtl_stop vtl_stopped(void) {
  vtl_stop stop = VTL_RUNNING;
  for (vtl_scope *scope = scopes; scope; scope = scope->outer) {
    int own = atomic_load_explicit(&scope->stop, memory_order_relaxed);
    if (own != VTL_RUNNING) stop = own;  // the outermost scope decides
  }
  return stop;
}

const volatile int *vtl_stop_flag(void) {
  __atomic_store_n(&stop_flag, scopes && vtl_stopped() != VTL_RUNNING, __ATOMIC_RELAXED);
  return &stop_flag;
}

int vtl_raise_stop(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stopped_key);
  *vtl_allow_hook(L) = 1;
  return lua_error(L);
}

/// Raises at every instruction until the scope is closed.
static void stop_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  if (vtl_stopped() != VTL_RUNNING) vtl_raise_stop(L);
  lua_sethook(L, NULL, 0, 0);  // a coroutine that was created meanwhile has inherited the hook
}

bool vtl_is_stop_hook(lua_Hook hook) { return hook == stop_hook; }

/// Sets the stop's hook. Async-signal-safe: lua_sethook may be called from a signal handler.
static void arm(vtl_entry *entry) {
  lua_State *L = entry->L;
  lua_Hook hook = lua_gethook(L);
  if (hook != stop_hook) {
    entry->hook = hook;
    entry->mask = lua_gethookmask(L);
    entry->count = lua_gethookcount(L);
  }
  entry->armed = true;
  // Also if it is set already: the signal may have interrupted another lua_sethook.
  lua_sethook(L, stop_hook, LUA_MASKCOUNT, 1);
  *vtl_allow_hook(L) = 1;
}

/// Restores the script's own hook. `busy` must be set.
static void disarm(vtl_entry *entry) {
  if (lua_gethook(entry->L) == stop_hook)
    lua_sethook(entry->L, entry->hook, entry->mask, entry->count);
  entry->hook = NULL;
  entry->armed = false;
}

/// Marks the scopes whose deadline has passed. Returns whether any scope must stop.
static bool must_stop(void) {
  bool stop = false;
  int64_t now = 0;
  for (vtl_scope *scope = scopes; scope; scope = scope->outer) {
    if (scope->deadline && !now) now = vty_now();
    if (scope->deadline && now >= scope->deadline) {
      int running = VTL_RUNNING;
      atomic_compare_exchange_strong(&scope->stop, &running, VTL_DEADLINE);
    }
    stop |= atomic_load(&scope->stop) != VTL_RUNNING;
  }
  return stop;
}

static void arm_all(void) {
  if (!must_stop()) return;
  __atomic_store_n(&stop_flag, 1, __ATOMIC_RELAXED);
  for (vtl_entry *entry = innermost; entry; entry = entry->outer) arm(entry);
}

static void begin_busy(void) {
  busy = 1;
  atomic_signal_fence(memory_order_seq_cst);
}

static void end_busy(void) {
  atomic_signal_fence(memory_order_seq_cst);
  busy = 0;
  atomic_signal_fence(memory_order_seq_cst);
  if (!missed) return;
  missed = 0;
  begin_busy();
  arm_all();
  end_busy();
}

static void handle_signal(int signal) {
  (void)signal;
  if (busy) {
    missed = 1;
    return;
  }
  int saved = errno;
  arm_all();
  errno = saved;
}

/// Installed without SA_RESTART, so that a blocking read ends as well.
static void install_handler(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGURG, &action, NULL);
}

void vtl_enter(vtl_entry *entry, lua_State *L) {
  entry->L = L;
  entry->outer = innermost;
  entry->hook = NULL;
  entry->armed = false;
  atomic_signal_fence(memory_order_seq_cst);
  innermost = entry;
  atomic_signal_fence(memory_order_seq_cst);
  // A stop that was requested before this entry existed did not set its hook.
  if (scopes && vtl_stopped() != VTL_RUNNING) {
    begin_busy();
    arm(entry);
    end_busy();
  }
}

void vtl_leave(vtl_entry *entry) {
  atomic_signal_fence(memory_order_seq_cst);
  innermost = entry->outer;
  atomic_signal_fence(memory_order_seq_cst);
  if (!entry->armed) return;
  // A coroutine that survives keeps its own hook; outer entries remain stopped.
  begin_busy();
  disarm(entry);
  arm_all();
  end_busy();
}

/// Signals the scope's thread at `deadline` (0: now) and repeatedly after that, because the first
/// signal may arrive while no Lua code runs.
static bool start_timer(vtl_scope *scope, int64_t deadline) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGURG;
  event.sigev_notify_thread_id = scope->thread;
  if (!scope->timed && timer_create(CLOCK_MONOTONIC, &event, &scope->timer) != 0) return false;
  scope->timed = true;
  if (!deadline) deadline = 1;  // 0 would disarm the timer
  struct itimerspec when = {
      .it_value = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000},
      .it_interval = {.tv_sec = 0, .tv_nsec = REPEAT},
  };
  return timer_settime(scope->timer, TIMER_ABSTIME, &when, NULL) == 0;
}

uint64_t vtl_scope_number(void) { return scope_number; }

vtl_scope *vtl_scope_open(int64_t deadline) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  vtl_scope *scope = calloc(1, sizeof *scope);
  if (!scope) return NULL;
  pthread_once(&once, install_handler);
  // Threads of a dispatch pool have all signals blocked.
  sigset_t urgent, before;
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  pthread_sigmask(SIG_UNBLOCK, &urgent, &before);
  scope->blocked = sigismember(&before, SIGURG) == 1;
  scope->deadline = deadline;
  scope->number = ++scope_number;
  scope->thread = (pid_t)syscall(SYS_gettid);
  scope->outer = scopes;
  atomic_signal_fence(memory_order_seq_cst);
  scopes = scope;
  atomic_signal_fence(memory_order_seq_cst);
  if (deadline && !start_timer(scope, deadline)) {
    int error = errno;
    vtl_scope_close(scope);
    errno = error;
    return NULL;
  }
  return scope;
}

vtl_stop vtl_scope_close(vtl_scope *scope) {
  if (scope->timed) timer_delete(scope->timer);
  begin_busy();
  scopes = scope->outer;
  // If no outer scope is stopped, the code that follows runs without a hook.
  if (vtl_stopped() == VTL_RUNNING)
    for (vtl_entry *entry = innermost; entry; entry = entry->outer)
      if (entry->armed) disarm(entry);
  end_busy();
  if (scope->blocked) {
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    pthread_sigmask(SIG_BLOCK, &urgent, NULL);
  }
  vtl_stop stop = atomic_load(&scope->stop);
  uint64_t number = scope->number;
  free(scope);
  if (stop != VTL_RUNNING) vtl_end_programs_since(number);
  return stop;
}

void vtl_scope_cancel(vtl_scope *scope) {
  int running = VTL_RUNNING;
  if (!atomic_compare_exchange_strong(&scope->stop, &running, VTL_CANCELLED)) return;
  // Without a timer, one signal must be enough.
  if (!start_timer(scope, 0)) syscall(SYS_tgkill, getpid(), scope->thread, SIGURG);
}

uint64_t vtl_error_keep(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stopped_key);
  lua_pushvalue(L, -2);
  lua_setiuservalue(L, -2, 1);
  lua_settop(L, -2);
  return ++vtl_guard_of(L)->error_ticket;
}

bool vtl_error_push(lua_State *L, uint64_t ticket) {
  if (vtl_guard_of(L)->error_ticket != ticket) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stopped_key);
  lua_getiuservalue(L, -1, 1);
  lua_remove(L, -2);
  return true;
}

void vtl_hook_entries(lua_Hook hook) {
  for (vtl_entry *entry = innermost; entry; entry = entry->outer)
    if (lua_gethook(entry->L) != stop_hook) lua_sethook(entry->L, hook, LUA_MASKCOUNT, 1);
}

bool vtl_error_kept(lua_State *L, uint64_t ticket) {
  if (!vtl_error_push(L, ticket)) return false;
  bool same = lua_rawequal(L, -1, -2);
  lua_settop(L, -2);
  return same;
}
