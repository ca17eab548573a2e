// SPDX-License-Identifier: BSD-3-Clause
//
// Runs a kernel over views: axes are sorted and merged, the elements are cut into chunks for the
// team, and what does not lie one after another goes through buffers.

#include "kernels.h"
#include "team.h"

#include <string.h>

enum {
  BUFFER = 8192,           // bytes
  SHORT_RUN = 48,          // elements: shorter innermost axes are gathered over several runs
  STREAMING = 12 << 20,    // bytes of output: about half of a large cache
};

typedef struct {
  const va_work *work;
  const va_detail *detail;
  int views, axes;
  int64_t count;
  int64_t shape[VA_MAX_AXES];
  int64_t strides[VA_MOST_OPERANDS][VA_MAX_AXES];
  char *data[VA_MOST_OPERANDS];
  size_t size[VA_MOST_OPERANDS];
  bool flat[VA_MOST_OPERANDS];    // elements lie one after another
  bool single[VA_MOST_OPERANDS];  // one element for all places
} plan;

// MARK: Plan

static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

static void swap_axes(plan *plan, int i, int j) {
  int64_t length = plan->shape[i];
  plan->shape[i] = plan->shape[j];
  plan->shape[j] = length;
  for (int v = 0; v < plan->views; v++) {
    int64_t stride = plan->strides[v][i];
    plan->strides[v][i] = plan->strides[v][j];
    plan->strides[v][j] = stride;
  }
}

// The order of axes in memory is the output's, and within it the inputs'. The output is written
// upwards.
static void sort_axes(plan *plan) {
  int out = plan->views - 1;
  for (int axis = 0; axis < plan->axes; axis++) {
    if (plan->strides[out][axis] >= 0) continue;
    for (int v = 0; v < plan->views; v++) {
      plan->data[v] += plan->strides[v][axis] * (plan->shape[axis] - 1);
      plan->strides[v][axis] = -plan->strides[v][axis];
    }
  }
  for (int i = 1; i < plan->axes; i++)
    for (int j = i; j > 0; j--) {
      if (magnitude(plan->strides[out][j - 1]) >= magnitude(plan->strides[out][j])) break;
      swap_axes(plan, j - 1, j);
    }
}

static bool can_merge(const plan *plan, int axis) {
  for (int v = 0; v < plan->views; v++)
    if (plan->strides[v][axis - 1] != plan->strides[v][axis] * plan->shape[axis]) return false;
  return true;
}

static void merge_axes(plan *plan) {
  for (int axis = plan->axes - 1; axis > 0; axis--) {
    if (!can_merge(plan, axis)) continue;
    plan->shape[axis - 1] *= plan->shape[axis];
    for (int v = 0; v < plan->views; v++) plan->strides[v][axis - 1] = plan->strides[v][axis];
    for (int later = axis; later < plan->axes - 1; later++) {
      plan->shape[later] = plan->shape[later + 1];
      for (int v = 0; v < plan->views; v++)
        plan->strides[v][later] = plan->strides[v][later + 1];
    }
    plan->axes--;
  }
}

static void make_plan(plan *plan, const va_view *const *views) {
  const va_view *out = views[plan->views - 1];
  plan->count = va_count(out);
  plan->axes = 0;
  for (int v = 0; v < plan->views; v++) {
    plan->data[v] = views[v]->data;
    plan->size[v] = va_size(views[v]->dtype);
  }
  for (int axis = 0; axis < out->axes; axis++) {
    if (out->shape[axis] == 1) continue;
    plan->shape[plan->axes] = out->shape[axis];
    for (int v = 0; v < plan->views; v++)
      plan->strides[v][plan->axes] = views[v]->strides[axis];
    plan->axes++;
  }
  sort_axes(plan);
  merge_axes(plan);
  if (plan->axes == 0) {
    plan->axes = 1;
    plan->shape[0] = 1;
    for (int v = 0; v < plan->views; v++) plan->strides[v][0] = (int64_t)plan->size[v];
  }
  for (int v = 0; v < plan->views; v++) {
    bool single = v < plan->views - 1;
    for (int axis = 0; axis < plan->axes; axis++) single &= plan->strides[v][axis] == 0;
    plan->single[v] = single;
    plan->flat[v] = plan->axes == 1 && plan->strides[v][0] == (int64_t)plan->size[v];
    if (plan->axes > 1) {
      int64_t expected = (int64_t)plan->size[v];
      plan->flat[v] = true;
      for (int axis = plan->axes - 1; axis >= 0; axis--) {
        plan->flat[v] &= plan->strides[v][axis] == expected;
        expected *= plan->shape[axis];
      }
    }
  }
}

// MARK: Buffers

#define STRIDED(TYPE)                                                                          \
  for (int64_t i = 0; i < n; i++, from += stride) {                                            \
    TYPE element;                                                                              \
    __builtin_memcpy(&element, from, sizeof element);                                          \
    __builtin_memcpy(to + i * (int64_t)sizeof element, &element, sizeof element);              \
  }

typedef struct {
  uint64_t low, high;
} pair;

void va_gather(char *to, const char *from, int64_t stride, size_t size, int64_t n) {
  if (stride == (int64_t)size) {
    memcpy(to, from, size * (size_t)n);
    return;
  }
  switch (size) {
    case 1: STRIDED(uint8_t) break;
    case 2: STRIDED(uint16_t) break;
    case 4: STRIDED(uint32_t) break;
    case 8: STRIDED(uint64_t) break;
    default: STRIDED(pair)
  }
}
#undef STRIDED

#define STRIDED(TYPE)                                                                          \
  for (int64_t i = 0; i < n; i++, to += stride) {                                              \
    TYPE element;                                                                              \
    __builtin_memcpy(&element, from + i * (int64_t)sizeof element, sizeof element);            \
    __builtin_memcpy(to, &element, sizeof element);                                            \
  }

void va_scatter(char *to, int64_t stride, const char *from, size_t size, int64_t n) {
  if (stride == (int64_t)size) {
    memcpy(to, from, size * (size_t)n);
    return;
  }
  switch (size) {
    case 1: STRIDED(uint8_t) break;
    case 2: STRIDED(uint16_t) break;
    case 4: STRIDED(uint32_t) break;
    case 8: STRIDED(uint64_t) break;
    default: STRIDED(pair)
  }
}
#undef STRIDED

// Moves `n` elements of operand `v`, from the place `index` on, between the view and a buffer that
// has them one after another.
static void move(const plan *plan, int v, const int64_t *index, int64_t n, char *buffer, bool out) {
  int last = plan->axes - 1;
  int64_t at[VA_MAX_AXES];
  memcpy(at, index, sizeof *at * (size_t)plan->axes);
  char *place = plan->data[v];
  for (int axis = 0; axis <= last; axis++) place += at[axis] * plan->strides[v][axis];
  size_t size = plan->size[v];
  while (n > 0) {
    int64_t run = plan->shape[last] - at[last];
    if (run > n) run = n;
    if (out) va_scatter(place, plan->strides[v][last], buffer, size, run);
    else va_gather(buffer, place, plan->strides[v][last], size, run);
    buffer += run * (int64_t)size;
    n -= run;
    place += (run - 1) * plan->strides[v][last];
    at[last] += run - 1;
    int axis = last;
    while (axis >= 0 && ++at[axis] == plan->shape[axis]) {
      place -= (plan->shape[axis] - 1) * plan->strides[v][axis];
      at[axis--] = 0;
    }
    if (axis < 0) return;
    place += plan->strides[v][axis];
  }
}

// MARK: Chunks

static bool streams_to(const plan *plan, const char *out) {
  return plan->work->streaming && plan->flat[plan->views - 1] &&
         plan->count * (int64_t)plan->size[plan->views - 1] >= STREAMING &&
         ((uintptr_t)out & 31) == 0;
}

// All operands lie one after another.
static void run_flat(const plan *plan, int64_t begin, int64_t n) {
  char *p[VA_MOST_OPERANDS + 1];
  for (int v = 0; v < plan->views; v++) p[v] = plan->data[v] + begin * (int64_t)plan->size[v];
  p[plan->views] = plan->work->extra;
  bool streams = streams_to(plan, p[plan->views - 1]);
  if (plan->work->program) plan->work->program(plan->work, p, n, begin, streams);
  else (streams ? plan->work->streaming : plan->work->kernel)(p, n);
  if (streams) va_finish_streaming();
}

static void run_pieces(const plan *plan, int64_t begin, int64_t n) {
  char memory[plan->views * BUFFER + 64];
  char *buffers[VA_MOST_OPERANDS];
  for (int v = 0; v < plan->views; v++)
    buffers[v] = memory + (64 - ((uintptr_t)memory & 63)) + v * BUFFER;
  char *p[VA_MOST_OPERANDS + 1];
  p[plan->views] = plan->work->extra;
  int out = plan->views - 1, last = plan->axes - 1;
  size_t largest = 1;
  for (int v = 0; v < plan->views; v++)
    if (plan->size[v] > largest) largest = plan->size[v];
  int64_t piece = (int64_t)(BUFFER / largest);
  int64_t index[VA_MAX_AXES];
  int64_t rest = begin;
  for (int axis = last; axis >= 0; axis--) {
    index[axis] = rest % plan->shape[axis];
    rest /= plan->shape[axis];
  }
  bool by_rows = plan->shape[last] >= SHORT_RUN;
  for (int v = 0; v < out; v++)
    if (plan->single[v])
      va_gather(buffers[v], plan->data[v], 0, plan->size[v], n < piece ? n : piece);
  bool streams = streams_to(plan, plan->data[out]);
  int64_t at = begin, end = begin + n;
  while (at < end) {
    int64_t m = end - at < piece ? end - at : piece;
    if (by_rows && plan->shape[last] - index[last] < m) m = plan->shape[last] - index[last];
    bool direct[VA_MOST_OPERANDS];
    for (int v = 0; v < plan->views; v++) {
      direct[v] = false;
      p[v] = buffers[v];
      if (plan->single[v]) continue;
      if (plan->flat[v]) {
        direct[v] = true;
        p[v] = plan->data[v] + at * (int64_t)plan->size[v];
      } else if (by_rows && plan->strides[v][last] == (int64_t)plan->size[v]) {
        direct[v] = true;
        p[v] = plan->data[v];
        for (int axis = 0; axis <= last; axis++) p[v] += index[axis] * plan->strides[v][axis];
      } else if (v < out) {
        move(plan, v, index, m, buffers[v], false);
      }
    }
    bool stream = streams && ((uintptr_t)p[out] & 31) == 0;
    if (plan->work->program) plan->work->program(plan->work, p, m, at, stream);
    else (stream ? plan->work->streaming : plan->work->kernel)(p, m);
    if (!direct[out]) move(plan, out, index, m, buffers[out], true);
    at += m;
    index[last] += m;
    for (int axis = last; axis > 0 && index[axis] >= plan->shape[axis]; axis--) {
      index[axis - 1] += index[axis] / plan->shape[axis];
      index[axis] %= plan->shape[axis];
    }
  }
  if (streams) va_finish_streaming();
}

static void run_range(const plan *plan, int64_t begin, int64_t n) {
  for (int v = 0; v < plan->views; v++)
    if (!plan->flat[v]) {
      run_pieces(plan, begin, n);
      return;
    }
  run_flat(plan, begin, n);
}

static void run_chunk(void *context, int64_t chunk) {
  const plan *plan = context;
  int64_t begin = chunk * VA_RUN_CHUNK;
  int64_t n = plan->count - begin < VA_RUN_CHUNK ? plan->count - begin : VA_RUN_CHUNK;
  run_range(plan, begin, n);
}

/// The number of elements if they are few and lie one after another in each view; 0 otherwise.
static int64_t few_flat(const va_view *const *views, int count) {
  int64_t n = va_count(views[0]);
  if (n > 1024) return 0;
  for (int v = 0; v < count; v++)
    if (!va_is_contiguous(views[v])) return 0;
  return n;
}

va_status va_run(const va_work *work, const va_view *const *views, const va_detail *detail) {
  int64_t few = work->program ? 0 : few_flat(views, work->inputs + 1);
  if (few > 0) {
    char *p[VA_MOST_OPERANDS + 1];
    for (int v = 0; v <= work->inputs; v++) p[v] = views[v]->data;
    p[work->inputs + 1] = work->extra;
    work->kernel(p, few);
    return VA_OK;
  }
  plan plan;
  plan.work = work;
  plan.detail = detail;
  plan.views = work->inputs + 1;
  make_plan(&plan, views);
  if (plan.count == 0) return VA_OK;
  if (plan.count <= VA_RUN_CHUNK && (double)plan.count * work->cost < 1e6) {
    run_range(&plan, 0, plan.count);
    return VA_OK;
  }
  return va_team_run((plan.count + VA_RUN_CHUNK - 1) / VA_RUN_CHUNK,
                     (double)plan.count * work->cost, run_chunk, &plan, detail);
}
