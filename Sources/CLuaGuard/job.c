// SPDX-License-Identifier: BSD-3-Clause
//
// Programs of the library `process`: one, or several connected by pipes, without a shell.
//
// `start` returns a job. `step` waits until the job has output, or has ended; between two calls the
// library passes the output on. The job ends with the evaluation that started it.

#define _GNU_SOURCE
#include <Memory.h>
#include <Processes.h>
#include <Sandbox.h>
#include <Threads.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program_list.h"
#include "system.h"

#define JOB "vtlua.job"

enum {
  MOST = 64,                ///< programs of a job
  BLOCK = 1 << 16,          ///< bytes of output that one step returns, of each stream
  LOOK = 20000000,          ///< nanoseconds between two looks for a stop, or for the terminal
  AFTER = 1000000000,       ///< nanoseconds without output after the end, while pipes are open
};

struct job {
  int count;  ///< programs that were started
  int output, errors;  ///< the ends of pipes; -1: closed
  int64_t quiet;       ///< the time of the last output, or of the end of the last program
  bool has_ended, gives_up;
  char *block;
  struct program programs[];
};

static void shut(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

/// Ends the programs that run, with what they have left in the background.
static void end_job(struct job *job) {
  struct program *running[MOST];
  int count = 0;
  for (int i = 0; i < job->count; i++)
    if (!job->programs[i].process.ended) running[count++] = &job->programs[i];
  if (count) vtl_programs_end(running, count);
}

static void close_job(struct job *job) {
  shut(&job->output);
  shut(&job->errors);
  end_job(job);
  for (int i = 0; i < job->count; i++) {
    struct program *program = &job->programs[i];
    if (program->process.slot >= 0) vty_backgrounds_end(&program->process.slot, 1);
    vty_orphan_remove(&program->process.watched);
    vtl_program_remove(program);
  }
  job->count = 0;
  free(job->block);
  job->block = NULL;
}

// MARK: Starting

/// The descriptor of an open file, which is flushed, or is at the position where Lua reads next.
static int descriptor_of(lua_State *L, int index) {
  luaL_Stream *stream = luaL_checkudata(L, index, LUA_FILEHANDLE);
  if (!stream->closef) luaL_error(L, "the file is closed");
  int descriptor = fileno(stream->f);
  off_t position = ftello(stream->f);
  fflush(stream->f);
  if (position >= 0 && (fcntl(descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY)
    lseek(descriptor, position, SEEK_SET);
  return descriptor;
}

/// The strings of a list as an array that ends with NULL. They belong to the list.
static char **strings(lua_State *L, int index, int more) {
  int count = (int)lua_rawlen(L, index);
  char **list = lua_newuserdatauv(L, (size_t)(count + more + 1) * sizeof *list, 0);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, index, i + 1);
    list[i] = (char *)lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  list[count] = NULL;
  return list;
}

static bool is_set(char **changes, const char *entry) {
  size_t length = strcspn(entry, "=");
  for (; *changes; changes++)
    if (strncmp(*changes, entry, length) == 0 && ((*changes)[length] == '=' || !(*changes)[length]))
      return true;
  return false;
}

/// This process's environment with changes: NAME=value sets a variable, and NAME removes it.
static char **environment(lua_State *L, int index) {
  if (lua_isnil(L, index)) return environ;
  int count = 0;
  while (environ[count]) count++;
  char **changes = strings(L, index, 0);
  char **list = strings(L, index, count);
  int next = 0;
  for (char **change = changes; *change; change++)
    if (strchr(*change, '=')) list[next++] = *change;
  for (int i = 0; environ[i] && i < count; i++)
    if (!is_set(changes, environ[i])) list[next++] = environ[i];
  list[next] = NULL;
  return list;
}

/// Starts a program from its description, a table at `index`: the arguments, and the fields `path`,
/// `environment` and `directory`. Leaves values on the stack. Returns an error number, or 0.
static int start_program(lua_State *L, struct job *job, int index, int input, int output,
                         int errors) {
  struct program *program = &job->programs[job->count];
  vtl_program_prepare(L, program);
  program->is_reported = true;  // the library reports the end
  program->process.is_task = program->process.ends_with_owner = true;
  lua_getfield(L, index, "path");
  lua_getfield(L, index, "directory");
  lua_getfield(L, index, "environment");
  int top = lua_gettop(L);
  vty_spawn_options options = {
      .program = lua_tostring(L, top - 2),
      .directory = lua_tostring(L, top - 1),
      .environment = environment(L, top),
      .arguments = strings(L, index, 0),
      .input = input,
      .output = output,
      .errors = errors,
      .channel = -1,
  };
  int status = vty_program_spawn(&program->process, &options);
  if (status) return status;
  job->count++;
  vtl_program_add(program);
  return 0;
}

/// The descriptor of a stream of the program at `index`, or `otherwise` where none is given.
static int stream(lua_State *L, int index, const char *name, int otherwise) {
  int descriptor = otherwise;
  if (lua_getfield(L, index, name) == LUA_TUSERDATA) descriptor = descriptor_of(L, -1);
  lua_pop(L, 1);
  return descriptor;
}

/// Memory with a text, to be read from its start.
static int text_input(const char *text, size_t length) {
  int memory = vty_memory_make(length);
  if (memory < 0) return -1;
  for (size_t at = 0; at < length;) {
    ssize_t count = pwrite(memory, text + at, length - at, (off_t)at);
    if (count <= 0) {
      int error = errno;
      close(memory);
      errno = error;
      return -1;
    }
    at += (size_t)count;
  }
  return memory;
}

/// start(programs, input): returns a job; or nil, an error number and the number of the program that
/// cannot be started.
static int start(lua_State *L) {
  if (vty_sandbox_refuses_programs()) {
    lua_pushliteral(L, "the sandbox of this run starts no programs; --allow-programs allows them");
    return lua_error(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)lua_rawlen(L, 1);
  luaL_argcheck(L, count >= 1 && count <= MOST, 1, "from 1 to 64 programs expected");
  struct job *job =
      lua_newuserdatauv(L, sizeof *job + (size_t)count * sizeof *job->programs, 0);
  memset(job, 0, sizeof *job + (size_t)count * sizeof *job->programs);
  job->output = job->errors = -1;
  luaL_setmetatable(L, JOB);
  int owner = lua_gettop(L);
  fflush(stdout);
  fflush(stderr);

  // Errors below are raised before the first of these is open.
  bool keeps_output = false, keeps_errors = false;
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    int stage = lua_gettop(L);
    stream(L, stage, "stdin", -1);
    if (stream(L, stage, "stdout", -1) < 0 && i == count) keeps_output = true;
    if (lua_getfield(L, stage, "stderr") == LUA_TNIL) keeps_errors = true;
    lua_pop(L, 2);
  }
  luaL_checkstack(L, 16 + 8 * count, NULL);

  int status = 0, failed = 1;
  int output[2] = {-1, -1}, errors[2] = {-1, -1}, text = -1, previous = -1;
  if (keeps_output && vty_pipe(output, false) != 0) status = errno;
  if (!status && keeps_errors && vty_pipe(errors, false) != 0) status = errno;
  if (!status && lua_type(L, 2) == LUA_TSTRING) {
    size_t length;
    const char *bytes = lua_tolstring(L, 2, &length);
    text = text_input(bytes, length);
    if (text < 0) status = errno;
  }
  job->output = output[0];
  job->errors = errors[0];
  for (int i = 1; !status && i <= count; i++) {
    failed = i;
    lua_rawgeti(L, 1, i);
    int stage = lua_gettop(L), between[2] = {-1, -1};
    int given = stream(L, stage, "stdin", i == 1 ? text : previous);
    int out = stream(L, stage, "stdout", output[1]);
    if (i < count) {
      // Both ends block: neither is this process's.
      if (pipe2(between, O_CLOEXEC) != 0) status = errno;
      out = between[1];
    }
    int err = stream(L, stage, "stderr", errors[1]);
    if (lua_getfield(L, stage, "stderr") == LUA_TBOOLEAN) err = out;
    lua_pop(L, 1);
    if (!status) status = start_program(L, job, stage, given, out, err);
    shut(&previous);
    shut(&between[1]);
    previous = between[0];
    lua_settop(L, stage - 1);
  }
  shut(&previous);
  shut(&output[1]);
  shut(&errors[1]);
  shut(&text);
  lua_settop(L, owner);
  if (!status) return 1;
  close_job(job);
  lua_pushnil(L);
  lua_pushinteger(L, status);
  lua_pushinteger(L, failed);
  return 3;
}

// MARK: Waiting

/// Pushes what can be read of a stream; nil for nothing. Closes it at its end.
static bool push_output(lua_State *L, struct job *job, int *descriptor, size_t most) {
  if (*descriptor < 0) return lua_pushnil(L), false;
  if (!job->block && !(job->block = malloc(BLOCK))) return luaL_error(L, "not enough memory");
  ssize_t count = read(*descriptor, job->block, most < BLOCK ? most : BLOCK);
  if (count > 0) {
    lua_pushlstring(L, job->block, (size_t)count);
    return true;
  }
  if (count == 0 || (errno != EAGAIN && errno != EINTR)) shut(descriptor);
  lua_pushnil(L);
  return false;
}

/// Reaps the programs that have ended. True when none is left.
static bool reap(struct job *job) {
  bool all = true;
  for (int i = 0; i < job->count; i++)
    if (!job->programs[i].process.ended && !vty_program_wait(&job->programs[i].process, 0))
      all = false;
  if (all && !job->has_ended) {
    job->has_ended = true;
    job->quiet = vty_now();
  }
  return all;
}

/// Waits for output or for the end of a program.
static void wait_for_event(struct job *job, int64_t deadline) {
  struct pollfd ready[MOST + 2];
  nfds_t count = 0;
  if (job->output >= 0) ready[count++] = (struct pollfd){job->output, POLLIN, 0};
  if (job->errors >= 0) ready[count++] = (struct pollfd){job->errors, POLLIN, 0};
  bool has_descriptors = true;
  for (int i = 0; i < job->count; i++) {
    vty_program *process = &job->programs[i].process;
    if (process->ended) continue;
    if (process->descriptor < 0) has_descriptors = false;
    else ready[count++] = (struct pollfd){process->descriptor, POLLIN, 0};
  }
  int64_t left = deadline - vty_now(), most = has_descriptors ? LOOK : LOOK / 20;
  if (left > most) left = most;
  if (left < 0) left = 0;
  struct timespec nap = {0, left};
  ppoll(ready, count, &nap, NULL);
}

/// A program has ended and something still has its pipes. True when no output is expected any more.
static bool gives_up(struct job *job) {
  if (vty_now() - job->quiet < AFTER >> (job->gives_up ? 2 : 0)) return false;
  if (job->gives_up) return true;
  job->gives_up = true;
  for (int i = 0; i < job->count; i++)
    if (job->programs[i].process.slot >= 0)
      vty_backgrounds_end(&job->programs[i].process.slot, 1);
  job->quiet = vty_now();
  return false;
}

/// step(job, seconds, most): returns output, error output and whether the job has ended, when it has
/// one of them, or when the time is over.
static int step(lua_State *L) {
  struct job *job = luaL_checkudata(L, 1, JOB);
  lua_Number seconds = luaL_optnumber(L, 2, 1e9);
  lua_Integer most = luaL_optinteger(L, 3, BLOCK);
  if (!(seconds > 0)) seconds = 0;
  if (seconds > 1e9) seconds = 1e9;
  if (most < 1) most = 1;
  int64_t deadline = vty_now() + (int64_t)(seconds * 1e9);
  for (;;) {
    if (vtl_must_stop(L)) {
      close_job(job);
      if (vtl_stopped() != VTL_RUNNING) return vtl_raise_stop(L);
      return 0;  // the hook of Ctrl-C raises at the next instruction
    }
    lua_settop(L, 3);
    bool some = push_output(L, job, &job->output, (size_t)most);
    some |= push_output(L, job, &job->errors, (size_t)most);
    if (some) {
      job->quiet = vty_now();
      lua_pushboolean(L, 0);
      return 3;
    }
    if (reap(job)) {
      if ((job->output < 0 && job->errors < 0) || gives_up(job)) {
        for (int i = 0; i < job->count; i++) vtl_program_pass_interrupt(L, &job->programs[i]);
        lua_pushboolean(L, 1);
        return 3;
      }
    }
    if (vty_now() >= deadline) {
      lua_pushboolean(L, 0);
      return 3;
    }
    wait_for_event(job, deadline);
  }
}

/// status(job, number): returns the exit code of a program; or nil, and the name of the signal that
/// ended it; nothing while it runs.
static int status(lua_State *L) {
  struct job *job = luaL_checkudata(L, 1, JOB);
  lua_Integer number = luaL_checkinteger(L, 2);
  if (number < 1 || number > job->count || !job->programs[number - 1].process.ended) return 0;
  int end = job->programs[number - 1].process.status;
  if (!WIFSIGNALED(end)) {
    lua_pushinteger(L, WEXITSTATUS(end));
    return 1;
  }
  lua_pushnil(L);
  const char *name = vty_signal_name(WTERMSIG(end));
  if (name) lua_pushstring(L, name);
  else lua_pushfstring(L, "signal %d", WTERMSIG(end));
  return 2;
}

/// stop(job): ends the programs; their output can still be read.
static int stop(lua_State *L) {
  end_job(luaL_checkudata(L, 1, JOB));
  return 0;
}

static int close_value(lua_State *L) {
  close_job(luaL_checkudata(L, 1, JOB));
  return 0;
}

void vtl_jobs_open(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"step", step}, {"status", status}, {"stop", stop}, {"close", close_value}, {NULL, NULL}};
  if (luaL_newmetatable(L, JOB)) {
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, close_value);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close_value);
    lua_setfield(L, -2, "__close");
  }
  lua_pop(L, 1);
  lua_pushcfunction(L, start);
  lua_setfield(L, -2, "start");
}
