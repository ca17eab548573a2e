// SPDX-License-Identifier: BSD-3-Clause
//
// Straight lines between points.

#include "include/Series.h"
#include "kernels.h"

typedef struct {
  const double *places, *values;
  int64_t n;
  double left, right;
} points;

static double value_at(const points *points, double x) {
  const double *places = points->places, *values = points->values;
  int64_t last = points->n - 1;
  if (x != x) return x;
  if (x < places[0]) return points->left;
  if (x > places[last]) return points->right;
  int64_t low = 0, high = last + 1;  // places[low] <= x
  while (low + 1 < high) {
    int64_t middle = low + (high - low) / 2;
    if (places[middle] <= x) low = middle;
    else high = middle;
  }
  if (low == last || places[low] == x) return values[low];
  double slope = (values[low + 1] - values[low]) / (places[low + 1] - places[low]);
  double value = slope * (x - places[low]) + values[low];
  // Infinite places and values: from the other point, or between equal ones.
  if (value != value) value = slope * (x - places[low + 1]) + values[low + 1];
  if (value != value && values[low] == values[low + 1]) value = values[low];
  return value;
}

static void interpolate(char *const *p, int64_t n) {
  const points *points = (const void *)p[2];
  for (int64_t i = 0; i < n; i++)
    ((double *)p[1])[i] = value_at(points, ((const double *)p[0])[i]);
}

va_status va_interpolate(
    const va_view *x, const double *places, const double *values, int64_t n, double left,
    double right, const va_view *out, va_detail *detail) {
  points points = {places, values, n, left, right};
  va_work work = {.kernel = interpolate, .inputs = 1, .extra = &points, .cost = 30};
  const va_view *views[] = {x, out};
  return va_run(&work, views, detail);
}
