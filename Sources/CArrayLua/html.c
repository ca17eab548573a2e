// SPDX-License-Identifier: BSD-3-Clause
//
// Matrices as HTML, for notebooks.

#include <Format.h>
#include <stdlib.h>

#include "array.h"

enum { MOST_ROWS = 50, MOST_COLUMNS = 30 };

/// Adds the text of the element at a place.
static void add_element(lua_State *L, luaL_Buffer *page, const vta_array *array, int64_t row,
                        int64_t column) {
  static const va_format_options options = {.digits = 8, .width = 75, .threshold = 1000};
  va_view view;
  vta_view(L, array, &view);
  view.data += row * view.strides[0] + column * view.strides[1];
  view.axes = 0;
  size_t length;
  char *text = va_format(&view, &options, &length), copy[80];
  if (!text) vta_no_memory(L);
  if (length >= sizeof copy) length = sizeof copy - 1;
  for (size_t i = 0; i < length; i++) copy[i] = text[i];
  free(text);
  luaL_addlstring(page, copy, length);
}

static void add_number(luaL_Buffer *page, int64_t number) {
  lua_pushinteger(page->L, number);
  luaL_addvalue(page);
}

/// Adds "12 more rows" for those that are not shown.
static void add_rest(luaL_Buffer *page, int64_t count, int64_t shown, const char *name) {
  if (count <= shown) return;
  luaL_addstring(page, ", ");
  add_number(page, count - shown);
  luaL_addstring(page, " more ");
  luaL_addstring(page, name);
}

/// The table of an array of two axes, bounded; nil for others, which are shown as text.
static int html(lua_State *L) {
  vta_array *array = vta_check(L, 1, "__html");
  if (!array->storage || array->axes != 2) return 0;
  int64_t rows = array->lengths[0], columns = array->lengths[1];
  if (rows == 0 || columns == 0) return 0;
  int64_t last_row = rows < MOST_ROWS ? rows : MOST_ROWS;
  int64_t last_column = columns < MOST_COLUMNS ? columns : MOST_COLUMNS;
  luaL_Buffer page;
  luaL_buffinit(L, &page);
  luaL_addstring(&page, "<table>\n<thead><tr><th></th>");
  for (int64_t column = 1; column <= last_column; column++) {
    luaL_addstring(&page, "<th>");
    add_number(&page, column);
    luaL_addstring(&page, "</th>");
  }
  luaL_addstring(&page, "</tr></thead>\n<tbody>\n");
  for (int64_t row = 0; row < last_row; row++) {
    luaL_addstring(&page, "<tr><th>");
    add_number(&page, row + 1);
    luaL_addstring(&page, "</th>");
    for (int64_t column = 0; column < last_column; column++) {
      luaL_addstring(&page, "<td style=\"text-align: right\">");
      add_element(L, &page, array, row, column);
      luaL_addstring(&page, "</td>");
    }
    luaL_addstring(&page, "</tr>\n");
  }
  luaL_addstring(&page, "</tbody>\n</table>\n<p>");
  luaL_addstring(&page, va_name((va_dtype)array->dtype));
  luaL_addstring(&page, ", ");
  add_number(&page, rows);
  luaL_addstring(&page, " x ");
  add_number(&page, columns);
  add_rest(&page, rows, last_row, "rows");
  add_rest(&page, columns, last_column, "columns");
  luaL_addstring(&page, "</p>");
  luaL_pushresult(&page);
  return 1;
}

const luaL_Reg vta_html_operators[] = {{"__html", html}, {NULL, NULL}};
