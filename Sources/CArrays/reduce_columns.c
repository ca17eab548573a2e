// SPDX-License-Identifier: BSD-3-Clause
//
// Sums down the columns of rows that lie in memory as rows: whole rows are added.

#include "reduce_plan.h"
#include "team.h"

#include <stdlib.h>
#include <string.h>

enum {
  COLUMNS = 2048,      // are reduced at once
  ROWS = 1024,         // of a partial result
  LEAST_COLUMNS = 16,
};

typedef struct {
  va_reduction_plan *plan;
  int64_t columns, groups, parts;
  uint64_t *results;  // double or integers, by part and column
  const char *start;
} work;

bool va_has_columns(const va_reduction_plan *plan) {
  int last = plan->kept - 1;
  bool skips = plan->skipnan || plan->finds;
  return plan->columns && !skips && last >= 0 && plan->reduced == 1 && plan->count > 1 &&
         plan->kept_shape[last] >= LEAST_COLUMNS &&
         plan->kept_strides[last] == (int64_t)plan->size &&
         plan->strides[0] != (int64_t)plan->size;
}

// The first row of a part is where the least and greatest begin.
static void set_start(const va_reduction_plan *plan, const char *row, int64_t n, uint64_t *to) {
  bool is_float = va_is_floating(plan->dtype);
  for (int64_t i = 0; i < n; i++) {
    const char *element = row + i * (int64_t)plan->size;
    double real = 0;
    int64_t integer = 0;
    switch (plan->dtype) {
      case VA_FLOAT32: real = *(const float *)element; break;
      case VA_FLOAT64: real = *(const double *)element; break;
      case VA_INT8: integer = *(const int8_t *)element; break;
      case VA_INT16: integer = *(const int16_t *)element; break;
      case VA_INT32: integer = *(const int32_t *)element; break;
      case VA_BOOL:
      case VA_UINT8: integer = *(const uint8_t *)element; break;
      case VA_UINT16: integer = *(const uint16_t *)element; break;
      case VA_UINT32: integer = *(const uint32_t *)element; break;
      default: integer = *(const int64_t *)element; break;
    }
    if (is_float) memcpy(&to[i], &real, sizeof real);
    else memcpy(&to[i], &integer, sizeof integer);
  }
}

static void run_part(void *context, int64_t chunk) {
  const work *work = context;
  const va_reduction_plan *plan = work->plan;
  int64_t part = chunk / work->groups, group = chunk % work->groups;
  int64_t first = group * COLUMNS, row = part * ROWS;
  int64_t columns = work->columns - first < COLUMNS ? work->columns - first : COLUMNS;
  int64_t rows = plan->count - row < ROWS ? plan->count - row : ROWS;
  const char *from = work->start + row * plan->strides[0] + first * (int64_t)plan->size;
  uint64_t *results = work->results + part * work->columns + first;
  if (plan->kind == VA_BLOCK_SUM) memset(results, 0, sizeof *results * (size_t)columns);
  else set_start(plan, from, columns, results);
  plan->columns(from, plan->strides[0], rows, columns, results);
}

va_status va_reduce_columns(va_reduction_plan *plan) {
  int last = plan->kept - 1;
  work work = {.plan = plan, .columns = plan->kept_shape[last]};
  work.groups = (work.columns + COLUMNS - 1) / COLUMNS;
  work.parts = (plan->count + ROWS - 1) / ROWS;
  int64_t tables = plan->results / work.columns;
  work.results = malloc((size_t)(work.parts * work.columns) * sizeof *work.results);
  if (!work.results) return VA_NO_MEMORY;
  va_status status = VA_OK;
  for (int64_t table = 0; table < tables && status == VA_OK; table++) {
    work.start = plan->data;
    int64_t rest = table;
    for (int axis = last - 1; axis >= 0; axis--) {
      work.start += rest % plan->kept_shape[axis] * plan->kept_strides[axis];
      rest /= plan->kept_shape[axis];
    }
    status = va_team_run(work.groups * work.parts, (double)plan->count * (double)work.columns * 0.5,
                         run_part, &work, plan->detail);
    for (int64_t column = 0; column < work.columns && status == VA_OK; column++) {
      va_partial result = {.u = work.results[column], .n = plan->count};
      for (int64_t part = 1; part < work.parts; part++) {
        va_partial next = {.u = work.results[part * work.columns + column]};
        va_merge(plan, &result, &next);
      }
      va_finish(plan, table * work.columns + column, &result, 0);
    }
  }
  free(work.results);
  return status;
}
