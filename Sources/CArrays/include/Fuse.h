// SPDX-License-Identifier: BSD-3-Clause

/// Several elementwise operations in one pass over memory.
#ifndef VTLUA_CARRAYS_FUSE_H
#define VTLUA_CARRAYS_FUSE_H

#include "Elementwise.h"
#include "Reduce.h"

enum {
  VA_FUSE_INPUTS = 16,   ///< most inputs; constants are inputs with strides of 0
  VA_FUSE_STEPS = 64,    ///< most steps
  VA_FUSE_CAST = 1000,   ///< an operation: converts the one input to `result`
};

/// One step. Values are numbered: the inputs from 0, then the results of the steps.
typedef struct {
  int operation;     // a va_operation, or VA_FUSE_CAST
  va_dtype dtype;    // of the inputs (of the second one of `where`)
  va_dtype result;   // va_operation_result(operation, dtype), or the target of the cast
  int inputs[3];
} va_step;

typedef struct {
  const va_step *steps;
  int count;
  int inputs;
} va_program;

/// Computes the last step's value for views of one shape, which is that of `out`. VA_NOT_DEFINED:
/// a step is not defined for its type, or too many values are needed at once. VA_BY_ZERO and
/// VA_NEGATIVE_POWER: `detail->place` is the first such place, and `out` may be partly written.
va_status va_fuse(
    const va_program *program, const va_view *const *inputs, const va_view *out,
    va_detail *detail);

/// Reduces the last step's value over all axes to `out`, a view without axes, of the type
/// va_reduction_result. `shape` has the shape of the inputs. Not for VA_ARGMIN and VA_ARGMAX.
va_status va_fuse_reduce(
    const va_program *program, const va_view *const *inputs, va_reduction reduction,
    const va_reduction_options *options, const va_view *out, va_detail *detail);

#endif
