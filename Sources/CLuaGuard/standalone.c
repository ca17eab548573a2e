// SPDX-License-Identifier: BSD-3-Clause
//
// Calls of scripts, Ctrl-C, and the standard streams.

#include "Standalone.h"

#include <errno.h>
#include <Programs.h>
#include <Secrets.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"

// MARK: Ctrl-C

/// The thread that runs the script; a signal may arrive on any thread of the process.
static pthread_t script_thread;

static void interrupted(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  // Ctrl-C would have ended them if they were in the process group of this program.
  vtl_end_programs_of(L);
  luaL_error(L, "interrupted!");
}

static void set_action(void (*action)(int)) {
  struct sigaction set;
  memset(&set, 0, sizeof set);
  set.sa_handler = action;
  sigemptyset(&set.sa_mask);
  sigaction(SIGINT, &set, NULL);  // without SA_RESTART: a blocking read ends as well
}

/// Unlike `lua`, which sets the hook for the main coroutine only, sets it for every active
/// coroutine: a loop inside a coroutine would not be interrupted otherwise.
static void handle_interrupt(int signal) {
  int saved = errno;
  if (pthread_equal(pthread_self(), script_thread)) {
    vty_signal_default(SIGINT);
    vtl_hook_entries(interrupted);
  } else {
    pthread_kill(script_thread, signal);
  }
  errno = saved;
}

bool vtl_is_interrupted(lua_State *L) { return lua_gethook(L) == interrupted; }

bool vtl_take_interrupt(lua_State *L) {
  if (!vtl_is_interrupted(L)) return false;
  lua_sethook(L, NULL, 0, 0);
  return true;
}

// MARK: Calls

/// The message handler: returns the message with a traceback.
static int explain(lua_State *L) {
  if (lua_gethook(L) == interrupted) lua_sethook(L, NULL, 0, 0);
  if (!lua_isstring(L, 1)) {
    // The description of an object with __tostring gets no traceback.
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    lua_replace(L, 1);
  }
  luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

int vtl_call_script(lua_State *L, int arguments, int results) {
  int function = lua_gettop(L) - arguments;
  if (!lua_checkstack(L, 2)) {
    lua_settop(L, function - 1);
    return VTL_ERRSTACK;
  }
  lua_pushcfunction(L, explain);
  lua_insert(L, function);
  script_thread = pthread_self();
  set_action(handle_interrupt);
  int status = lua_pcall(L, arguments, results, function);
  vty_signal_default(SIGINT);
  // A signal that arrived too late must not affect the next call.
  if (lua_gethook(L) == interrupted) {
    lua_sethook(L, NULL, 0, 0);
    vtl_end_programs_of(L);
  }
  lua_remove(L, function);
  return status;
}

// MARK: Streams

// The loaded library may be another one than that of the headers. It says its release in `lua_ident`:
// "$LuaVersion: Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio $$LuaAuthors: ...".

static char release[32] = LUA_RELEASE;
static char copyright[128];

static void read_release(void) {
  snprintf(copyright, sizeof copyright, "%s", &LUA_COPYRIGHT[sizeof LUA_RELEASE - 1]);
  static const char start[] = "$LuaVersion: ", middle[] = "  Copyright";
  if (strncmp(lua_ident, start, sizeof start - 1) != 0) return;
  const char *name = &lua_ident[sizeof start - 1];
  const char *rest = strstr(name, middle), *end = strchr(name, '$');
  if (!rest || !end || rest > end || (size_t)(rest - name) >= sizeof release) return;
  snprintf(release, sizeof release, "%.*s", (int)(rest - name), name);
  while (end > rest && end[-1] == ' ') end--;
  snprintf(copyright, sizeof copyright, "%.*s", (int)(end - rest), rest);
}

static pthread_once_t once_release = PTHREAD_ONCE_INIT;

const char *vtl_lua_release(void) {
  pthread_once(&once_release, read_release);
  return release;
}

const char *vtl_lua_copyright(void) {
  vtl_lua_release();
  return copyright;
}

/// Writes a text to a standard stream, without secrets.
static void write_masked(const char *bytes, size_t length, FILE *file) {
  size_t count = 0;
  char *masked = vty_secrets_mask(bytes, length, &count);
  fwrite(masked ? masked : bytes, 1, masked ? count : length, file);
  free(masked);
}

void vtl_report(const char *program, const char *text) {
  if (program) fprintf(stderr, "%s: ", program);
  write_masked(text, strlen(text), stderr);
  fputc('\n', stderr);
  fflush(stderr);
}

void vtl_print_warning(const char *piece, bool is_first, bool is_last) {
  if (is_first) fputs("Lua warning: ", stderr);
  write_masked(piece, strlen(piece), stderr);
  if (is_last) fputc('\n', stderr);
  fflush(stderr);
}

void vtl_write(const char *bytes, size_t length) {
  write_masked(bytes, length, stdout);
  fflush(stdout);
}

bool vtl_has_buffered_input(void) {
#ifdef __GLIBC__
  return stdin->_IO_read_ptr < stdin->_IO_read_end;
#else
  return false;
#endif
}

char *vtl_read_line(size_t *length, bool *interrupted) {
  char *line = NULL;
  size_t room = 0;
  ssize_t count = getline(&line, &room, stdin);
  *interrupted = count < 0 && ferror(stdin) && errno == EINTR;
  if (count < 0) {
    if (*interrupted) clearerr(stdin);
    free(line);
    return NULL;
  }
  if (count > 0 && line[count - 1] == '\n') line[--count] = '\0';
  *length = (size_t)count;
  return line;
}
