// SPDX-License-Identifier: BSD-3-Clause
//
// The walk: begins values, and steps through frames until none is left.

#ifndef VTS_STEPS_H
#define VTS_STEPS_H

#include <lua.h>

#include "walk.h"

/// Takes the value on top, which is not a scalar: writes it, or begins its frame.
void vts_begin(vts_encoder *e, lua_State *L);
/// Continues until no frame is left, the encoder fails, or the item must be walked again.
void vts_walk(vts_encoder *e, lua_State *L);

#endif
