// SPDX-License-Identifier: BSD-3-Clause

#ifndef VTH_REQUEST_H
#define VTH_REQUEST_H

#include <lua.h>

/// `request { url =, headers =, ... }`: one request, without redirects.
int vth_request(lua_State *L);

/// The descriptor of the draft at `index`, or -1 for nil.
int vth_draft_descriptor(lua_State *L, int index);

#endif
