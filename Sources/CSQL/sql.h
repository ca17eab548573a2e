// SPDX-License-Identifier: BSD-3-Clause
//
// The declarations that the files of this target share. Functions for Lua return nil and a message where SQLite
// reports an error; the library adds the place in the user's code.

#ifndef VTLUA_SQL_H
#define VTLUA_SQL_H

#include <lauxlib.h>
#include <lua.h>
#include <sqlite3.h>
#include <stdbool.h>

// MARK: The library (load.c)

#define VTQ_FUNCTIONS(F)                                                                       \
  F(sqlite3_open_v2) F(sqlite3_close_v2) F(sqlite3_errmsg) F(sqlite3_db_config)                \
  F(sqlite3_busy_handler) F(sqlite3_progress_handler) F(sqlite3_set_authorizer)                \
  F(sqlite3_get_autocommit) F(sqlite3_changes) F(sqlite3_total_changes)                        \
  F(sqlite3_last_insert_rowid) F(sqlite3_prepare_v2) F(sqlite3_finalize) F(sqlite3_step)       \
  F(sqlite3_reset) F(sqlite3_clear_bindings) F(sqlite3_bind_parameter_count)                   \
  F(sqlite3_bind_parameter_name) F(sqlite3_bind_null) F(sqlite3_bind_int64)                    \
  F(sqlite3_bind_double) F(sqlite3_bind_text64) F(sqlite3_bind_blob64) F(sqlite3_column_count) \
  F(sqlite3_column_name) F(sqlite3_column_decltype) F(sqlite3_column_type)                     \
  F(sqlite3_column_int64) F(sqlite3_column_double) F(sqlite3_column_blob)                      \
  F(sqlite3_column_bytes) F(sqlite3_stmt_readonly) F(sqlite3_serialize)                         \
  F(sqlite3_free) F(sqlite3_libversion)

typedef struct {
#define FIELD(name) __typeof__(name) *name;
  VTQ_FUNCTIONS(FIELD)
#undef FIELD
} vtq_library;

/// The functions of SQLite. Set once vtq_load has succeeded.
extern vtq_library vtq;
/// Loads SQLite. Returns NULL, or a message that names the missing package.
const char *vtq_load(void);

// MARK: Userdata (database.c)

typedef struct {
  sqlite3 *handle;  // NULL once closed
  int timeout;      // milliseconds to wait for a lock
  bool uses_clock;  // the last prepared statement reads the current time
  bool uses_random;
  lua_State *L;  // that runs a statement
} vtq_database;

typedef struct {
  sqlite3_stmt *handle;    // NULL once closed
  vtq_database *owner;     // which the statement keeps alive
  sqlite3 *database;
} vtq_statement;

vtq_database *vtq_check_database(lua_State *L, int index);
vtq_statement *vtq_check_statement(lua_State *L, int index);
/// Prepares SQLite for a step: a stop ends it.
void vtq_watch(lua_State *L, vtq_database *database);
/// Pushes nil and SQLite's message; raises the stop of the evaluation if that ended the step.
int vtq_failure(lua_State *L, sqlite3 *database, int status);
/// Binds the value at `index`. Returns NULL, or the reason why it has no form in SQLite.
const char *vtq_bind(lua_State *L, sqlite3_stmt *statement, int parameter, int index);
/// Pushes the value of a column of the current row.
void vtq_push_value(lua_State *L, sqlite3_stmt *statement, int column);

// MARK: Functions for Lua (columns.c)

int vtq_columns(lua_State *L);
int vtq_insert(lua_State *L);

#endif
