// SPDX-License-Identifier: BSD-3-Clause
//
// Columns as CSV text. The rules are those of csv.format in stdlib/csv.lua.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

/// Text that grows, in memory of Lua.
typedef struct {
  char *bytes;
  size_t length, room;
  int slot;
} text_buffer;

static void add(lua_State *L, text_buffer *to, const char *bytes, size_t length) {
  if (to->room - to->length < length) {
    size_t room = 2 * to->room + length;
    char *more = vtf_memory(L, room);
    memcpy(more, to->bytes, to->length);
    to->bytes = more;
    to->room = room;
    lua_replace(L, to->slot);
  }
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
}

static void add_integer(lua_State *L, text_buffer *to, long long value) {
  char text[32];
  add(L, to, text, (size_t)snprintf(text, sizeof text, "%lld", value));
}

/// Adds the shortest text that reads back as the number, with a point or an exponent. NaN is missing.
static void add_number(lua_State *L, text_buffer *to, double value) {
  char text[40];
  if (value != value) return;
  if (isinf(value)) {
    add(L, to, value > 0 ? "inf" : "-inf", value > 0 ? 3 : 4);
    return;
  }
  int length = 0;
  for (int digits = 15; digits <= 17; digits++) {
    length = snprintf(text, sizeof text, "%.*g", digits, value);
    for (int i = 0; i < length; i++)  // a decimal comma of the locale
      if (text[i] == ',') text[i] = '.';
    double read;
    if (vtf_parse_number(text, (size_t)length, &read) && read == value) break;
  }
  add(L, to, text, (size_t)length);
  if (!memchr(text, '.', (size_t)length) && !memchr(text, 'e', (size_t)length)) add(L, to, ".0", 2);
}

static void add_text(
    lua_State *L, text_buffer *to, const char *text, size_t length, char separator) {
  bool quoted = false;
  for (size_t i = 0; i < length && !quoted; i++)
    quoted = text[i] == '"' || text[i] == '\r' || text[i] == '\n' || text[i] == separator;
  if (!quoted) {
    add(L, to, text, length);
    return;
  }
  add(L, to, "\"", 1);
  while (length) {
    const char *stop = memchr(text, '"', length);
    size_t part = stop ? (size_t)(stop - text) + 1 : length;
    add(L, to, text, part);
    if (stop) add(L, to, "\"", 1);
    text += part, length -= part;
  }
  add(L, to, "\"", 1);
}

static void add_element(lua_State *L, text_buffer *to, const va_view *view, int64_t row) {
  const char *at = view->data + row * view->strides[0];
  if (va_is_real(view->dtype)) {
    add_number(L, to, vtf_number(view, row));
  } else if (view->dtype == VA_BOOL) {
    if (*(const uint8_t *)at) add(L, to, "true", 4);
    else add(L, to, "false", 5);
  } else if (view->dtype == VA_UINT64 && *(const uint64_t *)at > INT64_MAX) {
    add_number(L, to, (double)*(const uint64_t *)at);
  } else {
    bool is_wide = view->dtype == VA_INT64 || view->dtype == VA_UINT64;
    add_integer(L, to, is_wide ? *(const int64_t *)at : (long long)vtf_number(view, row));
  }
}

static void add_value(lua_State *L, text_buffer *to, char separator) {
  size_t length;
  switch (lua_type(L, -1)) {
    case LUA_TNIL: break;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, -1)) add(L, to, "true", 4);
      else add(L, to, "false", 5);
      break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, -1)) add_integer(L, to, lua_tointeger(L, -1));
      else add_number(L, to, lua_tonumber(L, -1));
      break;
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, -1, &length);
      add_text(L, to, text, length, separator);
      break;
    }
    default: luaL_error(L, "cannot write a %s as CSV", luaL_typename(L, -1));
  }
}

/// format(columns, rows, separator, newline, is_first): the rows as CSV. `is_first` is true if no header
/// comes before them.
int vtf_format(lua_State *L) {
  size_t newline_length;
  luaL_checktype(L, 1, LUA_TTABLE);
  int64_t rows = luaL_checkinteger(L, 2);
  char separator = *luaL_checkstring(L, 3);
  const char *newline = luaL_checklstring(L, 4, &newline_length);
  bool is_first = lua_toboolean(L, 5);
  lua_settop(L, 5);
  int count = (int)lua_rawlen(L, 1);
  luaL_checkstack(L, count + 20, "columns");
  vtf_column *columns = vtf_memory(L, (size_t)(count + 1) * sizeof *columns);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    vtf_read_column(L, -1, rows, &columns[i]);
  }
  text_buffer to = {.room = 1 << 16};
  to.bytes = vtf_memory(L, to.room);
  to.slot = lua_gettop(L);
  for (int64_t row = 0; row < rows; row++) {
    if ((row & 4095) == 0) vtf_check_stop(L);
    size_t start = to.length;
    for (int i = 0; i < count; i++) {
      if (i) add(L, &to, &separator, 1);
      if (columns[i].is_list) {
        lua_rawgeti(L, columns[i].index, row + 1);
        add_value(L, &to, separator);
        lua_pop(L, 1);
      } else {
        add_element(L, &to, &columns[i].view, row);
      }
    }
    // The reader would skip an empty line and drop a byte order mark.
    if (to.length == start) add(L, &to, "\"\"", 2);
    if (is_first && row == 0 && to.length >= 3 && memcmp(to.bytes, "\xEF\xBB\xBF", 3) == 0) {
      add(L, &to, "\xEF\xBB\xBF", 3);
      memmove(to.bytes + 3, to.bytes, to.length - 3);
      memcpy(to.bytes, "\xEF\xBB\xBF", 3);
    }
    add(L, &to, newline, newline_length);
  }
  lua_pushlstring(L, to.bytes, to.length);
  return 1;
}
