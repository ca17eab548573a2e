// SPDX-License-Identifier: BSD-3-Clause

/// Plans of reductions.
#ifndef VTLUA_CARRAYS_REDUCE_PLAN_H
#define VTLUA_CARRAYS_REDUCE_PLAN_H

#include "include/Reduce.h"
#include "reduce.h"

enum {
  VA_REDUCE_BLOCK = 2048,                 // elements that are reduced at once
  VA_REDUCE_PART = 64 * VA_REDUCE_BLOCK,  // elements of a partial result
};

typedef struct {
  va_reduction reduction;
  va_block_kind kind;
  va_dtype dtype;
  bool skipnan, finds;
  double correction;
  va_block_function block;
  va_columns_function columns;  // or NULL
  size_t size;
  // The axes that remain and those that are reduced, the latter merged where possible.
  int kept, reduced;
  int64_t kept_shape[VA_MAX_AXES], kept_strides[VA_MAX_AXES], out_strides[VA_MAX_AXES];
  int64_t shape[VA_MAX_AXES], strides[VA_MAX_AXES];
  int64_t results, count;  // how many results, and elements for each
  int64_t parts;           // of each result
  int64_t grouped;         // results of a chunk, if each has one part
  const char *data;
  char *out;
  va_dtype out_dtype;
  const va_detail *detail;
  va_partial *partials;
  int64_t *places;
  _Atomic int empty;
} va_reduction_plan;

/// Sets what does not depend on a view; false if the reduction is not defined for the type.
bool va_reduction_begin(
    va_reduction_plan *plan, va_reduction reduction, va_dtype dtype,
    const va_reduction_options *options);

/// Merges the result of later elements into the one of those before them.
void va_merge(const va_reduction_plan *plan, va_partial *into, const va_partial *next);
/// True if `next` has a lesser or greater value than `into`, or the first NaN.
bool va_is_better(
    const va_reduction_plan *plan, const va_partial *next, const va_partial *into);
/// The first element that has the value.
int64_t va_find_value(
    const va_reduction_plan *plan, const char *p, int64_t n, const va_partial *value);
/// Writes a result.
void va_finish(va_reduction_plan *plan, int64_t result, const va_partial *partial, int64_t found);

/// Computes all results: each result for itself, or columns side by side.
va_status va_reduce_parts(va_reduction_plan *plan);
bool va_has_columns(const va_reduction_plan *plan);
va_status va_reduce_columns(va_reduction_plan *plan);

#endif
