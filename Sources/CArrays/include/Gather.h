// SPDX-License-Identifier: BSD-3-Clause

/// Rows of an array that lie at given offsets.
#ifndef VTLUA_GATHER_H
#define VTLUA_GATHER_H

#include "CArrays.h"

/// Copies rows to `to`, whose first axis counts them; its other axes are those of `row`, whose data
/// is the address to which offsets are added.
void va_take_rows(const va_view *row, const int64_t *offsets, const va_view *to);
/// Copies the rows of `from` to the offsets, in order: of equal offsets, the last one wins.
void va_put_rows(const va_view *from, const va_view *row, const int64_t *offsets);
/// Lists the offsets of the true elements of a mask in row-major order. `strides` are those of the
/// axes of the array that the mask is for. Returns their number; `offsets` may be NULL.
int64_t va_mask_offsets(const va_view *mask, const int64_t *strides, int64_t *offsets);
/// The integer at an address.
int64_t va_integer_at(va_dtype dtype, const char *at);
/// Copies the integers of a view to a list, in row-major order.
void va_list_integers(const va_view *view, int64_t *list);

#endif
