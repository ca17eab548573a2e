// SPDX-License-Identifier: BSD-3-Clause
//
// Databases and statements.

#include <CLuaGuard.h>
#include <Standalone.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "CSQL.h"
#include "sql.h"

static const char database_type[] = "sql.database", statement_type[] = "sql.statement",
                  bytes_type[] = "sql.bytes";

vtq_database *vtq_check_database(lua_State *L, int index) {
  return luaL_checkudata(L, index, database_type);
}

vtq_statement *vtq_check_statement(lua_State *L, int index) {
  return luaL_checkudata(L, index, statement_type);
}

// MARK: Stops and waits

/// True if the evaluation is stopped, or the script interrupted.
static int is_stopped(void *context) {
  const vtq_database *database = context;
  return *vtl_stop_flag() || vtl_is_interrupted(database->L);
}

/// Waits for a lock that another connection has, in steps, up to the timeout.
static int wait_for_lock(void *context, int count) {
  const vtq_database *database = context;
  enum { STEP = 10 };
  if (count * STEP >= database->timeout || is_stopped(context)) return 0;
  nanosleep(&(struct timespec){.tv_nsec = STEP * 1000000}, NULL);
  return 1;
}

void vtq_watch(lua_State *L, vtq_database *database) {
  database->L = L;
  if (database->handle)
    vtq.sqlite3_progress_handler(database->handle, 100000, is_stopped, database);
}

int vtq_failure(lua_State *L, sqlite3 *database, int status) {
  if (*vtl_stop_flag()) return vtl_raise_stop(L);
  lua_pushnil(L);
  lua_pushstring(L, vtq.sqlite3_errmsg(database));
  lua_pushinteger(L, status);
  return 3;
}

// MARK: Opening

/// A statement must not open other files, which nothing would observe. Reading the clock and random
/// numbers is noted.
static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *trigger) {
  (void)database, (void)trigger;
  vtq_database *state = context;
  if (action == SQLITE_ATTACH) return first && *first ? SQLITE_DENY : SQLITE_OK;
  if (action != SQLITE_FUNCTION || !second) return SQLITE_OK;
  if (strcasecmp(second, "random") == 0 || strcasecmp(second, "randomblob") == 0)
    state->uses_random = true;
  if (strncasecmp(second, "current_", 8) == 0) state->uses_clock = true;
  return SQLITE_OK;
}

/// open(path, mode, timeout): a database; nil and a message on failure. The mode is "read" or "write".
static int open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1), *mode = luaL_checkstring(L, 2);
  lua_Number timeout = luaL_checknumber(L, 3);
  const char *missing = vtq_load();
  if (missing) {
    lua_pushnil(L);
    lua_pushstring(L, missing);
    return 2;
  }
  vtq_database *database = lua_newuserdatauv(L, sizeof *database, 0);
  *database = (vtq_database){.timeout = (int)(timeout * 1000), .L = L};
  luaL_setmetatable(L, database_type);
  int flags = *mode == 'r' ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int status = vtq.sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (!database->handle) return luaL_error(L, "not enough memory");
  if (status != SQLITE_OK) return vtq_failure(L, database->handle, status);
  // Older libraries do not have all of the settings.
  vtq.sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
  vtq.sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
  vtq.sqlite3_busy_handler(database->handle, wait_for_lock, database);
  vtq.sqlite3_set_authorizer(database->handle, authorize, database);
  return 1;
}

/// close(database): statements that are still open keep it until they are closed.
static int close_database(lua_State *L) {
  vtq_database *database = vtq_check_database(L, 1);
  sqlite3 *handle = database->handle;
  database->handle = NULL;
  if (handle) {
    vtq.sqlite3_busy_handler(handle, NULL, NULL);
    vtq.sqlite3_set_authorizer(handle, NULL, NULL);
    vtq.sqlite3_progress_handler(handle, 0, NULL, NULL);
    vtq.sqlite3_close_v2(handle);
  }
  return 0;
}

/// state(database): true if it is open, true outside of a transaction, the rows that all statements have
/// changed so far, and the last row's number.
static int state(lua_State *L) {
  vtq_database *database = vtq_check_database(L, 1);
  lua_pushboolean(L, database->handle != NULL);
  if (!database->handle) return 1;
  lua_pushboolean(L, vtq.sqlite3_get_autocommit(database->handle));
  lua_pushinteger(L, vtq.sqlite3_total_changes(database->handle));
  lua_pushinteger(L, vtq.sqlite3_last_insert_rowid(database->handle));
  return 4;
}

// MARK: Statements

/// True if a text has the word by which date functions of SQL read the clock.
static bool reads_now(const char *sql, size_t length) {
  for (size_t i = 0; i + 5 <= length; i++)
    if (sql[i] == '\'' && strncasecmp(sql + i, "'now'", 5) == 0) return true;
  return false;
}

/// prepare(database, sql, from): a statement, or false if there is none, and the place after it; nil and a
/// message on failure.
static int prepare(lua_State *L) {
  vtq_database *database = vtq_check_database(L, 1);
  size_t length;
  const char *sql = luaL_checklstring(L, 2, &length), *rest = NULL;
  lua_Integer from = luaL_checkinteger(L, 3);
  if (!database->handle) return luaL_error(L, "the database is closed");
  if (from < 1 || (size_t)from > length + 1) return luaL_argerror(L, 3, "out of range");
  vtq_statement *statement = lua_newuserdatauv(L, sizeof *statement, 1);
  *statement = (vtq_statement){NULL, database, database->handle};
  luaL_setmetatable(L, statement_type);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  database->uses_clock = database->uses_random = false;
  vtq_watch(L, database);
  int status = vtq.sqlite3_prepare_v2(
      database->handle, sql + from - 1, (int)(length - (size_t)from + 2), &statement->handle, &rest);
  if (status != SQLITE_OK) return vtq_failure(L, database->handle, status);
  if (!statement->handle) {
    lua_pushboolean(L, false);
    lua_replace(L, -2);
  }
  if (database->uses_clock || reads_now(sql, length))
    vtl_access_note(L, VTL_ACCESS_CLOCK, "the current time in SQL");
  if (database->uses_random) vtl_access_note(L, VTL_ACCESS_RANDOM, "random() in SQL");
  lua_pushinteger(L, rest ? rest - sql + 1 : (lua_Integer)length + 1);
  return 2;
}

static sqlite3_stmt *check_open(lua_State *L, int index) {
  sqlite3_stmt *handle = vtq_check_statement(L, index)->handle;
  if (!handle) luaL_error(L, "the statement is closed");
  return handle;
}

/// describe(statement): the names of its parameters, those of its columns, and true if it only reads. A
/// parameter without a name is false.
static int describe(lua_State *L) {
  sqlite3_stmt *handle = check_open(L, 1);
  int parameters = vtq.sqlite3_bind_parameter_count(handle);
  int columns = vtq.sqlite3_column_count(handle);
  lua_newtable(L);
  for (int i = 1; i <= parameters; i++) {
    const char *name = vtq.sqlite3_bind_parameter_name(handle, i);
    if (name) lua_pushstring(L, name);
    else lua_pushboolean(L, false);
    lua_rawseti(L, -2, i);
  }
  lua_newtable(L);
  for (int i = 0; i < columns; i++) {
    lua_pushstring(L, vtq.sqlite3_column_name(handle, i));
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushboolean(L, vtq.sqlite3_stmt_readonly(handle));
  return 3;
}

const char *vtq_bind(lua_State *L, sqlite3_stmt *statement, int parameter, int index) {
  int status = SQLITE_OK;
  switch (lua_type(L, index)) {
    case LUA_TNIL: status = vtq.sqlite3_bind_null(statement, parameter); break;
    case LUA_TBOOLEAN:
      status = vtq.sqlite3_bind_int64(statement, parameter, lua_toboolean(L, index));
      break;
    case LUA_TNUMBER:
      status = lua_isinteger(L, index)
                   ? vtq.sqlite3_bind_int64(statement, parameter, lua_tointeger(L, index))
                   : vtq.sqlite3_bind_double(statement, parameter, lua_tonumber(L, index));
      break;
    case LUA_TSTRING: {
      size_t length;
      const char *text = lua_tolstring(L, index, &length);
      status = vtq.sqlite3_bind_text64(
          statement, parameter, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    }
    case LUA_TTABLE: {  // { blob = bytes }
      size_t length;
      const char *bytes = lua_getfield(L, index, "blob") == LUA_TSTRING
                              ? lua_tolstring(L, -1, &length) : NULL;
      if (bytes)
        status = vtq.sqlite3_bind_blob64(statement, parameter, bytes, length, SQLITE_TRANSIENT);
      lua_pop(L, 1);
      if (!bytes) return "a table";
      break;
    }
    default: return luaL_typename(L, index);
  }
  return status == SQLITE_OK ? NULL : "a value that is too large";
}

/// bind(statement, parameter, value): nothing, or the reason why the value has no form in SQLite.
static int bind(lua_State *L) {
  sqlite3_stmt *handle = check_open(L, 1);
  lua_settop(L, 3);
  lua_pushstring(L, vtq_bind(L, handle, (int)luaL_checkinteger(L, 2), 3));
  return 1;
}

void vtq_push_value(lua_State *L, sqlite3_stmt *statement, int column) {
  switch (vtq.sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: lua_pushinteger(L, vtq.sqlite3_column_int64(statement, column)); break;
    case SQLITE_FLOAT: lua_pushnumber(L, vtq.sqlite3_column_double(statement, column)); break;
    case SQLITE_NULL: lua_pushnil(L); break;
    default: {
      const void *bytes = vtq.sqlite3_column_blob(statement, column);
      lua_pushlstring(L, bytes ? bytes : "", (size_t)vtq.sqlite3_column_bytes(statement, column));
    }
  }
}

/// step(statement, row): fills the table with the values of the next row and returns true; returns false
/// after the last one, and nil and a message on failure.
static int step(lua_State *L) {
  sqlite3_stmt *handle = check_open(L, 1);
  sqlite3 *database = vtq_check_statement(L, 1)->database;
  lua_settop(L, 2);
  vtq_watch(L, vtq_check_statement(L, 1)->owner);
  int status = vtq.sqlite3_step(handle);
  if (status != SQLITE_ROW) {
    if (status != SQLITE_DONE) return vtq_failure(L, database, status);
    lua_pushboolean(L, false);
    return 1;
  }
  if (lua_istable(L, 2)) {
    int columns = vtq.sqlite3_column_count(handle);
    for (int i = 0; i < columns; i++) {
      vtq_push_value(L, handle, i);
      lua_rawseti(L, 2, i + 1);
    }
  }
  lua_pushboolean(L, true);
  return 1;
}

/// reset(statement): prepares it to be run again, without values.
static int reset(lua_State *L) {
  sqlite3_stmt *handle = vtq_check_statement(L, 1)->handle;
  if (handle) {
    vtq.sqlite3_reset(handle);
    vtq.sqlite3_clear_bindings(handle);
  }
  return 0;
}

static int finalize(lua_State *L) {
  vtq_statement *statement = vtq_check_statement(L, 1);
  sqlite3_stmt *handle = statement->handle;
  statement->handle = NULL;
  if (handle) vtq.sqlite3_finalize(handle);
  return 0;
}

// MARK: Whole databases

/// serialize(database): the bytes of a file with the database.
static int serialize(lua_State *L) {
  vtq_database *database = vtq_check_database(L, 1);
  if (!database->handle) return luaL_error(L, "the database is closed");
  void **bytes = lua_newuserdatauv(L, sizeof *bytes, 0);
  *bytes = NULL;
  luaL_setmetatable(L, bytes_type);
  sqlite3_int64 size = 0;
  *bytes = vtq.sqlite3_serialize(database->handle, "main", &size, 0);
  if (!*bytes) return luaL_error(L, "not enough memory");
  lua_pushlstring(L, *bytes, (size_t)size);
  vtq.sqlite3_free(*bytes);
  *bytes = NULL;
  return 1;
}

static int release_bytes(lua_State *L) {
  void **bytes = lua_touserdata(L, 1);
  vtq.sqlite3_free(*bytes);
  *bytes = NULL;
  return 0;
}

// MARK: The table

static const luaL_Reg functions[] = {
    {"open", open},       {"close", close_database}, {"state", state},     {"prepare", prepare},
    {"describe", describe}, {"bind", bind},          {"step", step},       {"reset", reset},
    {"finalize", finalize}, {"columns", vtq_columns}, {"insert", vtq_insert},
    {"serialize", serialize}, {NULL, NULL},
};

static void make_type(lua_State *L, const char *name, lua_CFunction release) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
}

static int push_functions(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE) return 1;
  make_type(L, database_type, close_database);
  make_type(L, statement_type, finalize);
  make_type(L, bytes_type, release_bytes);
  luaL_newlib(L, functions);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return 1;
}

void vtq_push(lua_State *L) { lua_pushcfunction(L, push_functions); }
