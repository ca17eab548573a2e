// SPDX-License-Identifier: BSD-3-Clause

// Reductions. The elements of each result are cut into blocks of a fixed length, whose results
// are merged in a fixed order: the bits do not depend on the threads.

#include "reduce_plan.h"
#include "team.h"

va_dtype va_reduction_result(va_reduction reduction, va_dtype dtype) {
  switch (reduction) {
    case VA_SUM:
    case VA_PROD:
      if (va_is_floating(dtype)) return dtype;
      return va_is_unsigned(dtype) ? VA_UINT64 : VA_INT64;
    case VA_MEAN: return va_is_floating(dtype) ? dtype : VA_FLOAT64;
    case VA_VAR:
    case VA_STD:
      return dtype == VA_FLOAT32 || dtype == VA_COMPLEX64 ? VA_FLOAT32 : VA_FLOAT64;
    case VA_MIN:
    case VA_MAX: return va_is_complex(dtype) ? VA_DTYPES : dtype;
    case VA_ANY:
    case VA_ALL: return VA_BOOL;
    case VA_COUNT_NONZERO: return VA_INT64;
    default: return va_is_complex(dtype) ? VA_DTYPES : VA_INT64;
  }
}

static va_block_kind kind_of(va_reduction reduction, va_dtype dtype) {
  switch (reduction) {
    case VA_SUM: return VA_BLOCK_SUM;
    // The sum of 64-bit integers may wrap.
    case VA_MEAN:
      return dtype == VA_INT64 || dtype == VA_UINT64 ? VA_BLOCK_MOMENTS : VA_BLOCK_SUM;
    case VA_PROD: return VA_BLOCK_PROD;
    case VA_VAR:
    case VA_STD: return VA_BLOCK_MOMENTS;
    case VA_MIN:
    case VA_ARGMIN: return VA_BLOCK_LEAST;
    case VA_MAX:
    case VA_ARGMAX: return VA_BLOCK_GREATEST;
    default: return VA_BLOCK_COUNT;
  }
}

static void add_reduced_axis(va_reduction_plan *plan, int64_t length, int64_t stride) {
  int last = plan->reduced - 1;
  if (last >= 0 && plan->strides[last] == stride * length) {
    plan->shape[last] *= length;
    plan->strides[last] = stride;
    return;
  }
  plan->shape[plan->reduced] = length;
  plan->strides[plan->reduced++] = stride;
}

static void make_plan(
    va_reduction_plan *plan, const va_view *a, const va_reduction_options *options,
    const va_view *out) {
  plan->results = plan->count = 1;
  for (int axis = 0; axis < a->axes; axis++) {
    int64_t length = a->shape[axis], stride = a->strides[axis];
    if (options->axes >> axis & 1) {
      plan->count *= length;
      if (length != 1) add_reduced_axis(plan, length, stride);
    } else {
      plan->results *= length;
      plan->kept_shape[plan->kept] = length;
      plan->kept_strides[plan->kept] = stride;
      plan->out_strides[plan->kept] = out->strides[plan->kept];
      plan->kept++;
    }
  }
  if (plan->reduced == 0) {
    plan->shape[0] = 1;
    plan->strides[0] = (int64_t)plan->size;
    plan->reduced = 1;
  }
}

bool va_reduction_begin(
    va_reduction_plan *plan, va_reduction reduction, va_dtype dtype,
    const va_reduction_options *options) {
  if (va_reduction_result(reduction, dtype) == VA_DTYPES) return false;
  *plan = (va_reduction_plan){
      .reduction = reduction,
      .kind = kind_of(reduction, dtype),
      .dtype = dtype,
      .skipnan = options->skipnan && va_is_floating(dtype),
      .finds = reduction == VA_ARGMIN || reduction == VA_ARGMAX,
      .correction = options->correction,
      .size = va_size(dtype),
  };
  const va_block_table *blocks = &va_blocks_base;
  const va_columns_table *columns = &va_columns_base;
#if defined(__x86_64__)
  if (va_isa_used() >= VA_ISA_AVX2) {
    blocks = &va_blocks_avx2;
    columns = &va_columns_avx2;
  }
#endif
  plan->block = (*blocks)[plan->kind][dtype][plan->skipnan];
  if (plan->kind <= VA_BLOCK_GREATEST) plan->columns = (*columns)[plan->kind][dtype];
  return true;
}

va_status va_reduce(
    va_reduction reduction, const va_view *a, const va_reduction_options *options,
    const va_view *out, va_detail *detail) {
  va_reduction_plan plan;
  if (!va_reduction_begin(&plan, reduction, a->dtype, options)) return VA_NOT_DEFINED;
  plan.data = a->data;
  plan.out = out->data;
  plan.out_dtype = out->dtype;
  plan.detail = detail;
  make_plan(&plan, a, options, out);
  bool ordered = plan.kind == VA_BLOCK_LEAST || plan.kind == VA_BLOCK_GREATEST;
  if (plan.count == 0 && ordered) return VA_EMPTY;
  if (plan.results == 0) return VA_OK;
  va_status status = va_has_columns(&plan) ? va_reduce_columns(&plan) : va_reduce_parts(&plan);
  return status == VA_OK && plan.empty ? VA_EMPTY : status;
}
