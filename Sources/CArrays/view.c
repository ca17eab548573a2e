// SPDX-License-Identifier: BSD-3-Clause
//
// Views, and the plan of a loop over several of them.

#include "CArrays.h"

int64_t va_count(const va_view *view) {
  int64_t count = 1;
  for (int axis = 0; axis < view->axes; axis++) count *= view->shape[axis];
  return count;
}

bool va_is_contiguous(const va_view *view) {
  int64_t step = (int64_t)va_size(view->dtype);
  for (int axis = view->axes - 1; axis >= 0; axis--) {
    int64_t length = view->shape[axis];
    if (length == 0) return true;
    if (length != 1 && view->strides[axis] != step) {
      for (int outer = axis - 1; outer >= 0; outer--)
        if (view->shape[outer] == 0) return true;
      return false;
    }
    step *= length;
  }
  return true;
}

void va_set_strides(va_view *view) {
  int64_t step = (int64_t)va_size(view->dtype);
  for (int axis = view->axes - 1; axis >= 0; axis--) {
    view->strides[axis] = step;
    step *= view->shape[axis] > 0 ? view->shape[axis] : 1;
  }
}

void va_extent(const va_view *view, char **first, char **end) {
  *first = *end = view->data;
  if (va_count(view) == 0) return;
  for (int axis = 0; axis < view->axes; axis++) {
    int64_t span = view->strides[axis] * (view->shape[axis] - 1);
    if (span < 0) *first += span;
    else *end += span;
  }
  *end += va_size(view->dtype);
}

bool va_may_overlap(const va_view *a, const va_view *b) {
  char *first[2], *end[2];
  va_extent(a, &first[0], &end[0]);
  va_extent(b, &first[1], &end[1]);
  return first[0] < end[1] && first[1] < end[0];
}

/// True if `axis` of every view continues where the last axis of the plan ends.
static bool merges(const va_loop *loop, int views, const va_view *const *view, int axis) {
  int last = loop->axes - 1;
  for (int v = 0; v < views; v++)
    if (loop->strides[v][last] != view[v]->strides[axis] * view[v]->shape[axis]) return false;
  return true;
}

bool va_plan(va_loop *loop, int views, const va_view *const *view) {
  loop->axes = 0;
  for (int v = 0; v < views; v++) loop->data[v] = view[v]->data;
  for (int axis = 0; axis < view[0]->axes; axis++) {
    int64_t length = view[0]->shape[axis];
    if (length == 0) return false;
    if (length == 1) continue;
    bool merged = loop->axes > 0 && merges(loop, views, view, axis);
    int to = merged ? loop->axes - 1 : loop->axes++;
    loop->shape[to] = merged ? loop->shape[to] * length : length;
    for (int v = 0; v < views; v++) loop->strides[v][to] = view[v]->strides[axis];
  }
  if (loop->axes == 0) {
    loop->axes = 1;
    loop->shape[0] = 1;
    for (int v = 0; v < views; v++) loop->strides[v][0] = 0;
  }
  return true;
}
