// SPDX-License-Identifier: BSD-3-Clause

#include "reduce_plan.h"

#include <math.h>

// MARK: Partial results

// `count` is the number of elements of the earlier one.
void va_merge(
    const va_reduction_plan *plan, va_partial *into, const va_partial *next) {
  bool is_float = va_is_floating(plan->dtype), is_unsigned = !va_is_signed(plan->dtype);
  switch (plan->kind) {
    case VA_BLOCK_SUM:
      if (is_float) {
        into->re += next->re;
        into->im += next->im;
      } else {
        into->u += next->u;
      }
      break;
    case VA_BLOCK_PROD:
      if (va_is_complex(plan->dtype)) {
        double re = into->re * next->re - into->im * next->im;
        into->im = into->re * next->im + into->im * next->re;
        into->re = re;
      } else if (is_float) {
        into->re *= next->re;
      } else {
        into->u *= next->u;
      }
      break;
    case VA_BLOCK_LEAST:
      if (is_float) into->re = into->re <= next->re || into->re != into->re ? into->re : next->re;
      else if (is_unsigned) into->u = into->u <= next->u ? into->u : next->u;
      else into->i = into->i <= next->i ? into->i : next->i;
      break;
    case VA_BLOCK_GREATEST:
      if (is_float) into->re = into->re >= next->re || into->re != into->re ? into->re : next->re;
      else if (is_unsigned) into->u = into->u >= next->u ? into->u : next->u;
      else into->i = into->i >= next->i ? into->i : next->i;
      break;
    case VA_BLOCK_COUNT: into->i += next->i; break;
    default: {
      if (next->n == 0) return;
      if (into->n == 0) {
        *into = *next;
        return;
      }
      double a = (double)into->n, b = (double)next->n, n = a + b;
      double re = next->re - into->re, im = next->im - into->im;
      into->squares += next->squares + (re * re + im * im) * (a * b / n);
      into->re += re * (b / n);
      into->im += im * (b / n);
    }
  }
  into->n += next->n;
}

// Whether `next` has a lesser or greater value than `into`, or the first NaN.
bool va_is_better(
    const va_reduction_plan *plan, const va_partial *next, const va_partial *into) {
  if (next->n == 0 || into->n == 0) return next->n != 0;
  bool least = plan->kind == VA_BLOCK_LEAST;
  if (va_is_floating(plan->dtype)) {
    if (into->re != into->re) return false;
    if (next->re != next->re) return true;
    return least ? next->re < into->re : next->re > into->re;
  }
  if (va_is_signed(plan->dtype)) return least ? next->i < into->i : next->i > into->i;
  return least ? next->u < into->u : next->u > into->u;
}

// The first element that has the value.
int64_t va_find_value(
    const va_reduction_plan *plan, const char *p, int64_t n, const va_partial *value) {
#define SEARCH(TAG, TYPE, FIELD)                                                               \
  case TAG:                                                                                    \
    for (int64_t i = 0; i < n; i++) {                                                          \
      TYPE x = ((const TYPE *)p)[i];                                                           \
      if (x == (TYPE)value->FIELD || (x != x && value->FIELD != value->FIELD)) return i;       \
    }                                                                                          \
    return 0;
  switch (plan->dtype) {
    SEARCH(VA_INT8, int8_t, i)
    SEARCH(VA_INT16, int16_t, i)
    SEARCH(VA_INT32, int32_t, i)
    SEARCH(VA_INT64, int64_t, i)
    SEARCH(VA_BOOL, uint8_t, u)
    SEARCH(VA_UINT8, uint8_t, u)
    SEARCH(VA_UINT16, uint16_t, u)
    SEARCH(VA_UINT32, uint32_t, u)
    SEARCH(VA_UINT64, uint64_t, u)
    SEARCH(VA_FLOAT32, float, re)
    SEARCH(VA_FLOAT64, double, re)
    default: return 0;
  }
#undef SEARCH
}

// MARK: Results

static char *out_of(const va_reduction_plan *plan, int64_t result) {
  char *out = plan->out;
  for (int axis = plan->kept - 1; axis >= 0; axis--) {
    out += result % plan->kept_shape[axis] * plan->out_strides[axis];
    result /= plan->kept_shape[axis];
  }
  return out;
}

#define STORE(TYPE, VALUE) (*(TYPE *)out = (TYPE)(VALUE))
static void store_integer(char *out, va_dtype dtype, int64_t i) {
  switch (va_size(dtype)) {
    case 1: STORE(int8_t, i); break;
    case 2: STORE(int16_t, i); break;
    case 4: STORE(int32_t, i); break;
    default: STORE(int64_t, i); break;
  }
}
static void store_float(char *out, va_dtype dtype, double re, double im) {
  switch (dtype) {
    case VA_FLOAT32: STORE(float, re); break;
    case VA_FLOAT64: STORE(double, re); break;
    case VA_COMPLEX64: ((float *)out)[0] = (float)re, ((float *)out)[1] = (float)im; break;
    default: ((double *)out)[0] = re, ((double *)out)[1] = im; break;
  }
}

void va_finish(
    va_reduction_plan *plan, int64_t result, const va_partial *partial, int64_t found) {
  char *out = out_of(plan, result);
  va_dtype dtype = plan->out_dtype;
  double n = (double)partial->n;
  switch (plan->reduction) {
    case VA_ANY: STORE(uint8_t, partial->i > 0); break;
    case VA_ALL: STORE(uint8_t, partial->i == partial->n); break;
    case VA_COUNT_NONZERO: STORE(int64_t, partial->i); break;
    case VA_ARGMIN:
    case VA_ARGMAX:
      if (partial->n == 0) plan->empty = 1;
      STORE(int64_t, found);
      break;
    case VA_MEAN: {
      double re = partial->re, im = partial->im;
      if (plan->kind == VA_BLOCK_MOMENTS) {
        store_float(out, dtype, partial->n ? re : NAN, 0);
        break;
      }
      if (va_is_signed(plan->dtype)) re = (double)partial->i;
      else if (!va_is_floating(plan->dtype)) re = (double)partial->u;
      store_float(out, dtype, re / n, im / n);
      break;
    }
    case VA_VAR:
    case VA_STD: {
      double divisor = n - plan->correction;
      double variance = partial->squares / (divisor > 0 ? divisor : 0);
      store_float(out, dtype, plan->reduction == VA_VAR ? variance : sqrt(variance), 0);
      break;
    }
    default:
      if (!va_is_floating(dtype)) store_integer(out, dtype, partial->i);
      else if ((plan->reduction == VA_MIN || plan->reduction == VA_MAX) && partial->n == 0)
        store_float(out, dtype, NAN, 0);
      else store_float(out, dtype, partial->re, partial->im);
  }
}
