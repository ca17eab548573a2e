// SPDX-License-Identifier: BSD-3-Clause

#include <lua_internals.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/// A check of one library against one layout.
struct check {
  const vtl_layout *layout;
  void *first_block;  ///< the first one that the library allocated
  void *last_block;   ///< the last one that it freed
  bool hook_forbidden, found_forbidden;
  char wrong[160];  ///< "" if nothing is
};

__attribute__((format(printf, 2, 3))) static void fail(struct check *check, const char *format,
                                                       ...) {
  if (check->wrong[0]) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(check->wrong, sizeof check->wrong, format, arguments);
  va_end(arguments);
}

static void *allocate(void *context, void *block, size_t old_size, size_t new_size) {
  (void)old_size;
  struct check *check = context;
  if (new_size == 0) {
    if (block) check->last_block = block;
    free(block);
    return NULL;
  }
  void *fresh = realloc(block, new_size);
  if (!check->first_block) check->first_block = fresh;
  return fresh;
}

// MARK: allowhook

static unsigned char byte_at(const void *object, size_t offset) {
  return ((const volatile unsigned char *)object)[offset];
}

static void look_in_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  void *context;
  lua_getallocf(L, &context);
  struct check *check = context;
  check->hook_forbidden = byte_at(L, check->layout->allow_hook) == 0;
}

static int do_nothing(lua_State *L) {
  (void)L;
  return 0;
}

/// The flag is 1, is 0 inside a hook, and is 1 afterwards.
static void check_allow_hook(struct check *check, lua_State *L) {
  size_t offset = check->layout->allow_hook;
  bool allowed = byte_at(L, offset) == 1;
  lua_sethook(L, look_in_hook, LUA_MASKCALL, 0);
  lua_pushcfunction(L, do_nothing);
  lua_call(L, 0, 0);
  lua_sethook(L, NULL, 0, 0);
  if (!allowed || !check->hook_forbidden || byte_at(L, offset) != 1)
    fail(check, "expected the flag `allowhook` in byte %zu of a thread (lstate.h)", offset);
}

// MARK: lsizenode

/// The byte holds the known sizes of new tables.
static void check_node_power(struct check *check, lua_State *L) {
  static const struct {
    int fields;
    unsigned power;
  } known[] = {{0, 0}, {1, 0}, {4, 2}, {64, 6}};
  size_t offset = check->layout->node_power;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    lua_createtable(L, 3, known[i].fields);
    if (byte_at(lua_topointer(L, -1), offset) != known[i].power)
      fail(check, "expected the size `lsizenode` in byte %zu of a table (lobject.h)", offset);
    lua_settop(L, -2);
  }
}

// MARK: LUA_GCSTEP

/// After a negative step, a positive one of half the size collects nothing. It returns 1 when it
/// has completed a collection, which it would without the negative one.
static void check_postponement(struct check *check, lua_State *L) {
  int size = check->layout->postponement, half = vtl_lua_layout.postponement / 2;
  bool supported = lua_gc(L, LUA_GCISRUNNING) == 1;
  supported = lua_gc(L, LUA_GCSTEP, -size) == 0 && supported;
  supported = lua_gc(L, LUA_GCSTEP, half) == 0 && supported;
  if (!supported)
    fail(check, "expected a step of -%d KiB to postpone garbage collection (lua_gc)", size);
}

// MARK: The check

static int check_all(lua_State *L) {
  void *context;
  lua_getallocf(L, &context);
  struct check *check = context;
  if (lua_version(L) != LUA_VERSION_NUM) {
    fail(check, "expected Lua %d.%d, got version number %.0f", LUA_VERSION_NUM / 100,
         LUA_VERSION_NUM % 100, (double)lua_version(L));
    return 0;
  }
  check_allow_hook(check, L);
  check_node_power(check, L);
  check_postponement(check, L);
  return 0;
}

static void run_checks(struct check *check) {
  lua_State *L = lua_newstate(allocate, check);
  if (!L) return fail(check, "not enough memory for the check");
  void *block = (char *)L - check->layout->state_offset;
  lua_pushcfunction(L, check_all);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) fail(check, "not enough memory for the check");
  lua_close(L);
  if (block != check->first_block || block != check->last_block)
    fail(check, "expected a state's block of memory to begin %zu bytes before its main thread",
         check->layout->state_offset);
}

const char *vtl_check_layout(const vtl_layout *layout) {
  static _Thread_local char message[448];
  struct check check = {.layout = layout};
  run_checks(&check);
  if (!check.wrong[0]) return NULL;
  snprintf(message, sizeof message,
           "this build of the Lua library is not supported: %s. VTLua was compiled for %s; install "
           "that library unmodified (Debian: liblua5.4-0), or rebuild VTLua with the headers of the "
           "library that is installed",
           check.wrong, LUA_RELEASE);
  return message;
}

static char problem[448];

static void check_once(void) {
  const char *message = vtl_check_layout(&vtl_lua_layout);
  if (message) snprintf(problem, sizeof problem, "%s", message);
}

const char *vtl_unsupported_lua(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, check_once);
  return problem[0] ? problem : NULL;
}
