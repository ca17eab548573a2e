// SPDX-License-Identifier: BSD-3-Clause

/// Loops over elements that lie one after another, and their use on views.
#ifndef VTLUA_CARRAYS_KERNELS_H
#define VTLUA_CARRAYS_KERNELS_H

#include "include/CArrays.h"
#include "include/Elementwise.h"

/// Computes `n` elements: p[0] and so on are the inputs, then the output.
typedef void (*va_kernel)(char *const *p, int64_t n);

enum {
  // Operations that va_apply puts in place of `pow` with a constant.
  VA_CUBE = VA_OPERATIONS,
  VA_POW_HALF,
  // Two steps of a fused expression that are computed at once, each rounded: x * y + z and so on.
  VA_MULTIPLY_ADD,
  VA_MULTIPLY_SUBTRACT,
  VA_SUBTRACT_PRODUCT,  // z - x * y
  VA_KERNELS,
  VA_MOST_OPERANDS = 17,
  VA_RUN_CHUNK = 1 << 17,  // elements that one thread computes in order
};

/// The kernels, by operation and type of the inputs (of the second input for `where`); NULL where
/// the operation is not defined.
typedef va_kernel va_kernel_table[VA_KERNELS][VA_DTYPES];
extern const va_kernel_table va_kernels_base, va_kernels_avx2;

/// Elementwise functions with SLEEF; NULL where there is none.
extern const va_kernel_table va_kernels_sleef_avx2, va_kernels_sleef_avx512;

/// The same for large outputs: the stores bypass the caches. The output is aligned to 32 bytes.
extern const va_kernel_table va_kernels_streaming;
/// Is called after them, before another thread may read the output.
void va_finish_streaming(void);

/// The kernel that is used on this processor; NULL if the operation is not defined for the type.
va_kernel va_kernel_for(int operation, va_dtype dtype);

/// The computation of each piece of views of one shape.
typedef struct va_work va_work;
struct va_work {
  va_kernel kernel;
  va_kernel streaming;  // or NULL
  /// In place of a kernel: `first` is the place of the first of the `n` elements among all. `streams`: the
  /// output is for streaming stores.
  void (*program)(const va_work *work, char *const *p, int64_t n, int64_t first, bool streams);
  int inputs;
  void *extra;  // is given to the kernel after the output
  double cost;  // nanoseconds an element
};

/// Runs the kernel over the elements. The last view is the output.
va_status va_run(const va_work *work, const va_view *const *views, const va_detail *detail);

/// One element of an integer type is refused by a division (0) or a power (less than 0).
bool va_has_refused(const char *at, int64_t stride, va_dtype dtype, bool zero, int64_t n);
/// The operation of one input that replaces a power with an exponent, or VA_POW.
int va_simple_power(const va_view *exponent);
/// The nanoseconds an element, about.
double va_operation_cost(va_operation operation);

/// Is given to the kernel of a cast after the output; `failed` is set when a value does not fit.
typedef struct {
  va_cast_mode mode;
  _Atomic bool failed;
} va_cast_request;
/// NULL if the cast is not defined.
va_kernel va_cast_kernel(va_dtype from, va_dtype to);

/// Copies `n` elements of `size` bytes from `from`, `stride` bytes apart, to `to`, one after
/// another; and back.
void va_gather(char *to, const char *from, int64_t stride, size_t size, int64_t n);
void va_scatter(char *to, int64_t stride, const char *from, size_t size, int64_t n);

/// The first element of a line along an axis; lines are counted over the other axes.
static inline char *va_line_of(const va_view *view, int axis, int64_t line) {
  char *at = view->data;
  for (int i = view->axes - 1; i >= 0; i--) {
    if (i == axis) continue;
    at += line % view->shape[i] * view->strides[i];
    line /= view->shape[i];
  }
  return at;
}

#endif
