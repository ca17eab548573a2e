// SPDX-License-Identifier: BSD-3-Clause

/// Columns of tables: CSV text as typed columns, groups, joins and orders of rows. The libraries
/// `csv` and `frame` call these functions; `frame_plain.lua` has the same ones in Lua.
#ifndef VTLUA_CFRAME_H
#define VTLUA_CFRAME_H

#include <lua.h>

/// Pushes the function that returns the table of these functions, which is made at the first call.
/// Raises no error but "not enough memory".
void vtf_push(lua_State *L);

#endif
