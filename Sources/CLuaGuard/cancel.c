// SPDX-License-Identifier: BSD-3-Clause
//
// Stopping Lua code that does not want to stop.
//
// No hook is set while nothing is wrong. To stop an evaluation its scope is marked, and SIGURG
// goes to the thread that runs it. The handler sets a count hook on every Lua thread that this
// system thread is inside of, from the running coroutine out to where Swift entered. The hook
// raises at each instruction, so that no handler or __close in Lua can swallow it, and pcall and
// coroutine.resume (protected.c, coroutine.c) raise again what they caught. Functions written in
// C still run to their end: what a host object's __close does to tidy up is done.
//
// The signal repeats until the scope is closed: Lua forbids hooks again for each finalizer, and
// a script's own debug.sethook may come in between.
//
// Scopes belong to the system thread, not to a state: a state that runs inside a function of
// another one stops with it.
//
// SIGURG is ignored by default, so a signal that comes late does no harm.

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

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/// Every how many nanoseconds a stop is repeated.
enum { REPEAT = 5000000 };

/// What this thread is inside of, innermost first. Only this thread writes the lists; its signal
/// handler reads them.
static _Thread_local vtl_entry *volatile innermost;
static _Thread_local vtl_scope *volatile scopes;

/// Hooks are being taken away: a signal that comes meanwhile is served afterwards.
static _Thread_local volatile sig_atomic_t busy, missed;

/// Registry key of the value that a stopped evaluation raises. Its user value is the error kept
/// by vtl_error_keep: that is set without an allocation, whatever the value.
static const char stopped_key;

// Lua allows no hook inside a hook, a message handler that runs because a hook raised, and a
// __gc metamethod. An endless loop there would be out of reach, so the flag is set back. It has
// no name in lua.h, but one place in every Lua 5.4: after GCObject's next, tt and marked, and
// status. The place is checked with the very library that was loaded; where it is not as
// expected, it is left alone and such loops are not stopped.
enum { ALLOW_HOOK = sizeof(void *) + 3 };
static _Atomic(int) allow_hook_found;

static volatile unsigned char *allow_hook(lua_State *L) {
  return (volatile unsigned char *)L + ALLOW_HOOK;
}

static void permit_hooks(lua_State *L) {
  if (atomic_load_explicit(&allow_hook_found, memory_order_relaxed)) *allow_hook(L) = 1;
}

static void probe_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  if (*allow_hook(L) == 0) atomic_store(&allow_hook_found, 1);
}

static int do_nothing(lua_State *L) {
  (void)L;
  return 0;
}

static void find_allow_hook(lua_State *L) {
  if (atomic_load(&allow_hook_found) || *allow_hook(L) != 1) return;
  lua_sethook(L, probe_hook, LUA_MASKCALL, 0);
  lua_pushcfunction(L, do_nothing);
  lua_call(L, 0, 0);
  lua_sethook(L, NULL, 0, 0);
}

static int describe_stop(lua_State *L) {
  vtl_stop stop = vtl_stopped();
  lua_pushstring(L, stop == VTL_DEADLINE ? "timed out" : "cancelled");
  return 1;
}

void vtl_cancel_prepare(lua_State *L) {
  find_allow_hook(L);
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

int64_t vtl_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

vtl_stop vtl_stopped(void) {
  vtl_stop stop = VTL_RUNNING;
  for (vtl_scope *scope = scopes; scope; scope = scope->outer) {
    int own = atomic_load_explicit(&scope->stop, memory_order_relaxed);
    if (own != VTL_RUNNING) stop = own;  // the outermost has the last word
  }
  return stop;
}

int vtl_raise_stop(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stopped_key);
  permit_hooks(L);
  return lua_error(L);
}

/// Raises in whatever runs, again and again until the scope is closed.
static void stop_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  if (vtl_stopped() != VTL_RUNNING) vtl_raise_stop(L);
  lua_sethook(L, NULL, 0, 0);  // a coroutine that was made meanwhile: it inherits the hook
}

/// Async-signal-safe: lua_sethook is meant to be called from a handler.
static void arm(vtl_entry *entry) {
  lua_State *L = entry->L;
  lua_Hook hook = lua_gethook(L);
  if (hook != stop_hook) {
    entry->hook = hook;
    entry->mask = lua_gethookmask(L);
    entry->count = lua_gethookcount(L);
  }
  entry->armed = true;
  // Also where it is set already: the signal may have come in the middle of another sethook.
  lua_sethook(L, stop_hook, LUA_MASKCOUNT, 1);
  permit_hooks(L);
}

/// Gives the script its own hook back. `busy` is set.
static void disarm(vtl_entry *entry) {
  if (lua_gethook(entry->L) == stop_hook)
    lua_sethook(entry->L, entry->hook, entry->mask, entry->count);
  entry->hook = NULL;
  entry->armed = false;
}

/// Marks the scopes whose deadline has come, and tells whether any has to stop.
static bool must_stop(void) {
  bool stop = false;
  int64_t now = 0;
  for (vtl_scope *scope = scopes; scope; scope = scope->outer) {
    if (scope->deadline && !now) now = vtl_now();
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

/// Without SA_RESTART, so that a blocking read ends too.
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
  // A request that came before this entry could not see it.
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
  // A coroutine that lives on does so with its own hook; further out the stop goes on.
  begin_busy();
  disarm(entry);
  arm_all();
  end_busy();
}

/// Signals the scope's thread at `deadline` (or now, for 0) and on, for a signal that finds
/// nothing running is not the last.
static bool start_timer(vtl_scope *scope, int64_t deadline) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGURG;
  event.sigev_notify_thread_id = scope->thread;
  if (!scope->timed && timer_create(CLOCK_MONOTONIC, &event, &scope->timer) != 0) return false;
  scope->timed = true;
  if (!deadline) deadline = 1;  // 0 would disarm
  struct itimerspec when = {
      .it_value = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000},
      .it_interval = {.tv_sec = 0, .tv_nsec = REPEAT},
  };
  return timer_settime(scope->timer, TIMER_ABSTIME, &when, NULL) == 0;
}

vtl_scope *vtl_scope_open(int64_t deadline) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  vtl_scope *scope = calloc(1, sizeof *scope);
  if (!scope) return NULL;
  pthread_once(&once, install_handler);
  // Threads of a dispatch pool come with every signal blocked.
  sigset_t urgent, before;
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  pthread_sigmask(SIG_UNBLOCK, &urgent, &before);
  scope->blocked = sigismember(&before, SIGURG) == 1;
  scope->deadline = deadline;
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
  // Where nothing else has to stop, what comes next starts without a hook.
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
  free(scope);
  return stop;
}

void vtl_scope_cancel(vtl_scope *scope) {
  int running = VTL_RUNNING;
  if (!atomic_compare_exchange_strong(&scope->stop, &running, VTL_CANCELLED)) return;
  // Without a timer, once has to be enough.
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
