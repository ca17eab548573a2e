// SPDX-License-Identifier: BSD-3-Clause
//
// Cumulative sums and products along an axis.

#include "include/Reduce.h"
#include "kernels.h"
#include "loops.h"
#include "team.h"

#pragma STDC FP_CONTRACT OFF

enum { PIECE = 1024, GROUP = 4 };

typedef union {
  double real[2];
  uint64_t integer;
} carry;

typedef void (*scan)(const char *from, char *to, int64_t n, carry *carry);

// Four elements at a time: the carry waits for one addition, not for four.
#define SCAN(NAME, TYPE, SUM, RESULT, FIELD, INSTEAD, OPERATOR)                                \
  static void NAME(const char *from, char *to, int64_t n, carry *carry) {                      \
    const TYPE *a = (const TYPE *)from;                                                        \
    RESULT *o = (RESULT *)to;                                                                  \
    SUM c = carry->FIELD;                                                                      \
    int64_t i = 0;                                                                             \
    for (; i + GROUP <= n; i += GROUP) {                                                       \
      SUM x0 = INSTEAD((SUM)a[i]), x1 = INSTEAD((SUM)a[i + 1]);                                \
      SUM x2 = INSTEAD((SUM)a[i + 2]), x3 = INSTEAD((SUM)a[i + 3]);                            \
      x1 = x0 OPERATOR x1;                                                                     \
      x3 = x2 OPERATOR x3;                                                                     \
      x2 = x1 OPERATOR x2;                                                                     \
      x3 = x1 OPERATOR x3;                                                                     \
      o[i] = (RESULT)(c OPERATOR x0);                                                          \
      o[i + 1] = (RESULT)(c OPERATOR x1);                                                      \
      o[i + 2] = (RESULT)(c OPERATOR x2);                                                      \
      c = c OPERATOR x3;                                                                       \
      o[i + 3] = (RESULT)c;                                                                    \
    }                                                                                          \
    for (; i < n; i++) {                                                                       \
      c = c OPERATOR INSTEAD((SUM)a[i]);                                                       \
      o[i] = (RESULT)c;                                                                        \
    }                                                                                          \
    carry->FIELD = c;                                                                          \
  }
#define SAME(X) (X)
#define OR_ZERO(X) ((X) == (X) ? (X) : 0)
#define OR_ONE(X) ((X) == (X) ? (X) : 1)

#define INTEGER_SCANS(TAG, TYPE, WIDE, REAL, UNUSED)                                           \
  SCAN(sum_##TAG, TYPE, uint64_t, uint64_t, integer, SAME, +)                                  \
  SCAN(product_##TAG, TYPE, uint64_t, uint64_t, integer, SAME, *)
BOOLEAN(INTEGER_SCANS, )
INTEGERS(INTEGER_SCANS, )
#define FLOAT_SCANS(TAG, TYPE, WIDE, REAL, UNUSED)                                             \
  SCAN(sum_##TAG, TYPE, double, TYPE, real[0], SAME, +)                                        \
  SCAN(product_##TAG, TYPE, double, TYPE, real[0], SAME, *)                                    \
  SCAN(sum_skip_##TAG, TYPE, double, TYPE, real[0], OR_ZERO, +)                                \
  SCAN(product_skip_##TAG, TYPE, double, TYPE, real[0], OR_ONE, *)
FLOATS(FLOAT_SCANS, )

#define COMPLEX_SCAN(NAME, TYPE, SKIPS, RE, IM)                                                \
  static void NAME(const char *from, char *to, int64_t n, carry *carry) {                      \
    const TYPE *a = (const TYPE *)from;                                                        \
    TYPE *o = (TYPE *)to;                                                                      \
    double re = carry->real[0], im = carry->real[1];                                           \
    for (int64_t i = 0; i < n; i++) {                                                          \
      double x = (double)a[2 * i], y = (double)a[2 * i + 1];                                   \
      if (!SKIPS || (x == x && y == y)) {                                                      \
        double next = (RE);                                                                    \
        im = (IM);                                                                             \
        re = next;                                                                             \
      }                                                                                        \
      o[2 * i] = (TYPE)re;                                                                     \
      o[2 * i + 1] = (TYPE)im;                                                                 \
    }                                                                                          \
    carry->real[0] = re;                                                                       \
    carry->real[1] = im;                                                                       \
  }
#define COMPLEX_SCANS(TAG, TYPE, WIDE, REAL, UNUSED)                                           \
  COMPLEX_SCAN(sum_##TAG, REAL, false, re + x, im + y)                                         \
  COMPLEX_SCAN(product_##TAG, REAL, false, re *x - im * y, re *y + im * x)                     \
  COMPLEX_SCAN(sum_skip_##TAG, REAL, true, re + x, im + y)                                     \
  COMPLEX_SCAN(product_skip_##TAG, REAL, true, re *x - im * y, re *y + im * x)
COMPLEXES(COMPLEX_SCANS, )

#define SCAN_ENTRY(TAG, TYPE, WIDE, REAL, NAME) [VA_##TAG] = {NAME##_##TAG, NAME##_##TAG},
#define SKIP_ENTRY(TAG, TYPE, WIDE, REAL, NAME) [VA_##TAG] = {NAME##_##TAG, NAME##_skip_##TAG},
#define ENTRIES(NAME)                                                                          \
  {BOOLEAN(SCAN_ENTRY, NAME) INTEGERS(SCAN_ENTRY, NAME) FLOATS(SKIP_ENTRY, NAME)               \
       COMPLEXES(SKIP_ENTRY, NAME)}
static const scan scans[2][VA_DTYPES][2] = {ENTRIES(sum), ENTRIES(product)};

typedef struct {
  va_loop lines;  // the elements at the beginning of each line: `a`, `out`
  scan scan;
  bool is_product, is_float;
  int64_t count, length, stride, out_stride, grouped;
  size_t size, out_size;
  const va_detail *detail;
} plan;

static void run_line(const plan *plan, const char *from, char *to) {
  _Alignas(64) char in[PIECE * 16], out[PIECE * 16];
  carry carry = {0};
  if (plan->is_product && plan->is_float) carry.real[0] = 1;
  else if (plan->is_product) carry.integer = 1;
  bool direct_in = plan->stride == (int64_t)plan->size;
  bool direct_out = plan->out_stride == (int64_t)plan->out_size;
  for (int64_t i = 0; i < plan->length; i += PIECE) {
    int64_t n = plan->length - i < PIECE ? plan->length - i : PIECE;
    if (i % (64 * PIECE) == 0 && va_is_stopped(plan->detail)) return;
    const char *a = from + i * plan->stride;
    char *o = to + i * plan->out_stride;
    if (!direct_in) va_gather(in, a, plan->stride, plan->size, n);
    plan->scan(direct_in ? a : in, direct_out ? o : out, n, &carry);
    if (!direct_out) va_scatter(o, plan->out_stride, out, plan->out_size, n);
  }
}

static void run_lines(void *context, int64_t chunk) {
  const plan *plan = context;
  const va_loop *lines = &plan->lines;
  int64_t first = chunk * plan->grouped, end = first + plan->grouped;
  if (end > plan->count) end = plan->count;
  for (int64_t line = first; line < end; line++) {
    char *from = lines->data[0], *to = lines->data[1];
    int64_t rest = line;
    for (int axis = lines->axes - 1; axis >= 0; axis--) {
      int64_t index = rest % lines->shape[axis];
      rest /= lines->shape[axis];
      from += index * lines->strides[0][axis];
      to += index * lines->strides[1][axis];
    }
    run_line(plan, from, to);
  }
}

va_status va_cumulate(
    va_reduction reduction, const va_view *a, int axis, bool skipnan, const va_view *out,
    va_detail *detail) {
  if (reduction != VA_SUM && reduction != VA_PROD) return VA_NOT_DEFINED;
  plan plan = {
      .scan = scans[reduction == VA_PROD][a->dtype][skipnan],
      .is_product = reduction == VA_PROD,
      .is_float = va_is_floating(a->dtype),
      .count = 1,
      .length = a->shape[axis],
      .stride = a->strides[axis],
      .out_stride = out->strides[axis],
      .size = va_size(a->dtype),
      .out_size = va_size(out->dtype),
      .detail = detail,
  };
  plan.lines.data[0] = a->data;
  plan.lines.data[1] = out->data;
  for (int i = 0; i < a->axes; i++) {
    if (i == axis) continue;
    int at = plan.lines.axes++;
    plan.count *= plan.lines.shape[at] = a->shape[i];
    plan.lines.strides[0][at] = a->strides[i];
    plan.lines.strides[1][at] = out->strides[i];
  }
  if (plan.count == 0 || plan.length == 0) return VA_OK;
  plan.grouped = (1 << 17) / plan.length;
  if (plan.grouped < 1) plan.grouped = 1;
  va_status status =
      va_team_run((plan.count + plan.grouped - 1) / plan.grouped,
                  (double)plan.count * (double)plan.length, run_lines, &plan, detail);
  return status == VA_OK && va_is_stopped(detail) ? VA_STOPPED : status;
}
