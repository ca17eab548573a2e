// SPDX-License-Identifier: BSD-3-Clause
//
// The content of private tags: typed lists, functions, names, classes, objects and references.

#ifndef VTS_TAGGED_H
#define VTS_TAGGED_H

#include <lua.h>
#include <stdbool.h>

#include "decoder.h"

/// Each reads the content of a tag. True: the value is complete, and on top. False: a frame was
/// opened for the rest.
bool vts_read_list(vts_decoder *d, lua_State *L);
bool vts_read_function(vts_decoder *d, lua_State *L);
bool vts_read_named(vts_decoder *d, lua_State *L);
bool vts_read_object(vts_decoder *d, lua_State *L);
/// False: the class's content follows, and must be read into the table on top.
bool vts_read_class(vts_decoder *d, lua_State *L);
bool vts_read_shared_string(vts_decoder *d, lua_State *L);
bool vts_read_host(vts_decoder *d, lua_State *L);
/// `tag` is TAG_ARRAY, or one of those that come before it.
bool vts_read_array_item(vts_decoder *d, lua_State *L, uint64_t tag);
bool vts_read_shared_array(vts_decoder *d, lua_State *L);
bool vts_read_root(vts_decoder *d, lua_State *L);

/// Continues with the next cell of the function in the innermost frame. True: its value follows.
/// False: it is a cell that occurred before, and is complete.
bool vts_open_cell(vts_decoder *d, lua_State *L);

#endif
