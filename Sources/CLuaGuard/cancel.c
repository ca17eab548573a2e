// SPDX-License-Identifier: BSD-3-Clause
//
// Stopping Lua code that does not want to stop.
//
// No hook is set while nothing is wrong. To stop an evaluation its scope is marked, and SIGURG
// goes to the thread that runs it. The handler sets a count hook on every Lua thread that this
// system thread is inside of, from the running coroutine out to where Swift entered. The hook
// raises at each instruction, so that no pcall, handler or __close in Lua can swallow it; when
// the scope is gone the hook removes itself. Functions written in C still run to their end:
// what a host object's __close does to tidy up is done.
//
// SIGURG is ignored by default, so a signal that comes late does no harm.

#include <errno.h>
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

/// Innermost entry of this thread. Only this thread writes it; its signal handler reads it.
static _Thread_local vtl_entry *volatile innermost;

/// Registry keys.
static const char stopped_key, kept_key;

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
  vtl_stop stop = vtl_stopped(L);
  lua_pushstring(L, stop == VTL_DEADLINE ? "timed out" : "cancelled");
  return 1;
}

void vtl_cancel_prepare(lua_State *L) {
  find_allow_hook(L);
  lua_newuserdatauv(L, 0, 0);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, describe_stop);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "cancellation");
  lua_setfield(L, -2, "__name");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &stopped_key);
  lua_pushboolean(L, 0);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kept_key);
}

int64_t vtl_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

vtl_stop vtl_stopped(lua_State *L) {
  vtl_stop stop = VTL_RUNNING;
  for (vtl_scope *scope = vtl_guard_of(L)->scopes; scope; scope = scope->outer) {
    int own = atomic_load_explicit(&scope->stop, memory_order_relaxed);
    if (own != VTL_RUNNING) stop = own;  // the outermost has the last word
  }
  return stop;
}

/// Raises in whatever runs, again and again until the scope is closed.
static void stop_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  vtl_guard *guard = vtl_guard_of(L);
  if (vtl_stopped(L) == VTL_RUNNING) {
    if (L == guard->main && guard->user_hook)
      lua_sethook(L, guard->user_hook, guard->user_mask, guard->user_count);
    else
      lua_sethook(L, NULL, 0, 0);
    guard->user_hook = NULL;
    return;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stopped_key);
  permit_hooks(L);
  lua_error(L);
}

/// Async-signal-safe: lua_sethook is meant to be called from a handler.
static void arm(lua_State *L) {
  lua_Hook hook = lua_gethook(L);
  if (hook == stop_hook) return;
  vtl_guard *guard = vtl_guard_of(L);
  if (L == guard->main && hook) {
    guard->user_hook = hook;
    guard->user_mask = lua_gethookmask(L);
    guard->user_count = lua_gethookcount(L);
  }
  lua_sethook(L, stop_hook, LUA_MASKCOUNT, 1);
  permit_hooks(L);
}

static bool must_stop(vtl_guard *guard, int64_t now) {
  bool stop = false;
  for (vtl_scope *scope = guard->scopes; scope; scope = scope->outer) {
    if (scope->deadline && now >= scope->deadline) {
      int running = VTL_RUNNING;
      atomic_compare_exchange_strong(&scope->stop, &running, VTL_DEADLINE);
    }
    stop |= atomic_load(&scope->stop) != VTL_RUNNING;
  }
  return stop;
}

static void arm_all(void) {
  int64_t now = vtl_now();
  for (vtl_entry *entry = innermost; entry; entry = entry->outer)
    if (must_stop(vtl_guard_of(entry->L), now)) arm(entry->L);
}

static void handle_signal(int signal) {
  (void)signal;
  int saved = errno;
  arm_all();
  errno = saved;
}

/// Installs the handler once per process. Without SA_RESTART, so that a blocking read ends too.
static void install_handler(void) {
  static _Atomic(int) installed;
  if (atomic_exchange(&installed, 1)) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGURG, &action, NULL);
}

void vtl_enter(vtl_entry *entry, lua_State *L) {
  entry->L = L;
  entry->outer = innermost;
  atomic_signal_fence(memory_order_seq_cst);
  innermost = entry;
  atomic_signal_fence(memory_order_seq_cst);
  // A request that came before this entry could not see it.
  if (vtl_guard_of(L)->scopes && vtl_stopped(L) != VTL_RUNNING) arm(L);
}

void vtl_leave(vtl_entry *entry) {
  atomic_signal_fence(memory_order_seq_cst);
  innermost = entry->outer;
}

/// A timer that signals this thread at the deadline. The interval repeats the signal: one that
/// finds nothing running is not the last.
static bool start_timer(vtl_scope *scope) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGURG;
  event.sigev_notify_thread_id = scope->thread;
  if (timer_create(CLOCK_MONOTONIC, &event, &scope->timer) != 0) return false;
  struct itimerspec when = {
      .it_value = {.tv_sec = scope->deadline / 1000000000,
                   .tv_nsec = scope->deadline % 1000000000},
      .it_interval = {.tv_sec = 0, .tv_nsec = 20000000},
  };
  return timer_settime(scope->timer, TIMER_ABSTIME, &when, NULL) == 0;
}

vtl_scope *vtl_scope_open(lua_State *L, int64_t deadline) {
  vtl_scope *scope = calloc(1, sizeof *scope);
  if (!scope) return NULL;
  install_handler();
  // Threads of a dispatch pool come with every signal blocked.
  sigset_t urgent, before;
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  pthread_sigmask(SIG_UNBLOCK, &urgent, &before);
  scope->blocked = sigismember(&before, SIGURG) == 1;
  vtl_guard *guard = vtl_guard_of(L);
  scope->deadline = deadline;
  scope->thread = (pid_t)syscall(SYS_gettid);
  scope->L = L;
  scope->outer = guard->scopes;
  atomic_signal_fence(memory_order_seq_cst);
  guard->scopes = scope;
  atomic_signal_fence(memory_order_seq_cst);
  if (deadline) {
    scope->timed = start_timer(scope);
    if (!scope->timed) {
      int error = errno;
      vtl_scope_close(scope);
      errno = error;
      return NULL;
    }
  }
  return scope;
}

vtl_stop vtl_scope_close(vtl_scope *scope) {
  if (scope->timed) timer_delete(scope->timer);
  vtl_guard *guard = vtl_guard_of(scope->L);
  atomic_signal_fence(memory_order_seq_cst);
  guard->scopes = scope->outer;
  atomic_signal_fence(memory_order_seq_cst);
  // Where nothing else has to stop, the next evaluation starts without a hook.
  for (vtl_entry *entry = innermost; entry; entry = entry->outer) {
    lua_State *L = entry->L;
    if (vtl_guard_of(L) != guard || lua_gethook(L) != stop_hook) continue;
    if (vtl_stopped(L) != VTL_RUNNING) continue;
    if (L == guard->main && guard->user_hook) {
      lua_sethook(L, guard->user_hook, guard->user_mask, guard->user_count);
      guard->user_hook = NULL;
    } else {
      lua_sethook(L, NULL, 0, 0);
    }
  }
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
  atomic_compare_exchange_strong(&scope->stop, &running, VTL_CANCELLED);
  syscall(SYS_tgkill, getpid(), scope->thread, SIGURG);
}

uint64_t vtl_error_keep(lua_State *L) {
  // The key has been there since the state was opened: nothing is allocated.
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kept_key);
  return ++vtl_guard_of(L)->error_ticket;
}

bool vtl_error_push(lua_State *L, uint64_t ticket) {
  if (vtl_guard_of(L)->error_ticket != ticket) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kept_key);
  return true;
}

void vtl_hook_entries(lua_Hook hook) {
  for (vtl_entry *entry = innermost; entry; entry = entry->outer)
    if (lua_gethook(entry->L) != stop_hook) lua_sethook(entry->L, hook, LUA_MASKCOUNT, 1);
}
