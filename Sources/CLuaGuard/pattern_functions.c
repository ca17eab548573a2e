// SPDX-License-Identifier: BSD-3-Clause
//
// string.find, match, gmatch and gsub for restricted states.

#define _GNU_SOURCE
#include "pattern.h"

#include <ctype.h>
#include <string.h>

// MARK: Captures as values

/// Pushes a capture; without captures the whole match is the first.
static void push_capture(vtl_matcher *m, int number, const char *start, const char *end) {
  if (number >= m->captures) {
    if (number != 0) luaL_error(m->L, "invalid capture index %%%d", number + 1);
    lua_pushlstring(m->L, start, (size_t)(end - start));
  } else if (m->capture[number].length == VTL_IS_POSITION) {
    lua_pushinteger(m->L, m->capture[number].start - m->text + 1);
  } else if (m->capture[number].length == VTL_IS_OPEN) {
    luaL_error(m->L, "unfinished capture");
  } else {
    lua_pushlstring(m->L, m->capture[number].start, (size_t)m->capture[number].length);
  }
}

/// Pushes all captures. `start` is NULL where a match without captures gives no value.
static int push_captures(vtl_matcher *m, const char *start, const char *end) {
  int count = m->captures == 0 && start ? 1 : m->captures;
  luaL_checkstack(m->L, count, "too many captures");
  for (int i = 0; i < count; i++) push_capture(m, i, start, end);
  return count;
}

/// Finds the next match at `s` or later.
static const char *search(vtl_matcher *m, const char **s, const char *pattern, bool is_anchored) {
  for (; *s <= m->text_end; ++*s) {
    m->captures = 0;
    vtl_matcher_step(m);
    const char *end = vtl_match(m, *s, pattern);
    if (end) return end;
    if (is_anchored) break;
  }
  return NULL;
}

// MARK: Functions

/// The position of an argument counted from 0. Negative ones count from the end.
static size_t start_position(lua_State *L, int index, size_t length) {
  lua_Integer start = luaL_optinteger(L, index, 1);
  if (start > 0) return (size_t)start - 1;
  if (start == 0 || start < -(lua_Integer)length) return 0;
  return length - (size_t)-start;
}

static int find_or_match(lua_State *L, bool finds) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  size_t start = start_position(L, 3, length);
  if (start > length) {
    lua_pushnil(L);
    return 1;
  }
  if (finds && (lua_toboolean(L, 4) || strcspn(pattern, "^$*+?.([%-") == pattern_length)) {
    const char *found = memmem(text + start, length - start, pattern, pattern_length);
    if (!found) {
      lua_pushnil(L);
      return 1;
    }
    lua_pushinteger(L, found - text + 1);
    lua_pushinteger(L, found - text + (lua_Integer)pattern_length);
    return 2;
  }
  vtl_matcher m;
  vtl_matcher_prepare(&m, L, text, length, pattern, pattern_length);
  bool is_anchored = *pattern == '^';
  const char *s = text + start;
  const char *end = search(&m, &s, pattern + is_anchored, is_anchored);
  if (!end) {
    lua_pushnil(L);
    return 1;
  }
  if (!finds) return push_captures(&m, s, end);
  lua_pushinteger(L, s - text + 1);
  lua_pushinteger(L, end - text);
  return 2 + push_captures(&m, NULL, NULL);
}

static int find(lua_State *L) { return find_or_match(L, true); }
static int match_text(lua_State *L) { return find_or_match(L, false); }

/// Upvalues: the text, the pattern, the next position, the end of the last match (-1: none).
static int next_match(lua_State *L) {
  size_t length, pattern_length;
  const char *text = lua_tolstring(L, lua_upvalueindex(1), &length);
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  size_t start = (size_t)lua_tointeger(L, lua_upvalueindex(3));
  lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
  if (start > length) return 0;
  vtl_matcher m;
  vtl_matcher_prepare(&m, L, text, length, pattern, pattern_length);
  for (const char *s = text + start; s <= m.text_end; s++) {
    const char *end = search(&m, &s, pattern, false);
    if (!end) break;
    if (end - text == last) continue;  // an empty match where the last one ended
    lua_pushinteger(L, end - text);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(&m, s, end);
  }
  return 0;
}

static int each_match(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  luaL_checkstring(L, 2);
  size_t start = start_position(L, 3, length);
  lua_settop(L, 2);
  lua_pushinteger(L, (lua_Integer)(start > length ? length + 1 : start));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, next_match, 4);
  return 1;
}

/// Adds the replacement text at index 3, with its references to captures.
static void add_text(vtl_matcher *m, luaL_Buffer *out, const char *s, const char *end) {
  size_t length;
  const char *text = lua_tolstring(m->L, 3, &length), *stop = text + length;
  for (const char *next; (next = memchr(text, '%', (size_t)(stop - text))); text = next + 2) {
    luaL_addlstring(out, text, (size_t)(next - text));
    // A string of Lua ends with a zero byte.
    char c = next[1];
    if (c == '%') {
      luaL_addchar(out, '%');
    } else if (c == '0') {
      luaL_addlstring(out, s, (size_t)(end - s));
    } else if (isdigit((unsigned char)c)) {
      int number = c - '1';
      if (number >= (m->captures ? m->captures : 1))
        luaL_error(m->L, "invalid capture index %%%d", number + 1);
      push_capture(m, number, s, end);
      luaL_tolstring(m->L, -1, NULL);
      lua_remove(m->L, -2);
      luaL_addvalue(out);
    } else {
      luaL_error(m->L, "invalid use of '%%' in replacement string");
    }
  }
  luaL_addlstring(out, text, (size_t)(stop - text));
}

/// Adds the replacement of a match; false if the match stays as it is.
static bool add_replacement(vtl_matcher *m, luaL_Buffer *out, const char *s, const char *end, int type) {
  lua_State *L = m->L;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(m, s, end), 1);
  } else if (type == LUA_TTABLE) {
    push_capture(m, 0, s, end);
    lua_gettable(L, 3);
  } else {
    add_text(m, out, s, end);
    return true;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(out, s, (size_t)(end - s));
    return false;
  }
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(out);
  return true;
}

static int substitute(lua_State *L) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length), *s = text, *last = NULL;
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  int type = lua_type(L, 3);
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1), count = 0;
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TTABLE && type != LUA_TFUNCTION)
    return luaL_typeerror(L, 3, "string/function/table");
  if (type == LUA_TNUMBER) lua_tolstring(L, 3, NULL);
  bool is_anchored = *pattern == '^', is_changed = false;
  vtl_matcher m;
  vtl_matcher_prepare(&m, L, text, length, pattern, pattern_length);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  while (count < most) {
    vtl_matcher_step(&m);
    m.captures = 0;
    const char *end = vtl_match(&m, s, pattern + is_anchored);
    if (end && end != last) {
      count++;
      is_changed |= add_replacement(&m, &out, s, end, type);
      s = last = end;
    } else if (s < m.text_end) {
      luaL_addchar(&out, *s++);
    } else {
      break;
    }
    if (is_anchored) break;
  }
  if (is_changed) {
    luaL_addlstring(&out, s, (size_t)(m.text_end - s));
    luaL_pushresult(&out);
  } else {
    lua_pushvalue(L, 1);
  }
  lua_pushinteger(L, count);
  return 2;
}

const luaL_Reg vtl_pattern_functions[] = {
    {"find", find}, {"match", match_text}, {"gmatch", each_match}, {"gsub", substitute}, {NULL, NULL}};
