// SPDX-License-Identifier: BSD-3-Clause
//
// Values with content: tables, maps in canonical order, Lua functions, and values that cannot be
// encoded. None of them walks into its content: a step returns when a value that is not a scalar
// lies on top, and the walk takes it from there.

#ifndef VTS_VALUES_H
#define VTS_VALUES_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "walk.h"

/// Takes the table on top: writes it, or begins its frame.
void vts_begin_table(vts_encoder *e, lua_State *L);
/// Takes the table on top, a map of `pairs`, and begins it with its keys in canonical order.
void vts_begin_sorted(vts_encoder *e, lua_State *L, int64_t pairs);
/// Takes the Lua function on top, and begins its frame.
void vts_begin_function(vts_encoder *e, lua_State *L);

/// Takes the userdata on top and writes it, if it is an array.
bool vts_begin_array(vts_encoder *e, lua_State *L);

/// The steps of the innermost frame. True: a value that is not a scalar lies on top, to be begun.
/// False: the frame is complete, or the encoder has failed.
bool vts_step_sorted(vts_encoder *e, lua_State *L);
bool vts_step_function(vts_encoder *e, lua_State *L);

typedef enum {
  WHAT_COROUTINE, WHAT_LIGHT, WHAT_USERDATA, WHAT_C_FUNCTION, WHAT_FUNCTION, WHAT_METATABLE,
  WHAT_KEY, WHAT_SHARED_ARRAY,
} vts_what;

/// Records that the value on top cannot be encoded. With VTS_PARTIAL, writes nil in its place, except
/// for an object, whose table follows.
void vts_refuse(vts_encoder *e, lua_State *L, vts_what what);
/// Fails because the value of the innermost frame is nested too deeply.
void vts_refuse_depth(vts_encoder *e, lua_State *L);

#endif
