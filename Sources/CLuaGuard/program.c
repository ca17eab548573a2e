// SPDX-License-Identifier: BSD-3-Clause
//
// `os.execute` and `io.popen` that obey stops.
//
// They behave as the manual specifies. Lua's own functions wait in C's `system` and `pclose`, which
// no signal ends, and leave the program running when the caller is stopped.

#define _GNU_SOURCE
#include <Processes.h>
#include <Programs.h>
#include <Sandbox.h>
#include <Threads.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program_list.h"

/// Starts a command. Returns an error number, or 0.
static int start(lua_State *L, struct program *program, const char *command, int input,
                 int output) {
  vtl_program_prepare(L, program);
  program->command = strdup(command);
  if (!program->command) return ENOMEM;
  program->process.is_task = program->guard->ends_programs;
  int status = vty_program_start(&program->process, command, input, output);
  if (status) {
    free(program->command);
    program->command = NULL;
    return status;
  }
  vtl_program_add(program);
  vtl_program_report(program, 0);
  return 0;
}

/// Waits for the end of a program, and forgets it. A stop ends the program.
static void finish(lua_State *L, struct program *program) {
  while (!program->process.ended) {
    if (vtl_must_stop(L)) {
      vtl_programs_end(&program, 1);
      break;
    }
    vty_program_wait(&program->process, vty_now() + VTL_SLICE);
  }
  vtl_program_remove(program);
  vtl_program_report_end(program);
  free(program->command);
  program->command = NULL;
  vtl_program_pass_interrupt(L, program);
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

static void check_sandbox(lua_State *L, const char *function) {
  if (vty_sandbox_refuses_programs())
    luaL_error(L, "%s: the sandbox of this run starts no programs; --allow-programs allows them",
               function);
}

static int execute(lua_State *L) {
  check_sandbox(L, "os.execute");
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
    vtl_programs_end(&ending, 1);
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
  check_sandbox(L, "io.popen");
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
