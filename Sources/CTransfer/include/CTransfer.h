// SPDX-License-Identifier: BSD-3-Clause

/// Transfers over HTTP by libcurl, which is loaded when the first one starts, for the library `http`.
#ifndef VTLUA_CTRANSFER_H
#define VTLUA_CTRANSFER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/// Pushes the table of the functions that stdlib/http.lua is built on. A lua_CFunction.
int vth_open(lua_State *L);
/// Pushes ``vth_open``. Needs room for one value.
void vth_push_opener(lua_State *L);
/// The version of libcurl, such as "7.88.1", or NULL when it is not installed.
const char *vth_version(void);

#endif
