// SPDX-License-Identifier: BSD-3-Clause
//
// The string keys of a table in an order that does not depend on the process.

#ifndef VTS_SORTED_NAMES_H
#define VTS_SORTED_NAMES_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
  const char *bytes;
  size_t length;
} vts_name;

/// The number of Lua's own libraries.
enum { VTS_STANDARD = 10 };

/// The position of a name among Lua's own libraries; VTS_STANDARD if it is none of them.
int vts_rank(const vts_name *name);
/// True for the name of one of Lua's own libraries, and for `_G`.
bool vts_is_standard(const char *name, size_t length);
/// Pushes a userdata with the sorted string keys of the table on top, which keeps them alive. May
/// raise.
vts_name *vts_push_names(lua_State *L, size_t *count);
/// Pushes such a userdata with Lua's own libraries first.
vts_name *vts_push_modules(lua_State *L, size_t *count);

#endif
