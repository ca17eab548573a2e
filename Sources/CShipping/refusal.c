// SPDX-License-Identifier: BSD-3-Clause
//
// Descriptions of values that cannot be encoded, and their paths:
//
//     upvalue 'cfg' -> cfg.handlers[1].cb
//     .callbacks[2] -> upvalue 'log' -> log.out
//     key of .x

#include <ctype.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>

#include "values.h"

enum {
  LONGEST_KEY = 40,
  ENDS = 12,  // the number of steps that are shown at each end of a long path
};

static void add(vts_bytes *text, const char *bytes, size_t length) {
  if (!vts_reserve(text, length)) return;  // without memory the text is shorter
  memcpy(text->bytes + text->count, bytes, length);
  text->count += length;
}

static void add_text(vts_bytes *text, const char *string) { add(text, string, strlen(string)); }

__attribute__((format(printf, 2, 3))) static void add_format(vts_bytes *text, const char *format,
                                                             ...) {
  char buffer[128];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  add_text(text, buffer);
}

static bool is_identifier(const char *string, size_t length) {
  static const char *const reserved[] = {
      "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if",
      "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"};
  if (length == 0 || isdigit((unsigned char)string[0])) return false;
  for (size_t i = 0; i < length; i++)
    if (!(isalnum((unsigned char)string[i]) || string[i] == '_')) return false;
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strlen(reserved[i]) == length && memcmp(reserved[i], string, length) == 0) return false;
  return true;
}

static void add_string_key(vts_bytes *text, const char *key, size_t length) {
  size_t shown = length > LONGEST_KEY ? LONGEST_KEY : length;
  // Not in the middle of a UTF-8 sequence.
  while (shown < length && shown && ((unsigned char)key[shown] & 0xC0) == 0x80) shown--;
  bool plain = is_identifier(key, shown);
  add_text(text, plain ? "." : "[\"");
  for (size_t i = 0; i < shown; i++) {
    unsigned char byte = (unsigned char)key[i];
    if (byte == '"' || byte == '\\') add_format(text, "\\%c", byte);
    else if (byte == '\n') add_text(text, "\\n");
    else if (byte < 32 || byte == 127) add_format(text, "\\%03d", byte);
    else add(text, key + i, 1);
  }
  if (shown < length) add_text(text, "...");
  if (!plain) add_text(text, "\"]");
}

static void add_key(lua_State *L, vts_bytes *text, int key) {
  switch (lua_type(L, key)) {
    case LUA_TSTRING: {
      size_t length;
      const char *bytes = lua_tolstring(L, key, &length);
      add_string_key(text, bytes, length);
      break;
    }
    case LUA_TNUMBER:
      if (lua_isinteger(L, key)) {
        add_format(text, "[%lld]", lua_tointegerx(L, key, NULL));
      } else {
        add_format(text, "[%.14g]", lua_tonumberx(L, key, NULL));
      }
      break;
    case LUA_TBOOLEAN: add_text(text, lua_toboolean(L, key) ? "[true]" : "[false]"); break;
    default: add_format(text, "[%s]", lua_typename(L, lua_type(L, key)));
  }
}

/// A path under construction. `due` is the name of the value that the last step leads to; NULL if
/// that name is not needed.
struct path {
  vts_bytes *text;
  const char *due;
};

static void add_upvalue(lua_State *L, const vts_frame *frame, struct path *path) {
  const char *name = lua_getupvalue(L, frame->slot, (int)frame->i);
  if (path->text->count) add_text(path->text, " -> ");
  add_format(path->text, "upvalue '%.80s'", name ? name : "?");
  path->due = name ? name : "?";
  lua_settop(L, -2);
}

static void add_step(lua_State *L, const vts_frame *frame, struct path *path) {
  if (frame->kind == FRAME_FUNCTION) return add_upvalue(L, frame, path);
  if (path->due) add_format(path->text, " -> %.80s", path->due);
  path->due = NULL;
  if (frame->in_key) {
    static const char whole[] = "a key", of[] = "key of ";
    if (!path->text->count) {
      add_text(path->text, whole);
      path->due = "";
      return;
    }
    size_t length = strlen(of);
    if (!vts_reserve(path->text, length)) return;
    memmove(path->text->bytes + length, path->text->bytes, path->text->count);
    memcpy(path->text->bytes, of, length);
    path->text->count += length;
    path->due = "";
    return;
  }
  if (frame->kind == FRAME_LIST) add_format(path->text, "[%lld]", (long long)frame->i);
  else add_key(L, path->text, frame->slot + 1);
}

/// Sets the element that contains the value, and returns the number of its frame, if it has one.
static size_t set_element(const vts_encoder *e, vts_refused *refused) {
  bool has_element = e->depth && e->frames[0].kind == FRAME_ELEMENTS;
  refused->element = has_element ? e->frames[0].i : 0;
  return has_element;
}

static void add_path(vts_encoder *e, lua_State *L, vts_refused *refused) {
  struct path path = {&refused->path, NULL};
  size_t first = set_element(e, refused), steps = e->depth - first;
  for (size_t i = 0; i < steps; i++) {
    if (steps > 2 * ENDS && i == ENDS) {
      add_text(path.text, " ... ");
      path.due = NULL;
      i = steps - ENDS;
    }
    add_step(L, &e->frames[first + i], &path);
  }
}

// MARK: Descriptions

struct description {
  vts_refused *refused;
  bool is_file;
};

static const char nameless_table[] = "a table with an unregistered metatable";

/// Describes an object: "a Point (userdata)", "a Point (a table with an unregistered metatable)".
/// Value 1 is the description, 2 the object.
static int describe_object(lua_State *L) {
  struct description *description = lua_touserdata(L, 1);
  vts_bytes *what = &description->refused->what;
  bool is_table = lua_type(L, 2) == LUA_TTABLE;
  const char *nameless = is_table ? nameless_table : "a userdata";
  if (!lua_getmetatable(L, 2)) return add_text(what, nameless), 0;
  luaL_getmetatable(L, LUA_FILEHANDLE);
  description->is_file = lua_rawequal(L, -1, -2);
  lua_settop(L, -2);
  if (description->is_file) return add_text(what, "a file"), 0;
  lua_pushliteral(L, "__name");
  if (lua_rawget(L, -2) != LUA_TSTRING) return add_text(what, nameless), 0;
  const char *name = lua_tostring(L, -1);
  bool vowel = name[0] && strchr("AEIOUaeiou", name[0]);
  add_format(what, "%s %.80s (%s)", vowel ? "an" : "a", name,
             is_table ? nameless_table : "userdata");
  return 0;
}

static void add_object(vts_encoder *e, lua_State *L, vts_refused *refused) {
  struct description description = {refused, false};
  vts_allocates(e, L);
  lua_pushcfunction(L, describe_object);
  lua_pushlightuserdata(L, &description);
  lua_pushvalue(L, -3);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
    lua_settop(L, -2);
    refused->what.count = 0;
    add_text(&refused->what, "an object");
  }
  if (description.is_file) refused->remedy = VTS_REMEDY_OPEN;
}

/// Returns the record of the next refusal; NULL when there are enough.
static vts_refused *next_refused(vts_encoder *e) {
  if (e->refusals++ >= VTS_OFFENDERS) return NULL;
  vts_refused *refused = &e->refused[e->refusals - 1];
  refused->path.count = refused->what.count = 0;
  refused->remedy = VTS_REMEDY_CREATE;
  return refused;
}

static void describe(vts_encoder *e, lua_State *L, vts_what what) {
  vts_refused *refused = next_refused(e);
  if (!refused) return;
  switch (what) {
    case WHAT_COROUTINE: add_text(&refused->what, "a coroutine"); break;
    case WHAT_LIGHT: add_text(&refused->what, "a light userdata"); break;
    case WHAT_C_FUNCTION: add_text(&refused->what, "a C function"); break;
    case WHAT_USERDATA: add_object(e, L, refused); break;
    case WHAT_FUNCTION:
      add_text(&refused->what, "a function");
      refused->remedy = VTS_REMEDY_RETURN;
      break;
    case WHAT_METATABLE:
      add_object(e, L, refused);
      refused->remedy = VTS_REMEDY_REGISTER;
      break;
    case WHAT_KEY:
      add_format(&refused->what, "a %s, which cannot be sorted",
                 lua_typename(L, lua_type(L, -1)));
      refused->remedy = VTS_REMEDY_KEY;
      break;
    case WHAT_SHARED_ARRAY:
      add_text(&refused->what, "a shared array");
      refused->remedy = VTS_REMEDY_COPY;
      break;
  }
  add_path(e, L, refused);
}

void vts_refuse(vts_encoder *e, lua_State *L, vts_what what) {
  describe(e, L, what);
  if (!(e->rules & VTS_PARTIAL) || what == WHAT_METATABLE) return;
  uint8_t *at = vts_room(e, 1);
  if (!at) return;
  *at = 0xF6;
  vts_advance(e, at + 1);
}

void vts_refuse_depth(vts_encoder *e, lua_State *L) {
  if (e->refusals >= VTS_OFFENDERS) e->refusals--;
  vts_refused *refused = next_refused(e);
  add_text(&refused->what, "nested too deeply");
  refused->remedy = VTS_REMEDY_FLATTEN;
  // The path as far as it names upvalues. The rest is long, and all alike.
  struct path path = {&refused->path, NULL};
  for (size_t i = set_element(e, refused); i < e->depth; i++) {
    if (e->frames[i].kind != FRAME_FUNCTION) break;
    add_upvalue(L, &e->frames[i], &path);
  }
  vts_fail(e, VTS_REFUSED);
}

int vts_offenders(const vts_encoder *e, vts_offender *offenders, int64_t *total) {
  int count = e->refusals < VTS_OFFENDERS ? (int)e->refusals : VTS_OFFENDERS;
  for (int i = 0; i < count; i++) {
    const vts_refused *refused = &e->refused[i];
    offenders[i] = (vts_offender){
        refused->element, (const char *)refused->path.bytes, (const char *)refused->what.bytes,
        refused->path.count, refused->what.count, refused->remedy};
  }
  *total = e->refusals;
  return count;
}
