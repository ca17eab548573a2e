// SPDX-License-Identifier: BSD-3-Clause
//
// The tables of functions and methods.

#ifndef VTLUA_ARRAY_OPEN_H
#define VTLUA_ARRAY_OPEN_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>

/// The values of array.newaxis and array.rest are the addresses of these.
extern const char vta_newaxis, vta_rest;

/// Pushes the table of methods.
void vta_push_methods(lua_State *L);
/// Pushes the table array.fft.
void vta_push_fourier(lua_State *L);
/// Pushes the table array.linalg.
void vta_push_linear(lua_State *L);
/// The functions of `array`, which are also methods, by group; the last one is NULL.
extern const luaL_Reg *const vta_functions[];
/// The functions of array.fft.
extern const luaL_Reg vta_fourier_functions[];
/// True if the name is a function that makes arrays of other things, and no method.
bool vta_is_maker(const char *name);
/// __index of the filled table `array`, and of its parts: raise an error that names what is similar.
int vta_missing(lua_State *L);
int vta_missing_linear(lua_State *L);
int vta_missing_fourier(lua_State *L);
/// Raises the error for a name that is neither a method nor a property.
int vta_no_method(lua_State *L, const char *name);

#endif
