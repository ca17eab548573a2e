// SPDX-License-Identifier: BSD-3-Clause
//
// The tables of functions and methods.

#ifndef VTLUA_ARRAY_OPEN_H
#define VTLUA_ARRAY_OPEN_H

#include <lua.h>

/// The values of array.newaxis and array.rest are the addresses of these.
extern const char vta_newaxis, vta_rest;

/// Pushes the table of methods.
void vta_push_methods(lua_State *L);
/// Pushes the table array.fft.
void vta_push_fourier(lua_State *L);
/// Pushes the table array.linalg.
void vta_push_linear(lua_State *L);
/// Raises the error for a name that is neither a method nor a property.
int vta_no_method(lua_State *L, const char *name);

#endif
