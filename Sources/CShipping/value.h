// SPDX-License-Identifier: BSD-3-Clause
//
// The decoder's loop: reads values into the frames that expect them.

#ifndef VTS_VALUE_H
#define VTS_VALUE_H

#include <lua.h>

#include "decoder.h"

/// Reads values until no frame is left, or until all elements are on the stack.
void vts_run(vts_decoder *d, lua_State *L);

#endif
