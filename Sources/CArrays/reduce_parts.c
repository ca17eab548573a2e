// SPDX-License-Identifier: BSD-3-Clause

#include "kernels.h"
#include "reduce_plan.h"
#include "team.h"

#include <stdlib.h>
#include <string.h>

// MARK: One result

static const char *start_of(const va_reduction_plan *plan, int64_t result) {
  const char *start = plan->data;
  for (int axis = plan->kept - 1; axis >= 0; axis--) {
    start += result % plan->kept_shape[axis] * plan->kept_strides[axis];
    result /= plan->kept_shape[axis];
  }
  return start;
}

// Walks over the reduced axes and gives blocks of elements that lie one after another.
typedef struct {
  const char *at;
  int64_t index[VA_MAX_AXES];
} walk;

static void start_walk(
    const va_reduction_plan *plan, walk *walk, const char *start, int64_t place) {
  walk->at = start;
  for (int axis = plan->reduced - 1; axis >= 0; axis--) {
    walk->index[axis] = place % plan->shape[axis];
    place /= plan->shape[axis];
    walk->at += walk->index[axis] * plan->strides[axis];
  }
}

static void step_rows(const va_reduction_plan *plan, walk *walk) {
  int axis = plan->reduced - 1;
  walk->index[axis] = 0;
  walk->at -= plan->shape[axis] * plan->strides[axis];
  while (--axis >= 0) {
    walk->at += plan->strides[axis];
    if (++walk->index[axis] < plan->shape[axis]) return;
    walk->index[axis] = 0;
    walk->at -= plan->shape[axis] * plan->strides[axis];
  }
}

static const char *next_block(const va_reduction_plan *plan, walk *walk, int64_t n, char *buffer) {
  int last = plan->reduced - 1;
  int64_t size = (int64_t)plan->size, stride = plan->strides[last];
  const char *block = buffer;
  if (stride == size && plan->shape[last] - walk->index[last] >= n) block = walk->at;
  while (n > 0) {
    int64_t run = plan->shape[last] - walk->index[last];
    if (run > n) run = n;
    if (block == buffer || block != walk->at) {
      va_gather(buffer, walk->at, stride, plan->size, run);
      buffer += run * size;
    }
    n -= run;
    walk->at += run * stride;
    walk->index[last] += run;
    if (walk->index[last] == plan->shape[last]) step_rows(plan, walk);
  }
  return block;
}

// Reduces `n` elements from `place` on.
static void reduce_part(
    const va_reduction_plan *plan, const char *start, int64_t place, int64_t n, va_partial *result,
    int64_t *found) {
  _Alignas(64) char buffer[VA_REDUCE_BLOCK * 16];
  // Blocks are merged like the digits of a binary counter: the error grows with their logarithm.
  va_partial level[16];
  int levels = 0;
  uint64_t done = 0;
  walk walk;
  memset(result, 0, sizeof *result);
  // The product of nothing.
  if (plan->kind == VA_BLOCK_PROD && va_is_floating(plan->dtype)) result->re = 1;
  else if (plan->kind == VA_BLOCK_PROD) result->i = 1;
  if (n == 0) return;
  start_walk(plan, &walk, start, place);
  for (int64_t i = 0; i < n; i += VA_REDUCE_BLOCK) {
    int64_t m = n - i < VA_REDUCE_BLOCK ? n - i : VA_REDUCE_BLOCK;
    const char *block = next_block(plan, &walk, m, buffer);
    va_partial next = {0};
    plan->block(block, m, &next);
    if (plan->finds) {
      if (!va_is_better(plan, &next, result)) continue;
      *result = next;
      *found = place + i + va_find_value(plan, block, m, &next);
      continue;
    }
    for (uint64_t bit = done; bit & 1; bit >>= 1) {
      va_partial earlier = level[--levels];
      va_merge(plan, &earlier, &next);
      next = earlier;
    }
    level[levels++] = next;
    done++;
  }
  if (plan->finds || levels == 0) return;
  *result = level[--levels];
  while (levels > 0) {
    va_partial earlier = level[--levels];
    va_merge(plan, &earlier, result);
    *result = earlier;
  }
}

static void run_results(void *context, int64_t chunk) {
  va_reduction_plan *plan = context;
  int64_t first = chunk * plan->grouped, end = first + plan->grouped;
  if (end > plan->results) end = plan->results;
  for (int64_t result = first; result < end; result++) {
    va_partial partial;
    int64_t found = 0;
    reduce_part(plan, start_of(plan, result), 0, plan->count, &partial, &found);
    va_finish(plan, result, &partial, found);
  }
}

static void run_part(void *context, int64_t chunk) {
  va_reduction_plan *plan = context;
  int64_t result = chunk / plan->parts, place = chunk % plan->parts * VA_REDUCE_PART;
  int64_t n = plan->count - place < VA_REDUCE_PART ? plan->count - place : VA_REDUCE_PART;
  reduce_part(plan, start_of(plan, result), place, n, &plan->partials[chunk],
              &plan->places[chunk]);
}

static va_status run_all_parts(va_reduction_plan *plan) {
  size_t chunks = (size_t)(plan->results * plan->parts);
  plan->partials = malloc(chunks * sizeof *plan->partials);
  plan->places = calloc(chunks, sizeof *plan->places);
  va_status status = VA_NO_MEMORY;
  if (plan->partials && plan->places)
    status = va_team_run((int64_t)chunks, (double)plan->results * (double)plan->count * 0.3,
                         run_part, plan, plan->detail);
  for (int64_t result = 0; status == VA_OK && result < plan->results; result++) {
    va_partial *first = plan->partials + result * plan->parts;
    int64_t found = plan->places[result * plan->parts];
    for (int64_t part = 1; part < plan->parts; part++) {
      if (!plan->finds) {
        va_merge(plan, first, first + part);
      } else if (va_is_better(plan, first + part, first)) {
        *first = first[part];
        found = plan->places[result * plan->parts + part];
      }
    }
    va_finish(plan, result, first, found);
  }
  free(plan->partials);
  free(plan->places);
  return status;
}

va_status va_reduce_parts(va_reduction_plan *plan) {
  plan->parts = (plan->count + VA_REDUCE_PART - 1) / VA_REDUCE_PART;
  if (plan->parts > 1) return run_all_parts(plan);
  plan->grouped = VA_REDUCE_PART / (plan->count > 0 ? plan->count : 1);
  if (plan->grouped < 1) plan->grouped = 1;
  int64_t chunks = (plan->results + plan->grouped - 1) / plan->grouped;
  double cost = (double)plan->results * ((double)plan->count * 0.3 + 20);
  return va_team_run(chunks, cost, run_results, plan, plan->detail);
}
