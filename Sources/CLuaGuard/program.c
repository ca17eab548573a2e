// SPDX-License-Identifier: BSD-3-Clause
//
// `os.execute` and `io.popen` that obey stops.
//
// They behave as the manual specifies. Lua's own functions wait in C's `system` and `pclose`, which
// no signal ends, and leave the program running when the caller is stopped.

#define _GNU_SOURCE
#include <Processes.h>
#include <Programs.h>
#include <Threads.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"

enum {
  SLICE = 100000000,        ///< nanoseconds between two looks for a stop
  LAST_MOMENT = 500000000,  ///< nanoseconds from the end of a program's output to its own end
};

/// A running command, and the value of io.popen.
struct program {
  luaL_Stream stream;  ///< first: Lua's functions for files use it
  vty_program process;
  char *command;
  char source[256];
  int line;
  vtl_guard *guard;
  pthread_t thread;
  uint64_t scope;  ///< the scope of the thread that was opened last before the start
  bool is_ended_by_stop, is_reported;
  struct program *previous, *next;
};

/// A process group that a program of a task has left in the background.
struct background {
  int slot;
  vtl_guard *guard;
  pthread_t thread;
  uint64_t scope;
  struct background *next;
};

/// Guards the lists. Each program belongs to the thread of its state.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct program *programs;
static struct background *backgrounds;

/// The place of the Lua code that called the running C function.
static void find_place(lua_State *L, struct program *program) {
  program->line = -1;
  lua_Debug ar;
  for (int level = 1; level < 16 && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0) continue;
    program->line = ar.currentline;
    size_t length = strnlen(ar.source, sizeof program->source - 1);
    memcpy(program->source, ar.source, length);
    return;
  }
}

static void report(struct program *program, int signal) {
  vtl_guard *guard = program->guard;
  guard->program_started = true;
  if (signal && !guard->program_signal) {
    guard->program_signal = signal;
    guard->program_line = program->line;
    snprintf(guard->program_command, sizeof guard->program_command, "%s",
             program->command ? program->command : "");
    memcpy(guard->program_source, program->source, sizeof guard->program_source);
  }
  if (!guard->program_observer) return;
  vtl_program about = {program->command ? program->command : "", program->source, program->line,
                       signal};
  guard->program_observer(guard->program_context, &about);
}

/// Starts a command. Returns an error number, or 0.
static int start(lua_State *L, struct program *program, const char *command, int input,
                 int output) {
  program->guard = vtl_guard_of(L);
  program->thread = pthread_self();
  program->scope = vtl_scope_number();
  program->command = strdup(command);
  if (!program->command) return ENOMEM;
  find_place(L, program);
  program->process.is_task = program->guard->ends_programs;
  int status = vty_program_start(&program->process, command, input, output);
  if (status) {
    free(program->command);
    program->command = NULL;
    return status;
  }
  pthread_mutex_lock(&lock);
  program->next = programs;
  if (programs) programs->previous = program;
  programs = program;
  pthread_mutex_unlock(&lock);
  report(program, 0);
  return 0;
}

/// Reports the end of the program if a signal was the cause.
static void report_end(struct program *program) {
  int status = program->process.status;
  if (!program->process.ended || program->is_reported || !WIFSIGNALED(status)) return;
  program->is_reported = true;
  if (!program->is_ended_by_stop && WTERMSIG(status) != SIGPIPE)
    report(program, WTERMSIG(status));
}

bool vtl_must_stop(lua_State *L) {
  return vtl_stopped() != VTL_RUNNING || vtl_is_interrupted(L);
}

static void end(struct program **ending, int count) {
  vty_program *processes[64];
  for (int first = 0; first < count; first += 64) {
    int more = count - first < 64 ? count - first : 64;
    for (int i = 0; i < more; i++) {
      ending[first + i]->is_ended_by_stop = true;
      processes[i] = &ending[first + i]->process;
    }
    vty_programs_end(processes, more);
  }
}

/// Keeps what a program has left in the background, and forgets what has ended.
static void keep_background(struct program *program) {
  if (program->process.slot < 0) return;
  struct background *left = malloc(sizeof *left);
  if (!left) {
    vty_backgrounds_end(&program->process.slot, 1);
    return;
  }
  *left = (struct background){program->process.slot, program->guard, program->thread,
                              program->scope, NULL};
  pthread_mutex_lock(&lock);
  left->next = backgrounds;
  backgrounds = left;
  for (struct background **at = &left->next; *at;) {
    struct background *other = *at;
    if (vty_background_runs(other->slot)) {
      at = &other->next;
      continue;
    }
    vty_backgrounds_end(&other->slot, 1);
    *at = other->next;
    free(other);
  }
  pthread_mutex_unlock(&lock);
}

/// Waits for the end of a program, and forgets it. A stop ends the program.
static void finish(lua_State *L, struct program *program) {
  while (!program->process.ended) {
    if (vtl_must_stop(L)) {
      end(&program, 1);
      break;
    }
    vty_program_wait(&program->process, vty_now() + SLICE);
  }
  pthread_mutex_lock(&lock);
  if (program->previous) program->previous->next = program->next;
  else programs = program->next;
  if (program->next) program->next->previous = program->previous;
  pthread_mutex_unlock(&lock);
  keep_background(program);
  report_end(program);
  bool was_interrupted = program->process.had_terminal && program->process.ended &&
                         WIFSIGNALED(program->process.status) &&
                         WTERMSIG(program->process.status) == SIGINT;
  free(program->command);
  program->command = NULL;
  if (!was_interrupted || program->is_ended_by_stop) return;
  // Ctrl-C went to the program, which had the terminal, and is meant for this process, too.
  kill(0, SIGINT);
  int64_t deadline = vty_now() + 2 * LAST_MOMENT;
  while (!vtl_must_stop(L) && vty_now() < deadline) poll(NULL, 0, 1);
}

/// Pushes the three results of os.execute and of closing a program.
static int push_end(lua_State *L, const struct program *program) {
  int status = program->process.ended ? program->process.status : SIGKILL;
  bool is_signal = WIFSIGNALED(status);
  int code = is_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  if (!is_signal && code == 0) lua_pushboolean(L, 1);
  else lua_pushnil(L);
  lua_pushstring(L, is_signal ? "signal" : "exit");
  lua_pushinteger(L, code);
  return 3;
}

static int execute(lua_State *L) {
  const char *command = luaL_optstring(L, 1, NULL);
  if (!command) {
    lua_pushboolean(L, access("/bin/sh", X_OK) == 0);
    return 1;
  }
  struct program program;
  memset(&program, 0, sizeof program);
  if (start(L, &program, command, -1, -1) != 0) {  // as if the shell had ended with this code
    lua_pushnil(L);
    lua_pushliteral(L, "exit");
    lua_pushinteger(L, 127);
    return 3;
  }
  finish(L, &program);
  if (vtl_stopped() != VTL_RUNNING) return vtl_raise_stop(L);
  return push_end(L, &program);
}

/// Closes the value of io.popen.
static int close_program(lua_State *L) {
  struct program *program = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  // While it is stopped, its input may be full, and nothing reads it.
  if (vtl_must_stop(L) && !program->process.ended) {
    struct program *ending = program;
    end(&ending, 1);
  }
  fclose(program->stream.f);
  program->stream.f = NULL;
  finish(L, program);
  return push_end(L, program);
}

/// Flushes all files, as io.popen of Lua does. That would wait for a file which another thread
/// reads, so that beside other states only the standard files are flushed.
static void flush_files(void) {
  if (vtl_open_states() == 1) {
    fflush(NULL);
    return;
  }
  fflush(stdout);
  fflush(stderr);
}

static int open_program(lua_State *L) {
  const char *command = luaL_checkstring(L, 1);
  const char *mode = luaL_optstring(L, 2, "r");
  luaL_argcheck(L, (mode[0] == 'r' || mode[0] == 'w') && !mode[1], 2, "invalid mode");
  bool reads = mode[0] == 'r';
  struct program *program = lua_newuserdatauv(L, sizeof *program, 0);
  memset(program, 0, sizeof *program);  // without a function to close it, it is closed
  luaL_setmetatable(L, LUA_FILEHANDLE);
  flush_files();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return luaL_fileresult(L, 0, command);
  int own = ends[reads ? 0 : 1], other = ends[reads ? 1 : 0];
  FILE *file = fdopen(own, mode);
  int status = file ? 0 : errno;
  if (!status) status = start(L, program, command, reads ? -1 : other, reads ? other : -1);
  close(other);
  if (status) {
    if (file) fclose(file);
    else close(own);
    errno = status;
    return luaL_fileresult(L, 0, command);
  }
  program->stream.f = file;
  program->stream.closef = close_program;
  return 1;
}

void vtl_programs_open(lua_State *L) {
  if (lua_getglobal(L, LUA_OSLIBNAME) == LUA_TTABLE) {
    lua_pushcfunction(L, execute);
    lua_setfield(L, -2, "execute");
  }
  if (lua_getglobal(L, LUA_IOLIBNAME) == LUA_TTABLE) {
    lua_pushcfunction(L, open_program);
    lua_setfield(L, -2, "popen");
  }
  lua_settop(L, -3);
}

// MARK: All programs of a scope or a state

/// Collects the programs of this thread that run. The caller frees the list.
static struct program **collect(const vtl_guard *guard, uint64_t scope, int *count) {
  *count = 0;
  struct program **found = NULL;
  pthread_mutex_lock(&lock);
  int most = 0;
  for (struct program *program = programs; program; program = program->next) most++;
  if (most) found = malloc((size_t)most * sizeof *found);
  for (struct program *program = programs; found && program; program = program->next)
    if (!program->process.ended && pthread_equal(program->thread, pthread_self()) &&
        program->scope >= scope && (!guard || program->guard == guard))
      found[(*count)++] = program;
  pthread_mutex_unlock(&lock);
  return found;
}

/// Ends what programs of this thread have left in the background.
static void end_backgrounds(const vtl_guard *guard, uint64_t scope) {
  int slots[64], count;
  do {
    count = 0;
    pthread_mutex_lock(&lock);
    for (struct background **at = &backgrounds; *at && count < 64;) {
      struct background *left = *at;
      if (!pthread_equal(left->thread, pthread_self()) || left->scope < scope ||
          (guard && left->guard != guard)) {
        at = &left->next;
        continue;
      }
      slots[count++] = left->slot;
      *at = left->next;
      free(left);
    }
    pthread_mutex_unlock(&lock);
    if (count) vty_backgrounds_end(slots, count);
  } while (count == 64);
}

static void end_all(const vtl_guard *guard, uint64_t scope) {
  int count;
  struct program **found = collect(guard, scope, &count);
  if (count) end(found, count);
  free(found);
  end_backgrounds(guard, scope);
}

void vtl_end_programs_since(uint64_t scope) { end_all(NULL, scope); }

void vtl_end_programs_of(lua_State *L) { end_all(vtl_guard_of(L), 0); }

void vtl_end_backgrounds_of(lua_State *L) { end_backgrounds(vtl_guard_of(L), 0); }

void vtl_own_programs(lua_State *L) { vtl_guard_of(L)->ends_programs = true; }

void vtl_forget_programs(lua_State *L) { vtl_guard_of(L)->program_signal = 0; }

void vtl_check_programs(lua_State *L) {
  vtl_guard *guard = vtl_guard_of(L);
  if (!guard->program_started) return;
  vtl_settle_programs(L);
  if (!guard->program_signal) return;
  if (guard->program_line >= 0 && guard->program_source[0] == '@')
    lua_pushfstring(L, "%s:%d: ", guard->program_source + 1, guard->program_line);
  else
    lua_pushliteral(L, "");
  // One line of at most 80 bytes, and no part of a character.
  char command[84];
  snprintf(command, sizeof command, "%s", guard->program_command);
  if (strlen(command) > 80) {
    int end = 77;
    while (end > 0 && ((unsigned char)command[end] & 0xC0) == 0x80) end--;
    memcpy(command + end, "\xE2\x80\xA6", 4);
  }
  for (char *at = command; *at; at++)
    if (*at == '\n' || *at == '\r') *at = ' ';
  const char *name = vty_signal_name(guard->program_signal);
  if (name)
    lua_pushfstring(L, "the program `%s` was ended by %s; its output may be incomplete", command,
                    name);
  else
    lua_pushfstring(L, "the program `%s` was ended by signal %d; its output may be incomplete",
                    command, guard->program_signal);
  guard->program_signal = 0;
  lua_concat(L, 2);
  lua_error(L);
}

static int check_programs(lua_State *L) {
  vtl_check_programs(L);
  return 0;
}

int vtl_programs_checked(lua_State *L) {
  if (!lua_checkstack(L, 1)) return VTL_ERRSTACK;
  lua_pushcfunction(L, check_programs);
  return lua_pcall(L, 0, 0, 0);
}

void vtl_settle_programs(lua_State *L) {
  int count;
  struct program **found = collect(vtl_guard_of(L), 0, &count);
  for (int i = 0; i < count; i++) {
    bool is_read = found[i]->stream.f && feof(found[i]->stream.f);
    int64_t deadline = vty_now() + (is_read ? LAST_MOMENT : 0);
    // Only the number of the signal is kept: closing it gives the results.
    while (!vty_program_wait(&found[i]->process, deadline))
      if (vty_now() >= deadline || vtl_must_stop(L)) break;
    report_end(found[i]);
  }
  if (!count) vtl_guard_of(L)->program_started = false;
  free(found);
}
