// SPDX-License-Identifier: BSD-3-Clause
//
// The table of options that is the last argument of a function.

#ifndef VTLUA_ARRAY_OPTIONS_H
#define VTLUA_ARRAY_OPTIONS_H

#include <lua.h>
#include <stdbool.h>

/// Raises an error if the value at `index` is neither nothing nor a table, or has a name that is not
/// among `names`, which are separated by spaces.
void vta_check_options(lua_State *L, int index, const char *function, const char *names);
/// The boolean option with the name.
bool vta_flag_option(lua_State *L, int index, const char *name, bool otherwise);
/// Pushes the option with the name; false, and pushes nothing, if it is absent.
bool vta_push_option(lua_State *L, int index, const char *name);
/// True if the value at `index` is a table that has a name: options rather than a list.
bool vta_is_options(lua_State *L, int index);

#endif
