// SPDX-License-Identifier: BSD-3-Clause
//
// The options of the CSV reader.

#include "csv.h"

/// Reads a list of texts, which the table at `index` keeps alive.
static void read_texts(lua_State *L, int index, const char *name, vtf_texts *texts) {
  texts->count = 0;
  texts->longest = 0;
  lua_getfield(L, index, name);
  if (lua_istable(L, -1)) {
    int count = (int)lua_rawlen(L, -1);
    vtf_text *list = vtf_memory(L, (size_t)(count + 1) * sizeof *list);
    for (int i = 1; i <= count; i++) {
      lua_rawgeti(L, -2, i);
      vtf_text *text = &list[texts->count++];
      text->bytes = luaL_checklstring(L, -1, &text->length);
      if (text->length > texts->longest) texts->longest = text->length;
      lua_pop(L, 1);
    }
    texts->texts = list;
    lua_insert(L, -2);  // the memory stays on the stack
  }
  lua_pop(L, 1);
}

void vtf_csv_read_options(lua_State *L, int index, vtf_csv_options *options) {
  vtf_reader *reader = &options->reader;
  size_t length;
  lua_getfield(L, index, "separator");
  reader->separator = *luaL_checkstring(L, -1);
  lua_getfield(L, index, "comment");
  reader->comment = lua_tolstring(L, -1, &length);
  reader->comment_length = reader->comment ? length : 0;
  lua_getfield(L, index, "quote");
  reader->quote = lua_toboolean(L, -1);
  lua_getfield(L, index, "trim");
  reader->trim = lua_toboolean(L, -1);
  lua_getfield(L, index, "fill");
  options->fill = lua_toboolean(L, -1);
  lua_getfield(L, index, "truncate");
  options->truncate = lua_toboolean(L, -1);
  lua_getfield(L, index, "number");
  options->has_number = lua_type(L, -1) == LUA_TNUMBER;
  options->number = lua_tonumber(L, -1);
  lua_getfield(L, index, "integer");
  options->has_integer = lua_isinteger(L, -1);
  options->integer = lua_tointeger(L, -1);
  lua_getfield(L, index, "boolean");
  options->has_boolean = lua_isboolean(L, -1);
  options->boolean = lua_toboolean(L, -1);
  lua_pop(L, 9);
  read_texts(L, index, "na", &options->absent);
  read_texts(L, index, "missing_texts", &options->absent_texts);
  vtf_reader_prepare(reader);
}
