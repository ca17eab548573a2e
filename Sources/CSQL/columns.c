// SPDX-License-Identifier: BSD-3-Clause
//
// The rows of a query as columns, and columns as rows of a table.

#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "../CArrayLua/array.h"
#include "sql.h"

// MARK: Reading

/// A column of a result. While it has only numbers they are kept without Lua.
typedef struct {
  enum { NO_VALUE, INTEGERS, NUMBERS, LIST } kind;
  int slot;      // of the memory, or of the list
  bool is_wide;  // an integer that a float cannot hold
  bool has_missing;
  union {
    int64_t *integers;
    double *numbers;
  };
} result_column;

static bool is_wide(int64_t value) {
  return value > (int64_t)1 << 53 || value < -((int64_t)1 << 53);
}

/// Turns the values so far into a list.
static void make_list(lua_State *L, result_column *column, int64_t rows) {
  lua_createtable(L, (int)(rows < 1 << 20 ? rows + 1 : 1 << 20), 0);
  for (int64_t i = 0; i < rows; i++) {
    if (column->kind == INTEGERS) lua_pushinteger(L, column->integers[i]);
    else if (column->kind == NO_VALUE || isnan(column->numbers[i])) continue;
    else lua_pushnumber(L, column->numbers[i]);
    lua_rawseti(L, -2, i + 1);
  }
  column->kind = LIST;
  lua_replace(L, column->slot);
}

static void make_numbers(result_column *column, int64_t rows) {
  for (int64_t i = 0; i < rows; i++)
    column->numbers[i] = column->kind == INTEGERS ? (double)column->integers[i] : NAN;
  column->kind = NUMBERS;
}

static void store(
    lua_State *L, result_column *column, sqlite3_stmt *statement, int number, int64_t row) {
  int type = vtq.sqlite3_column_type(statement, number);
  if (column->kind != LIST) {
    if (type == SQLITE_INTEGER) {
      int64_t value = vtq.sqlite3_column_int64(statement, number);
      column->is_wide |= is_wide(value);
      if (column->kind == NO_VALUE) {
        if (row) make_numbers(column, row);
        else column->kind = INTEGERS;
      }
      if (column->kind == INTEGERS) {
        column->integers[row] = value;
        return;
      }
      if (!column->is_wide) {
        column->numbers[row] = (double)value;
        return;
      }
    } else if (type == SQLITE_FLOAT && !column->is_wide) {
      if (column->kind != NUMBERS) make_numbers(column, row);
      column->numbers[row] = vtq.sqlite3_column_double(statement, number);
      return;
    } else if (type == SQLITE_NULL && !column->is_wide) {
      column->has_missing = true;
      if (column->kind == INTEGERS) make_numbers(column, row);
      if (column->kind == NUMBERS) column->numbers[row] = NAN;
      return;
    }
    make_list(L, column, row);
  }
  if (type == SQLITE_NULL) return;
  vtq_push_value(L, statement, number);
  lua_rawseti(L, column->slot, row + 1);
}

/// Gives the columns that have only numbers room for more rows.
static void grow(lua_State *L, result_column *columns, int count, int64_t rows, int64_t room) {
  for (int i = 0; i < count; i++) {
    if (columns[i].kind == LIST) continue;
    void *more = lua_newuserdatauv(L, (size_t)room * 8, 0);
    if (rows && columns[i].kind != NO_VALUE) memcpy(more, columns[i].numbers, (size_t)rows * 8);
    columns[i].numbers = more;
    lua_replace(L, columns[i].slot);
  }
}

static void push_numbers(lua_State *L, const result_column *column, int64_t rows) {
  va_view view = {.dtype = column->kind == INTEGERS ? VA_INT64 : VA_FLOAT64, .axes = 1,
                  .shape = {rows}};
  vta_new(L, &view, false);
  if (rows && column->kind != NO_VALUE) memcpy(view.data, column->numbers, (size_t)rows * 8);
  if (column->kind == NO_VALUE)
    for (int64_t i = 0; i < rows; i++) ((double *)view.data)[i] = NAN;
}

/// True if an empty column has a declared type of numbers. The rules are SQLite's.
static bool is_declared_number(sqlite3_stmt *statement, int column, bool *is_integer) {
  const char *type = vtq.sqlite3_column_decltype(statement, column);
  if (!type) return false;
  *is_integer = strcasestr(type, "int");
  return *is_integer || strcasestr(type, "real") || strcasestr(type, "floa") ||
         strcasestr(type, "doub");
}

/// columns(statement): a list with the values of each column and the number of rows; nil and a message on
/// failure. Numbers are arrays: float64 with NaN for NULL, int64 where all are integers.
int vtq_columns(lua_State *L) {
  vtq_statement *statement = vtq_check_statement(L, 1);
  sqlite3_stmt *handle = statement->handle;
  if (!handle) return luaL_error(L, "the statement is closed");
  lua_settop(L, 1);
  int count = vtq.sqlite3_column_count(handle);
  luaL_checkstack(L, count + 20, "columns");
  result_column *columns = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *columns, 0);
  memset(columns, 0, (size_t)(count + 1) * sizeof *columns);
  for (int i = 0; i < count; i++) {
    lua_pushnil(L);
    columns[i].slot = lua_gettop(L);
  }
  int64_t rows = 0, room = 0;
  for (;;) {
    vtq_watch(L, statement->owner);
    int status = vtq.sqlite3_step(handle);
    if (status == SQLITE_DONE) break;
    if (status != SQLITE_ROW) return vtq_failure(L, statement->database, status);
    if (rows == room) {
      room = room ? 2 * room : 256;
      grow(L, columns, count, rows, room);
    }
    for (int i = 0; i < count; i++) store(L, &columns[i], handle, i, rows);
    rows++;
  }
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    bool is_integer;
    if (rows == 0 && is_declared_number(handle, i, &is_integer))
      columns[i].kind = is_integer ? INTEGERS : NUMBERS;
    else if (rows == 0)
      make_list(L, &columns[i], 0);
    if (columns[i].kind == LIST) lua_pushvalue(L, columns[i].slot);
    else push_numbers(L, &columns[i], rows);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushinteger(L, rows);
  return 2;
}

// MARK: Writing

/// Binds an element of an array.
static int bind_element(sqlite3_stmt *statement, int parameter, const va_view *view, int64_t row) {
  const char *at = view->data + row * view->strides[0];
  int64_t value;
  switch (view->dtype) {
    case VA_FLOAT64: return vtq.sqlite3_bind_double(statement, parameter, *(const double *)at);
    case VA_FLOAT32: return vtq.sqlite3_bind_double(statement, parameter, *(const float *)at);
    case VA_BOOL:
    case VA_UINT8: value = *(const uint8_t *)at; break;
    case VA_INT8: value = *(const int8_t *)at; break;
    case VA_INT16: value = *(const int16_t *)at; break;
    case VA_UINT16: value = *(const uint16_t *)at; break;
    case VA_INT32: value = *(const int32_t *)at; break;
    case VA_UINT32: value = *(const uint32_t *)at; break;
    case VA_UINT64:
      if (*(const uint64_t *)at > INT64_MAX)
        return vtq.sqlite3_bind_double(statement, parameter, (double)*(const uint64_t *)at);
      value = *(const int64_t *)at;
      break;
    default: value = *(const int64_t *)at;
  }
  return vtq.sqlite3_bind_int64(statement, parameter, value);
}

/// insert(statement, columns, rows): runs the statement for each row, with the values of the columns as
/// its parameters. Returns true; nil and a message on failure.
int vtq_insert(lua_State *L) {
  vtq_statement *statement = vtq_check_statement(L, 1);
  sqlite3_stmt *handle = statement->handle;
  luaL_checktype(L, 2, LUA_TTABLE);
  int64_t rows = luaL_checkinteger(L, 3);
  if (!handle) return luaL_error(L, "the statement is closed");
  lua_settop(L, 3);
  int count = (int)lua_rawlen(L, 2);
  luaL_checkstack(L, count + 20, "columns");
  va_view *views = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *views, 0);
  int first = lua_gettop(L) + 1;
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 2, i + 1);
    views[i].data = NULL;
    vta_array *array = vta_test(L, -1);
    if (!array) continue;
    vta_view(L, array, &views[i]);
    vta_view(L, vta_push_derived(L, array, &views[i]), &views[i]);
    lua_replace(L, -2);
    if (views[i].axes != 1 || views[i].shape[0] != rows || va_is_complex(views[i].dtype))
      return luaL_error(L, "column %d has another shape or type", i + 1);
  }
  for (int64_t row = 0; row < rows; row++) {
    for (int i = 0; i < count; i++) {
      if (views[i].data) {
        bind_element(handle, i + 1, &views[i], row);
        continue;
      }
      lua_rawgeti(L, first + i, row + 1);
      const char *reason = vtq_bind(L, handle, i + 1, lua_gettop(L));
      lua_pop(L, 1);
      if (reason) {
        lua_pushnil(L);
        lua_pushfstring(L, "row %I of column %d is %s", (LUAI_UACINT)(row + 1), i + 1, reason);
        return 2;
      }
    }
    if ((row & 1023) == 0) vtq_watch(L, statement->owner);
    int status = vtq.sqlite3_step(handle);
    if (status != SQLITE_DONE && status != SQLITE_ROW) {
      vtq_failure(L, statement->database, status);
      vtq.sqlite3_reset(handle);
      return 2;
    }
    vtq.sqlite3_reset(handle);
  }
  lua_pushboolean(L, true);
  return 1;
}
