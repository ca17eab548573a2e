// SPDX-License-Identifier: BSD-3-Clause
//
// Operands of elementwise functions: arrays, and Lua values that take the type of the arrays.

#ifndef VTLUA_ARRAY_ELEMENTWISE_H
#define VTLUA_ARRAY_ELEMENTWISE_H

#include <Elementwise.h>

#include "array.h"

enum { VTA_OPERANDS = 3 };

typedef struct {
  lua_State *L;
  const char *what;  // begins messages: "a + b", "sin"
  bool arithmetic;   // an operation that booleans do not have
  int count;
  int at[VTA_OPERANDS];            // stack indices
  vta_array *arrays[VTA_OPERANDS];  // NULL for a Lua value, and for a symbol of array.fuse
  va_dtype types[VTA_OPERANDS];     // VA_DTYPES for a Lua value
  bool has_symbol;
  _Alignas(16) char scalars[VTA_OPERANDS][16];
  va_view views[VTA_OPERANDS];
  va_view result;  // the common shape
} vta_operands;

/// Reads the operands at the stack indices `at`; lists become arrays.
void vta_read_operands(lua_State *L, vta_operands *operands, const char *what);
/// The common type of operands from `first` on; Lua numbers are weak.
va_dtype vta_common_type(vta_operands *operands, int first);
/// Converts operands from `first` on to the type.
void vta_convert_operands(vta_operands *operands, int first, va_dtype dtype);
/// Finds the common shape.
void vta_find_shape(vta_operands *operands);
/// Computes the operation, and pushes the result. `options`: the stack index of a table, or 0.
int vta_compute(vta_operands *operands, va_operation operation, va_dtype loop, int options);

/// Computes an operator of the values at 1 and 2, small arrays of floats of one shape or one with a number,
/// and pushes the result; false if it is another case.
bool vta_compute_small(lua_State *L, va_operation operation);

#endif
