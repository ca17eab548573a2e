// SPDX-License-Identifier: BSD-3-Clause

#include "include/Elementwise.h"

#include "kernels.h"
#include "sleef.h"
#include "team.h"

#include <stdatomic.h>
#include <string.h>

static const struct {
  const char *name;
  uint8_t inputs, cost;
} operations[VA_OPERATIONS] = {
#define OPERATION(id, name, inputs, cost) [VA_##id] = {name, inputs, cost},
    VA_OPERATIONS_LIST(OPERATION)
#undef OPERATION
};

const char *va_operation_name(va_operation operation) { return operations[operation].name; }

va_operation va_operation_named(const char *name) {
  int operation = 0;
  while (operation < VA_OPERATIONS && strcmp(operations[operation].name, name) != 0) operation++;
  return (va_operation)operation;
}

int va_operation_inputs(va_operation operation) { return operations[operation].inputs; }

double va_operation_cost(va_operation operation) { return operations[operation].cost; }

// The table without functions such as `sin`; it says what is defined.
static const va_kernel_table *basic_kernels(void) {
#if defined(__x86_64__)
  if (va_isa_used() >= VA_ISA_AVX2) return &va_kernels_avx2;
#endif
  return &va_kernels_base;
}

va_kernel va_kernel_for(int operation, va_dtype dtype) {
  va_kernel kernel = (*basic_kernels())[operation][dtype];
  bool uses_hypot = operation == VA_ABS && dtype == VA_COMPLEX128;
  if (!uses_hypot && (kernel || !va_kernels_libm[operation][dtype])) return kernel;
  const va_kernel_table *sleef = va_sleef_kernels();
  if (sleef && (*sleef)[operation][dtype]) return (*sleef)[operation][dtype];
  return kernel ? kernel : va_kernels_libm[operation][dtype];
}

void va_apply_flat(va_operation operation, va_dtype dtype, char *const *p, int64_t n) {
  va_kernel_for(operation, dtype)(p, n);
}

va_dtype va_operation_result(va_operation operation, va_dtype dtype) {
  if (!va_kernels_base[operation][dtype] && !va_kernels_libm[operation][dtype]) return VA_DTYPES;
  switch (operation) {
    case VA_ISNAN:
    case VA_ISINF:
    case VA_ISFINITE:
    case VA_SIGNBIT:
    case VA_LOGICAL_NOT:
    case VA_LOGICAL_AND:
    case VA_LOGICAL_OR:
    case VA_LOGICAL_XOR:
    case VA_EQUAL:
    case VA_NOT_EQUAL:
    case VA_LESS:
    case VA_LESS_EQUAL:
    case VA_GREATER:
    case VA_GREATER_EQUAL: return VA_BOOL;
    case VA_ABS:
    case VA_REAL:
    case VA_IMAG:
      if (dtype == VA_COMPLEX64) return VA_FLOAT32;
      if (dtype == VA_COMPLEX128) return VA_FLOAT64;
      return dtype;
    default: return dtype;
  }
}

// MARK: Integers that have no quotient or power

static bool is_refused(const char *element, va_dtype dtype, bool zero) {
  int64_t value = 0;
  switch (va_size(dtype)) {
    case 1: value = *(const int8_t *)element; break;
    case 2: value = *(const int16_t *)element; break;
    case 4: value = *(const int32_t *)element; break;
    default: value = *(const int64_t *)element; break;
  }
  return zero ? value == 0 : value < 0;
}

// One of `n` elements is refused; the loops are simple enough for the compiler's vectors.
bool va_has_refused(const char *at, int64_t stride, va_dtype dtype, bool zero, int64_t n) {
  bool found = false;
#define SEARCH(TYPE)                                                                           \
  if (stride == (int64_t)sizeof(TYPE)) {                                                       \
    const TYPE *elements = (const TYPE *)at;                                                   \
    for (int64_t i = 0; i < n; i++) found |= zero ? elements[i] == 0 : elements[i] < 0;        \
    return found;                                                                              \
  }
  switch (va_size(dtype)) {
    case 1: SEARCH(int8_t) break;
    case 2: SEARCH(int16_t) break;
    case 4: SEARCH(int32_t) break;
    default: SEARCH(int64_t) break;
  }
#undef SEARCH
  for (int64_t i = 0; i < n && !found; i++) found = is_refused(at + i * stride, dtype, zero);
  return found;
}

// Looks for the first element of a view that is zero, or else negative.
static bool find_refused(const va_view *view, bool zero, int64_t *place) {
  // A broadcast axis is searched once.
  va_view once = *view;
  for (int axis = 0; axis < once.axes; axis++)
    if (once.strides[axis] == 0 && once.shape[axis] > 0) once.shape[axis] = 1;
  va_loop loop;
  const va_view *views[] = {&once};
  if (!va_plan(&loop, 1, views)) return false;
  int64_t n = loop.shape[loop.axes - 1], stride = loop.strides[0][loop.axes - 1];
  int64_t index[VA_MAX_AXES] = {0};
  char *at[4] = {loop.data[0]};
  bool found = false;
  do found = va_has_refused(at[0], stride, view->dtype, zero, n);
  while (!found && va_next(&loop, 1, index, at));
  if (!found) return false;
  views[0] = view;
  va_plan(&loop, 1, views);
  n = loop.shape[loop.axes - 1], stride = loop.strides[0][loop.axes - 1];
  memset(index, 0, sizeof index);
  at[0] = loop.data[0];
  *place = 0;
  do {
    for (int64_t i = 0; i < n; i++, ++*place)
      if (is_refused(at[0] + i * stride, view->dtype, zero)) return true;
  } while (va_next(&loop, 1, index, at));
  return false;
}

// MARK: Powers with a constant

static bool is_single(const va_view *view) {
  for (int axis = 0; axis < view->axes; axis++)
    if (view->strides[axis] != 0 && view->shape[axis] != 1) return false;
  return va_count(view) > 0;
}

int va_simple_power(const va_view *exponent) {
  if (!is_single(exponent)) return VA_POW;
  double power = 0;
  switch (exponent->dtype) {
    case VA_FLOAT32: power = *(const float *)exponent->data; break;
    case VA_FLOAT64: power = *(const double *)exponent->data; break;
    case VA_INT8:
    case VA_UINT8: power = *(const int8_t *)exponent->data; break;
    case VA_INT16:
    case VA_UINT16: power = *(const int16_t *)exponent->data; break;
    case VA_INT32:
    case VA_UINT32: power = *(const int32_t *)exponent->data; break;
    case VA_INT64:
    case VA_UINT64: power = (double)*(const int64_t *)exponent->data; break;
    default: return VA_POW;
  }
  if (power == 1) return VA_POSITIVE;
  if (power == 2) return VA_SQUARE;
  if (power == 3) return VA_CUBE;
  if (!va_is_real(exponent->dtype)) return VA_POW;
  if (power == 0.5) return VA_POW_HALF;
  if (power == -1) return VA_RECIPROCAL;
  return VA_POW;
}

va_status va_apply(
    va_operation operation, const va_view *const *inputs, const va_view *out, va_detail *detail) {
  int count = operations[operation].inputs, id = operation;
  va_dtype dtype = inputs[operation == VA_WHERE ? 1 : 0]->dtype;
  if (va_operation_result(operation, dtype) == VA_DTYPES) return VA_NOT_DEFINED;
  double cost = operations[operation].cost;
  int64_t place;
  if (va_is_integer(dtype)) {
    if ((operation == VA_FLOOR_DIVIDE || operation == VA_REMAINDER) &&
        find_refused(inputs[1], true, &place)) {
      if (detail) detail->place = place;
      return VA_BY_ZERO;
    }
    if (operation == VA_POW && va_is_signed(dtype) && find_refused(inputs[1], false, &place)) {
      if (detail) detail->place = place;
      return VA_NEGATIVE_POWER;
    }
  }
  if (operation == VA_POW) {
    id = va_simple_power(inputs[1]);
    if (id != VA_POW) count = 1, cost = 1;
  }
  const va_view *views[VA_MOST_OPERANDS];
  for (int i = 0; i < count; i++) views[i] = inputs[i];
  views[count] = out;
  va_work work = {.kernel = va_kernel_for(id, dtype), .inputs = count, .cost = cost};
#if defined(__x86_64__)
  if (va_isa_used() >= VA_ISA_AVX2) work.streaming = va_kernels_streaming[id][dtype];
#endif
  return va_run(&work, views, detail);
}
