// SPDX-License-Identifier: BSD-3-Clause
//
// One request. libcurl's callbacks touch no Lua state: a Lua error must not leave libcurl by a long jump.
// The request waits in slices, between which it looks for a stop.

#define _GNU_SOURCE
#include <CLuaGuard.h>
#include <PipeSignal.h>
#include <Threads.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "curl.h"
#include "request.h"
#include "transfer.h"

enum {
  WAIT_SLICE = 50,               ///< milliseconds between two looks for a stop
  PROGRESS = 250000000,          ///< nanoseconds between two calls of the progress function
};

// MARK: Handles

static int release_session(lua_State *L) {
  session *self = lua_touserdata(L, 1);
  struct vty_held_signal held;
  vty_hold_sigpipe(&held);
  if (self->easy) vth.curl_easy_cleanup(self->easy);
  if (self->multi) vth.curl_multi_cleanup(self->multi);
  vty_release_sigpipe(&held);
  memset(self, 0, sizeof *self);
  return 0;
}

static void end(request *self) {
  if (self->added) {
    struct vty_held_signal held;
    vty_hold_sigpipe(&held);
    vth.curl_multi_remove_handle(self->session->multi, self->session->easy);
    vty_release_sigpipe(&held);
    self->added = false;
    self->session->active = NULL;
  }
  if (self->list) vth.curl_slist_free_all(self->list);
  self->list = NULL;
}

static int release_request(lua_State *L) {
  request *self = lua_touserdata(L, 1);
  end(self);
  free(self->headers.bytes);
  free(self->body.bytes);
  self->headers = self->body = (buffer){NULL, 0, 0};
  return 0;
}

static void set_release(lua_State *L, lua_CFunction release) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
}

/// Pushes the session of the state.
static session *push_session(lua_State *L) {
  static const char key = 0;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TUSERDATA) return lua_touserdata(L, -1);
  lua_pop(L, 1);
  session *made = lua_newuserdatauv(L, sizeof *made, 0);
  memset(made, 0, sizeof *made);
  set_release(L, release_session);
  made->multi = vth.curl_multi_init();
  made->easy = vth.curl_easy_init();
  if (!made->multi || !made->easy) luaL_error(L, "libcurl: there is no memory");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return made;
}

// MARK: The request

static lua_Integer integer_field(lua_State *L, const char *name, lua_Integer otherwise) {
  lua_Integer value = lua_getfield(L, 1, name) == LUA_TNIL ? otherwise : lua_tointeger(L, -1);
  lua_pop(L, 1);
  return value;
}

/// Sets the options of the handle. The strings stay in the table of options.
static void prepare(lua_State *L, request *self) {
  vth_easy *easy = self->session->easy;
  vth.curl_easy_reset(easy);
#define SET(option, value) vth.curl_easy_setopt(easy, option, value)
  SET(VTH_NOSIGNAL, 1L);
  SET(VTH_QUICK_EXIT, 1L);  // does not wait for a name that is being resolved
  SET(VTH_NOPROGRESS, 1L);
  SET(VTH_PROTOCOLS, (long)(VTH_HTTP | VTH_HTTPS));
  SET(VTH_ERRORBUFFER, self->error);
  SET(VTH_WRITEFUNCTION, vth_take_body);
  SET(VTH_WRITEDATA, self);
  SET(VTH_HEADERFUNCTION, vth_take_header);
  SET(VTH_HEADERDATA, self);
  SET(VTH_OPENSOCKETFUNCTION, vth_open_socket);
  SET(VTH_TIMEOUT_MS, (long)integer_field(L, "timeout", 0));
  SET(VTH_CONNECTTIMEOUT_MS, (long)integer_field(L, "connect_timeout", 30000));
  SET(VTH_LOW_SPEED_LIMIT, 1L);
  SET(VTH_LOW_SPEED_TIME, (long)integer_field(L, "stall_timeout", 60));
  lua_getfield(L, 1, "url");
  SET(VTH_URL, lua_tostring(L, -1));
  lua_getfield(L, 1, "agent");
  SET(VTH_USERAGENT, lua_tostring(L, -1));
  lua_getfield(L, 1, "ca");
  if (lua_isstring(L, -1)) SET(VTH_CAINFO, lua_tostring(L, -1));
  lua_getfield(L, 1, "encodings");
  if (lua_toboolean(L, -1)) SET(VTH_ACCEPT_ENCODING, "");
  lua_getfield(L, 1, "head");
  SET(lua_toboolean(L, -1) ? VTH_NOBODY : VTH_HTTPGET, 1L);
  lua_pop(L, 5);
  lua_getfield(L, 1, "headers");
  for (lua_Integer i = 1; lua_istable(L, -1) && lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
    vth_list *longer = vth.curl_slist_append(self->list, lua_tostring(L, -1));
    if (longer) self->list = longer;
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  if (self->list) SET(VTH_HTTPHEADER, self->list);
#undef SET
}

/// Calls a function of the caller. Its error is raised when the transfer has ended.
static int call(lua_State *L, request *self, int arguments) {
  self->session->calls = true;
  int status = lua_pcall(L, arguments, 0, 0);
  self->session->calls = false;
  return status;
}

/// Runs the transfer. Returns a CURLcode, or -1 after a stop, or -2 with an error value on top.
static int perform(lua_State *L, request *self, bool has_progress) {
  int running = 1;
  int64_t reported = vty_now();
  while (true) {
    struct vty_held_signal held;
    vty_hold_sigpipe(&held);
    int status = vth.curl_multi_perform(self->session->multi, &running);
    vty_release_sigpipe(&held);
    if (status != 0) return 2;  // CURLE_FAILED_INIT
    int left;
    vth_message *message;
    while ((message = vth.curl_multi_info_read(self->session->multi, &left)))
      if (message->kind == VTH_DONE) return message->data.result;
    if (vtl_must_stop(L)) return -1;
    if (self->began && !self->announced) {
      self->announced = true;
      if (lua_getfield(L, 1, "started") == LUA_TFUNCTION) {
        lua_pushlstring(L, self->headers.bytes, self->headers.count);
        if (call(L, self, 1) != LUA_OK) return -2;
      } else {
        lua_pop(L, 1);
      }
    }
    if (has_progress && vty_now() - reported >= PROGRESS) {
      lua_getfield(L, 1, "progress");
      lua_pushinteger(L, (lua_Integer)self->received);
      if (self->total >= 0) lua_pushinteger(L, self->total);
      else lua_pushnil(L);
      if (call(L, self, 2) != LUA_OK) return -2;
      reported = vty_now();
    }
    vth.curl_multi_poll(self->session->multi, NULL, 0, WAIT_SLICE, NULL);
  }
}

/// The kind of a failure, for messages and for the decision about another attempt.
static const char *kind_of(const request *self, int code) {
  if (self->refusal) return self->refusal;
  if (self->file_error) return "disk";
  switch (code) {
    case 1: return "scheme";
    case 3: return "url";
    case 5: case 6: return "name";
    case 7: return "connection";
    case 18: return "partial";
    case 28: return self->error[0] && strstr(self->error, "too slow") ? "stall" : "timeout";
    case 35: case 51: case 53: case 54: case 58: case 59: case 60: case 66: case 83: case 90:
    case 91: return "tls";
    case 77: return "ca";
    default: return "network";
  }
}

int vth_request(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  const char *failure = vth_load();
  if (failure) {
    lua_pushnil(L);
    lua_pushliteral(L, "library");
    lua_pushstring(L, failure);
    return 3;
  }
  lua_getfield(L, 1, "draft");
  int file = vth_draft_descriptor(L, -1);
  bool has_progress = lua_getfield(L, 1, "progress") == LUA_TFUNCTION;
  session *session = push_session(L);
  if (session->calls) return luaL_error(L, "the function `progress` of a request cannot start another one");
  if (session->active) end(session->active);  // an error of memory has left it
  request *self = lua_newuserdatauv(L, sizeof *self, 0);
  memset(self, 0, sizeof *self);
  self->session = session;
  self->file = file;
  self->total = -1;
  self->offset = (uint64_t)integer_field(L, "offset", 0);
  self->most = (uint64_t)integer_field(L, "max_size", 1 << 28);
  set_release(L, release_request);
  // Kept by the table of options: `prepare` and `perform` use the stack.
  lua_setfield(L, 1, "_request");
  prepare(L, self);
  int code = vth.curl_multi_add_handle(session->multi, session->easy);
  self->added = code == 0;
  session->active = self->added ? self : NULL;
  if (code == 0) code = perform(L, self, has_progress);
  else code = 2;
  long status = 0, system_error = 0;
  vth.curl_easy_getinfo(session->easy, VTH_RESPONSE_CODE, &status);
  vth.curl_easy_getinfo(session->easy, VTH_OS_ERROR, &system_error);
  const char *redirect = NULL;
  vth.curl_easy_getinfo(session->easy, VTH_REDIRECT_URL, &redirect);
  if (code == 0 && !self->began && !vth_begin(self)) code = 23;  // there was no body
  if (code >= 0 && redirect) lua_pushstring(L, redirect);
  else if (code != -2) lua_pushnil(L);
  int top = lua_gettop(L);
  end(self);
  if (code == -2) return lua_error(L);
  if (code == -1) {
    if (vtl_stopped() != VTL_RUNNING) return vtl_raise_stop(L);
    lua_pushnil(L);
    lua_pushliteral(L, "interrupted");
    lua_pushliteral(L, "interrupted");
    return 3;
  }
  if (code != 0 || self->refusal || self->file_error) {
    lua_pushnil(L);
    lua_pushstring(L, kind_of(self, code));
    if (self->file_error) lua_pushstring(L, strerror(self->file_error));
    else if (code == 7 && system_error) lua_pushstring(L, strerror((int)system_error));
    else lua_pushstring(L, self->error[0] ? self->error : vth.curl_easy_strerror(code));
    return 3;
  }
  lua_createtable(L, 0, 6);
  lua_pushinteger(L, status);
  lua_setfield(L, -2, "status");
  lua_pushlstring(L, self->headers.bytes, self->headers.count);
  lua_setfield(L, -2, "header");
  lua_pushlstring(L, self->body.bytes, self->body.count);
  lua_setfield(L, -2, "body");
  lua_pushinteger(L, (lua_Integer)self->received);
  lua_setfield(L, -2, "received");
  lua_pushvalue(L, top);
  lua_setfield(L, -2, "redirect");
  lua_pushnil(L);
  lua_setfield(L, 1, "_request");
  return 1;
}
