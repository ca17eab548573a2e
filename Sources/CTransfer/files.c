// SPDX-License-Identifier: BSD-3-Clause
//
// Files of downloads. They are no accesses of the computation: a file that is complete counts by its
// content, and one that is not complete by nothing.

#define _GNU_SOURCE
#include <Sandbox.h>
#include <CLuaGuard.h>
#include <SHA256.h>
#include <Threads.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CTransfer.h"
#include "request.h"

enum { CHUNK = 256 << 10, SLICE = 50 };

/// An unfinished file, which one process at a time writes.
typedef struct {
  int descriptor;  ///< -1: closed
} draft;

static const char draft_type[] = "vtlua.draft";

static int failed(lua_State *L) {
  int error = errno;
  lua_pushnil(L);
  lua_pushstring(L, vty_reason(error, 0));
  return 2;
}

/// Raises a stop, or returns so that Ctrl-C in a script is raised by the next instruction.
static int stopped(lua_State *L) {
  if (vtl_stopped() != VTL_RUNNING) return vtl_raise_stop(L);
  lua_pushnil(L);
  lua_pushliteral(L, "interrupted");
  return 2;
}

static int sleep_for(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  int64_t end = vty_now() + (int64_t)(seconds * 1e9);
  for (int64_t now; (now = vty_now()) < end;) {
    if (vtl_must_stop(L)) return stopped(L);
    int64_t left = (end - now) / 1000000 + 1;
    poll(NULL, 0, left < SLICE ? (int)left : SLICE);
  }
  return 0;
}

// MARK: Digests

/// Pushes the SHA-256 of a file from its beginning, in hexadecimal.
static int push_digest(lua_State *L, int descriptor) {
  vty_sha256 hash;
  vty_sha256_start(&hash);
  void *bytes = lua_newuserdatauv(L, CHUNK, 0);
  for (off_t at = 0;;) {
    if (vtl_must_stop(L)) return stopped(L);
    ssize_t count = pread(descriptor, bytes, CHUNK, at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(L);
    if (count == 0) break;
    vty_sha256_add(&hash, bytes, (size_t)count);
    at += count;
  }
  uint8_t digest[32];
  char text[65];
  vty_sha256_end(&hash, digest);
  for (int i = 0; i < 32; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
  lua_pushstring(L, text);
  return 1;
}

static int digest_text(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  vty_sha256 hash;
  uint8_t digest[32];
  char text[65];
  vty_sha256_start(&hash);
  vty_sha256_add(&hash, bytes, length);
  vty_sha256_end(&hash, digest);
  for (int i = 0; i < 32; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
  lua_pushstring(L, text);
  return 1;
}

// MARK: Drafts

static draft *check_draft(lua_State *L, int index) {
  draft *self = luaL_checkudata(L, index, draft_type);
  if (self->descriptor < 0) luaL_error(L, "the draft is closed");
  return self;
}

int vth_draft_descriptor(lua_State *L, int index) {
  return lua_isnil(L, index) ? -1 : check_draft(L, index)->descriptor;
}

/// draft(path): opens an unfinished file, or makes it, and locks it. False while another one has it.
static int open_draft(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  draft *self = lua_newuserdatauv(L, sizeof *self, 0);
  self->descriptor = -1;
  luaL_setmetatable(L, draft_type);
  for (int attempt = 0; attempt < 100; attempt++) {
    int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0) return failed(L);
    struct stat opened, named;
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      int error = errno;
      close(file);
      errno = error;
      if (error == EINTR) continue;
      if (error != EWOULDBLOCK) return failed(L);
      lua_pushboolean(L, 0);
      return 1;
    }
    bool is_regular = fstat(file, &opened) == 0 && S_ISREG(opened.st_mode);
    // The one that had the lock may have renamed or removed the file.
    if (is_regular && stat(path, &named) == 0 && named.st_ino == opened.st_ino &&
        named.st_dev == opened.st_dev) {
      self->descriptor = file;
      return 1;
    }
    close(file);
    errno = EINVAL;
    if (!is_regular) return failed(L);
  }
  lua_pushboolean(L, 0);
  return 1;
}

static int close_draft(lua_State *L) {
  draft *self = luaL_checkudata(L, 1, draft_type);
  if (self->descriptor >= 0) close(self->descriptor);
  self->descriptor = -1;
  return 0;
}

static int draft_size(lua_State *L) {
  struct stat about;
  if (fstat(check_draft(L, 1)->descriptor, &about) != 0) return failed(L);
  lua_pushinteger(L, about.st_size);
  return 1;
}

static int draft_digest(lua_State *L) { return push_digest(L, check_draft(L, 1)->descriptor); }

static int draft_truncate(lua_State *L) {
  if (ftruncate(check_draft(L, 1)->descriptor, 0) != 0) return failed(L);
  lua_pushboolean(L, 1);
  return 1;
}

/// draft:commit(from, to): gives the complete file its name.
static int draft_commit(lua_State *L) {
  draft *self = check_draft(L, 1);
  const char *from = luaL_checkstring(L, 2), *to = luaL_checkstring(L, 3);
  if (fdatasync(self->descriptor) != 0 || rename(from, to) != 0) return failed(L);
  lua_pushboolean(L, 1);
  return 1;
}

// MARK: Files

/// stat(path): size, time of the last change in nanoseconds, kind; nil where there is none.
static int status(lua_State *L) {
  struct stat about;
  if (stat(luaL_checkstring(L, 1), &about) != 0) return failed(L);
  lua_pushinteger(L, about.st_size);
  lua_pushinteger(L, (lua_Integer)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec);
  lua_pushstring(L, S_ISREG(about.st_mode) ? "file" : S_ISDIR(about.st_mode) ? "directory" : "other");
  return 3;
}

static int digest_file(lua_State *L) {
  draft *self = lua_newuserdatauv(L, sizeof *self, 0);
  self->descriptor = -1;
  luaL_setmetatable(L, draft_type);
  self->descriptor = open(luaL_checkstring(L, 1), O_RDONLY | O_CLOEXEC);
  if (self->descriptor < 0) return failed(L);
  int results = push_digest(L, self->descriptor);
  close(self->descriptor);
  self->descriptor = -1;
  return results;
}

static int read_small(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char bytes[4096];
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(L);
  ssize_t count = read(file, bytes, sizeof bytes);
  close(file);
  if (count < 0) return failed(L);
  lua_pushlstring(L, bytes, (size_t)count);
  return 1;
}

static int write_small(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  const char *draft = lua_pushfstring(L, "%s.%d.%p", path, (int)getpid(), (void *)L);
  int file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return failed(L);
  bool ok = write(file, text, length) == (ssize_t)length;
  ok = close(file) == 0 && ok;
  if (ok && rename(draft, path) == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  int results = failed(L);
  unlink(draft);
  return results;
}

static int remove_file(lua_State *L) {
  if (unlink(luaL_checkstring(L, 1)) != 0) return failed(L);
  lua_pushboolean(L, 1);
  return 1;
}

/// mkdir(path): makes a directory and its parents, for this user only.
static int make_directories(lua_State *L) {
  size_t length;
  const char *given = luaL_checklstring(L, 1, &length);
  char *path = lua_newuserdatauv(L, length + 1, 0);
  memcpy(path, given, length + 1);
  for (size_t i = 1; i <= length; i++) {
    if (path[i] && path[i] != '/') continue;
    char kept = path[i];
    path[i] = 0;
    if (mkdir(path, 0700) != 0 && errno != EEXIST && errno != EISDIR) return failed(L);
    path[i] = kept;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/// The directory of downloads without a path: no part of what a computation has looked at.
static int cache_directory(lua_State *L) {
  const char *named = getenv("VTLUA_DOWNLOADS"), *base = getenv("XDG_CACHE_HOME");
  const char *home = getenv("HOME");
  if (named && *named) lua_pushstring(L, named);
  else if (base && *base == '/') lua_pushfstring(L, "%s/vtlua/downloads", base);
  else if (home && *home == '/') lua_pushfstring(L, "%s/.cache/vtlua/downloads", home);
  else lua_pushfstring(L, "/tmp/vtlua-%d-downloads", (int)getuid());
  return 1;
}

static int working_directory(lua_State *L) {
  char *path = getcwd(NULL, 0);
  lua_pushstring(L, path ? path : ".");
  free(path);
  return 1;
}

// MARK: Accesses

/// note(url): a download whose content may change.
static int note_download(lua_State *L) {
  vtl_access access = {.kind = VTL_ACCESS_DOWNLOAD};
  access.name = luaL_checklstring(L, 1, &access.length);
  vtl_access_report(L, &access);
  return 0;
}

/// note_product(path, existed): the computation has written a file.
static int note_product(lua_State *L) {
  vtl_access access = {.kind = VTL_ACCESS_OPEN, .other = "w", .other_length = 1};
  access.name = luaL_checklstring(L, 1, &access.length);
  access.existed = lua_toboolean(L, 2);
  vtl_access_report(L, &access);
  return 0;
}

static int version(lua_State *L) {
  const char *text = vth_version();
  if (text) lua_pushstring(L, text);
  else lua_pushnil(L);
  return 1;
}

static const luaL_Reg draft_methods[] = {
    {"size", draft_size},     {"digest", draft_digest}, {"truncate", draft_truncate},
    {"commit", draft_commit}, {"close", close_draft},   {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"request", vth_request},
    {"sleep", sleep_for},
    {"draft", open_draft},
    {"stat", status},
    {"digest", digest_file},
    {"digest_text", digest_text},
    {"read", read_small},
    {"write", write_small},
    {"remove", remove_file},
    {"mkdir", make_directories},
    {"directory", cache_directory},
    {"working_directory", working_directory},
    {"note", note_download},
    {"note_product", note_product},
    {"version", version},
    {NULL, NULL}};

int vth_open(lua_State *L) {
  if (vty_sandbox_refuses_network()) {
    lua_pushliteral(L, "http: the sandbox of this run has no network; --allow-network allows it");
    return lua_error(L);
  }
  if (luaL_newmetatable(L, draft_type)) {
    lua_pushcfunction(L, close_draft);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close_draft);
    lua_setfield(L, -2, "__close");
    luaL_newlib(L, draft_methods);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}

void vth_push_opener(lua_State *L) { lua_pushcfunction(L, vth_open); }
