// SPDX-License-Identifier: BSD-3-Clause
//
// Products of matrices, and their batches.

#ifndef VTLUA_ARRAY_PRODUCTS_H
#define VTLUA_ARRAY_PRODUCTS_H

#include "array.h"

/// Sets `out` to the common shape of the axes before the last two.
void vta_batches(
    lua_State *L, const va_view *a, const va_view *b, va_view *out, const char *function);
/// Broadcasts the batch of a view to that of `out`, which has two more axes; its matrices have the
/// given lengths.
void vta_spread(va_view *view, const va_view *out, int64_t rows, int64_t columns);

extern const luaL_Reg vta_product_functions[];

#endif
