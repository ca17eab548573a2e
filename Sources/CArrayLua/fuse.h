// SPDX-License-Identifier: BSD-3-Clause
//
// Symbols, which stand for arrays while the function of array.fuse runs.

#ifndef VTLUA_ARRAY_FUSE_H
#define VTLUA_ARRAY_FUSE_H

#include <Reduce.h>

#include "elementwise.h"

typedef struct vta_symbol vta_symbol;

/// The symbol at `index`, or NULL.
vta_symbol *vta_test_symbol(lua_State *L, int index);
va_dtype vta_symbol_type(lua_State *L, const vta_symbol *symbol);
/// Raises the error for a symbol as an argument of a function that is not elementwise.
int vta_refuse_symbol(lua_State *L, const char *function);
/// Records an operation on operands of which one or more are symbols, and pushes the result's symbol.
int vta_record(vta_operands *operands, va_operation operation, int first, va_dtype loop);
/// Records a reduction of the symbol at 1, and pushes its symbol.
int vta_record_reduction(
    lua_State *L, va_reduction reduction, const va_reduction_options *options,
    const char *function);

#endif
