// SPDX-License-Identifier: BSD-3-Clause
//
// Functions that are computed by other functions of arrays.

#ifndef VTLUA_ARRAY_COMPOSE_H
#define VTLUA_ARRAY_COMPOSE_H

#include "array.h"

/// Pushes the function of `array` with this name, such as "sum" or "linalg.svd".
void vta_push_function(lua_State *L, const char *name);
/// Calls the function of `array` with this name with the values on top. Its errors name the line that has called the function that runs.
void vta_call_function(lua_State *L, const char *name, int arguments, int results);
/// Pushes the result of an operator, such as LUA_OPMUL, for the values at two stack indices.
void vta_push_operation(lua_State *L, int operator, int a, int b);

/// The type of the magnitudes of numbers of a type.
va_dtype vta_real_type(va_dtype dtype);
/// The argument at `index` as an array of floats: integers become float64, bool is an error.
vta_array *vta_read_floats(lua_State *L, int index, const char *function);
/// The argument at `index` as an array of the type.
vta_array *vta_read_as(lua_State *L, int index, va_dtype dtype, const char *function);
/// Makes the value on top an array of the type, or a number if it has no axes and the option `array`
/// of the table at `options` is not true.
void vta_finish(lua_State *L, va_dtype dtype, int options, const char *function);
/// Reads the arguments (a, axis, options) or (a, options) of a function that takes an axis. Returns
/// the stack index of the options; `axis` is set to that of the axis, or 0.
int vta_axis_arguments(lua_State *L, const char *function, const char *names, int *axis);

/// The argument at `index` as matrices of floats.
vta_array *vta_read_matrix(lua_State *L, int index, va_view *view, const char *function);
/// The argument at `index` as square matrices of floats.
vta_array *vta_read_square(lua_State *L, int index, va_view *view, const char *function);
/// Raises an error that names the function if OpenBLAS cannot be used.
void vta_need_openblas(lua_State *L, const char *function);

/// The functions of array.linalg that are in other files than linear.c.
extern const luaL_Reg vta_norm_functions[], vta_contraction_functions[], vta_inverse_functions[];
/// Those of array.linalg; linear.c has them.
extern const luaL_Reg vta_linear_functions[];

#endif
