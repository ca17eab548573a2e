// SPDX-License-Identifier: BSD-3-Clause
//
// Reports what Lua code uses besides its arguments: files, environment variables, modules, the clock,
// random numbers. Functions of Lua's libraries are replaced by functions that call the original in the
// same frame, so that arguments, results, error messages and their positions stay as they are.

#define _GNU_SOURCE
#include <Sandbox.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard.h"
#include "system.h"

static bool is_watching(lua_State *L) {
  vtl_guard *guard = vtl_guard_of(L);
  return guard->access_sink && guard->access_on;
}

static void report(lua_State *L, vtl_access *access) {
  vtl_guard *guard = vtl_guard_of(L);
  int error = errno;
  lua_Debug about;
  // The first function that is not part of the library.
  for (int level = 1; level < 20 && lua_getstack(L, level, &about); level++) {
    if (!lua_getinfo(L, "Sl", &about) || about.currentline < 0) continue;
    if (strncmp(about.source, "@stdlib/", 8) == 0) continue;
    access->source = about.source;
    access->line = about.currentline;
    break;
  }
  access->stack = &about;
  guard->access_sink(guard->access_context, access);
  errno = error;
}

void vtl_access_report(lua_State *L, vtl_access *access) {
  if (is_watching(L)) report(L, access);
}

static int call(lua_State *L, vtl_watched function) {
  return vtl_guard_of(L)->watched[function](L);
}

/// True if the argument at `index` is a string. It stays on the stack while the functions below run.
static bool name(lua_State *L, int index, vtl_access *access) {
  if (lua_type(L, index) != LUA_TSTRING) return false;
  access->name = lua_tolstring(L, index, &access->length);
  return true;
}

// MARK: Modules

static int watch_require(lua_State *L) {
  vtl_access access = {.kind = VTL_ACCESS_REQUIRE_BEGIN};
  if (!name(L, 1, &access)) return call(L, VTL_REQUIRE);
  if (vtl_is_restricted(L) && vtl_is_hidden_module(access.name))
    return luaL_error(L, "module '%s' is not available in this sandbox", access.name);
  bool reports = vtl_guard_of(L)->access_sink;
  if (reports) report(L, &access);
  int results = call(L, VTL_REQUIRE);
  if (results >= 2) vtl_modules_required(L);
  if (!reports) return results;
  access.kind = VTL_ACCESS_REQUIRE;
  // For a module that was loaded now, the second result is the file that the searcher found.
  if (results >= 2 && lua_type(L, -1) == LUA_TSTRING) {
    access.other = lua_tolstring(L, -1, &access.other_length);
    if (*access.other != '@') access.hash = vtl_state_hash(L, -2);
  }
  report(L, &access);
  return results;
}

// MARK: Files

/// Raises the message of the sandbox for a file that it refuses, for functions that raise by themselves.
static void check_sandbox(lua_State *L, int flags, unsigned access) {
  if (!vty_is_sandboxed() || lua_type(L, 1) != LUA_TSTRING) return;
  const char *path = lua_tostring(L, 1);
  int file = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0666);
  if (file >= 0) close(file);
  else if (errno == EACCES) luaL_error(L, "%s: %s", path, vty_reason(EACCES, access));
}

/// Replaces the message of a function that has returned nil, a message and the number of a refusal.
static int explain(lua_State *L, int results, unsigned access) {
  if (results != 3 || !vty_is_sandboxed()) return results;
  lua_Integer number = lua_tointeger(L, -1);
  if (number != EACCES && number != EXDEV) return results;
  const char *path = lua_tostring(L, 1);
  lua_pushfstring(L, "%s: %s", path ? path : "?", vty_reason(EACCES, access));
  lua_replace(L, -3);
  return results;
}

/// Calls a function that reads the file that its first argument names.
static int watch_reading(lua_State *L, vtl_watched function) {
  check_sandbox(L, O_RDONLY, VTY_SANDBOX_READ);
  vtl_access access = {.kind = VTL_ACCESS_OPEN, .other = "r", .other_length = 1};
  if (is_watching(L) && name(L, 1, &access)) report(L, &access);
  return call(L, function);
}

static int watch_lines(lua_State *L) { return watch_reading(L, VTL_LINES); }
static int watch_input(lua_State *L) { return watch_reading(L, VTL_INPUT); }
static int watch_dofile(lua_State *L) { return watch_reading(L, VTL_DOFILE); }
static int watch_loadfile(lua_State *L) { return watch_reading(L, VTL_LOADFILE); }
static int watch_loadlib(lua_State *L) { return watch_reading(L, VTL_LOADLIB); }

static bool exists(const char *path) {
  struct stat about;
  return stat(path, &about) == 0;
}

/// Calls a function whose first result is nil where it fails, and reports its first two arguments.
static int watch_changing(lua_State *L, vtl_watched function, vtl_access_kind kind) {
  vtl_access access = {.kind = kind};
  const char *mode = kind == VTL_ACCESS_OPEN && lua_isstring(L, 2) ? lua_tostring(L, 2) : "r";
  bool reads = kind == VTL_ACCESS_OPEN && *mode == 'r' && !strchr(mode, '+');
  unsigned right = reads ? VTY_SANDBOX_READ : VTY_SANDBOX_WRITE;
  if (!is_watching(L) || !name(L, 1, &access)) return explain(L, call(L, function), right);
  if (lua_type(L, 2) == LUA_TSTRING) access.other = lua_tolstring(L, 2, &access.other_length);
  access.existed = exists(access.name);
  access.other_existed = kind == VTL_ACCESS_RENAME && access.other && exists(access.other);
  int results = call(L, function);
  access.failed = lua_isnoneornil(L, -results);
  report(L, &access);
  return explain(L, results, right);
}

static int watch_open(lua_State *L) { return watch_changing(L, VTL_OPEN, VTL_ACCESS_OPEN); }
static int watch_remove(lua_State *L) { return watch_changing(L, VTL_REMOVE, VTL_ACCESS_REMOVE); }
static int watch_rename(lua_State *L) { return watch_changing(L, VTL_RENAME, VTL_ACCESS_RENAME); }

static int watch_output(lua_State *L) {
  check_sandbox(L, O_WRONLY | O_CREAT, VTY_SANDBOX_WRITE);
  vtl_access access = {.kind = VTL_ACCESS_OPEN, .other = "w", .other_length = 1};
  if (!is_watching(L) || !name(L, 1, &access)) return call(L, VTL_OUTPUT);
  access.existed = exists(access.name);
  int results = call(L, VTL_OUTPUT);
  report(L, &access);
  return results;
}

static int close_file(lua_State *L) {
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/// io.open(name, "w") for a name that nothing may have yet, not even a link.
static int create(lua_State *L) {
  vtl_access access = {.kind = VTL_ACCESS_OPEN, .other = "w", .other_length = 1};
  access.name = luaL_checklstring(L, 1, &access.length);
  luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
  memset(stream, 0, sizeof *stream);  // without a function to close it, it is closed
  luaL_setmetatable(L, LUA_FILEHANDLE);
  int file = open(access.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0) return explain(L, luaL_fileresult(L, 0, access.name), VTY_SANDBOX_WRITE);
  stream->f = fdopen(file, "w");
  if (!stream->f) {
    int error = errno;
    close(file);
    errno = error;
    return luaL_fileresult(L, 0, access.name);
  }
  stream->closef = close_file;
  if (is_watching(L)) report(L, &access);
  return 1;
}

void vtl_pushcreate(lua_State *L) { lua_pushcfunction(L, create); }

static int watch_tmpname(lua_State *L) {
  int results = call(L, VTL_TMPNAME);
  vtl_access access = {.kind = VTL_ACCESS_TEMPORARY};
  if (is_watching(L) && name(L, -1, &access)) report(L, &access);
  return results;
}

// MARK: Environment, clock, random numbers

static int watch_getenv(lua_State *L) {
  vtl_access access = {.kind = VTL_ACCESS_ENVIRONMENT};
  if (!is_watching(L) || !name(L, 1, &access)) return call(L, VTL_GETENV);
  int results = call(L, VTL_GETENV);
  access.failed = !lua_isstring(L, -1);
  if (!access.failed) access.other = lua_tolstring(L, -1, &access.other_length);
  report(L, &access);
  return results;
}

static int watch_clock(lua_State *L, vtl_watched function, int argument, const char *what) {
  if (is_watching(L) && lua_isnoneornil(L, argument)) {
    vtl_access access = {.kind = VTL_ACCESS_CLOCK, .name = what, .length = strlen(what)};
    report(L, &access);
  }
  return call(L, function);
}

static int watch_time(lua_State *L) { return watch_clock(L, VTL_TIME, 1, "os.time()"); }
static int watch_date(lua_State *L) { return watch_clock(L, VTL_DATE, 2, "os.date"); }

static int watch_random(lua_State *L) {
  if (is_watching(L) && !vtl_guard_of(L)->access_seeded) {
    vtl_access access = {.kind = VTL_ACCESS_RANDOM, .name = "math.random", .length = 11};
    report(L, &access);
  }
  return call(L, VTL_RANDOM);
}

static int watch_randomseed(lua_State *L) {
  vtl_guard_of(L)->access_seeded = lua_gettop(L) > 0;
  return call(L, VTL_RANDOMSEED);
}

void vtl_access_note(lua_State *L, vtl_access_kind kind, const char *name) {
  vtl_access access = {.kind = kind, .name = name, .length = strlen(name)};
  if (is_watching(L)) report(L, &access);
}

// MARK: Installation

struct watched {
  const char *library, *name;
  vtl_watched function;
  lua_CFunction replacement;
  int upvalues;  ///< of the original function, in Lua 5.4
};

static const struct watched functions[] = {
    {"_G", "require", VTL_REQUIRE, watch_require, 1},
    {"_G", "dofile", VTL_DOFILE, watch_dofile, 0},
    {"_G", "loadfile", VTL_LOADFILE, watch_loadfile, 0},
    {"package", "loadlib", VTL_LOADLIB, watch_loadlib, 0},
    {"io", "open", VTL_OPEN, watch_open, 0},
    {"io", "lines", VTL_LINES, watch_lines, 0},
    {"io", "input", VTL_INPUT, watch_input, 0},
    {"io", "output", VTL_OUTPUT, watch_output, 0},
    {"os", "getenv", VTL_GETENV, watch_getenv, 0},
    {"os", "remove", VTL_REMOVE, watch_remove, 0},
    {"os", "rename", VTL_RENAME, watch_rename, 0},
    {"os", "tmpname", VTL_TMPNAME, watch_tmpname, 0},
    {"os", "time", VTL_TIME, watch_time, 0},
    {"os", "date", VTL_DATE, watch_date, 0},
    {"math", "random", VTL_RANDOM, watch_random, 1},
    {"math", "randomseed", VTL_RANDOMSEED, watch_randomseed, 1},
};

void vtl_access_open(lua_State *L) {
  vtl_guard *guard = vtl_guard_of(L);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    const struct watched *watched = &functions[i];
    lua_getfield(L, -1, watched->library);
    lua_getfield(L, -1, watched->name);
    lua_CFunction original = lua_tocfunction(L, -1);
    int upvalues = 0;
    while (original && lua_getupvalue(L, -1 - upvalues, upvalues + 1)) upvalues++;
    if (original && upvalues == watched->upvalues) {
      guard->watched[watched->function] = original;
      lua_pushcclosure(L, watched->replacement, upvalues);
      lua_setfield(L, -3, watched->name);
    } else {
      lua_pop(L, upvalues);
    }
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
}

void vtl_access_sink_set(lua_State *L, vtl_access_sink sink, void *context) {
  vtl_guard_of(L)->access_sink = sink;
  vtl_guard_of(L)->access_context = context;
}

void vtl_access_watch(lua_State *L, bool on) { vtl_guard_of(L)->access_on = on; }

bool vtl_access_seeded(lua_State *L, bool seeded) {
  bool before = vtl_guard_of(L)->access_seeded;
  vtl_guard_of(L)->access_seeded = seeded;
  return before;
}
