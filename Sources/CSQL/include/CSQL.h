// SPDX-License-Identifier: BSD-3-Clause

/// SQLite for the library `sql`: databases and statements as userdata. It is loaded when the first
/// database is opened.
#ifndef VTLUA_CSQL_H
#define VTLUA_CSQL_H

#include <lua.h>

/// Pushes the function that returns the table of these functions, which is made at the first call.
/// Raises no error but "not enough memory".
void vtq_push(lua_State *L);

#endif
