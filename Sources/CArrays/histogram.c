// SPDX-License-Identifier: BSD-3-Clause
//
// Counts of numbers by intervals.

#include "include/Series.h"
#include "team.h"

#include <stdlib.h>

// The elements are cut into parts, each with counts of its own, which are added in order: so the
// sums of weights do not depend on the number of threads.
enum { MOST_PARTS = 64, FEWEST_ELEMENTS = 1 << 15, SPAN = 1 << 16 };

typedef struct {
  const double *x, *weights, *edges;
  int64_t n, bins, parts;
  bool regular;
  double scale;     // bins for each unit
  int64_t *counts;  // by part, or NULL
  double *sums;
  const va_detail *detail;
} work;

// The interval of a number; -1 if there is none.
static inline int64_t bin_of(const work *work, double x) {
  const double *edges = work->edges;
  int64_t bins = work->bins;
  if (!(x >= edges[0] && x <= edges[bins])) return -1;
  if (work->regular) {
    double place = (x - edges[0]) * work->scale;
    int64_t at = place < (double)bins ? (int64_t)place : bins - 1;
    if (at >= bins) at = bins - 1;
    // The product is rounded: the edges decide.
    while (at > 0 && x < edges[at]) at--;
    while (at + 1 < bins && x >= edges[at + 1]) at++;
    return at;
  }
  int64_t low = 0, high = bins;  // edges[low] <= x
  while (low + 1 < high) {
    int64_t middle = low + (high - low) / 2;
    if (edges[middle] <= x) low = middle;
    else high = middle;
  }
  return low;
}

static void count_part(void *context, int64_t part) {
  const work *work = context;
  int64_t begin = work->n * part / work->parts, end = work->n * (part + 1) / work->parts;
  for (int64_t first = begin; first < end; first += SPAN) {
    if (va_is_stopped(work->detail)) return;
    int64_t last = end - first < SPAN ? end : first + SPAN;
    if (work->weights) {
      double *sums = work->sums + part * work->bins;
      for (int64_t i = first; i < last; i++) {
        int64_t bin = bin_of(work, work->x[i]);
        if (bin >= 0) sums[bin] += work->weights[i];
      }
    } else {
      int64_t *counts = work->counts + part * work->bins;
      for (int64_t i = first; i < last; i++) {
        int64_t bin = bin_of(work, work->x[i]);
        if (bin >= 0) counts[bin]++;
      }
    }
  }
}

va_status va_histogram(
    const va_view *a, const va_view *weights, const double *edges, int64_t bins, bool regular,
    const va_view *counts, const va_view *sums, va_detail *detail) {
  work work = {.x = (const double *)a->data, .edges = edges, .n = va_count(a), .bins = bins,
               .regular = regular, .detail = detail,
               .weights = weights ? (const double *)weights->data : NULL};
  double width = edges[bins] - edges[0];
  if (width > 0) work.scale = (double)bins / width;
  work.parts = work.n / (bins > FEWEST_ELEMENTS ? bins : FEWEST_ELEMENTS);
  if (work.parts < 1) work.parts = 1;
  if (work.parts > MOST_PARTS) work.parts = MOST_PARTS;
  size_t cells = (size_t)work.parts * (size_t)bins;
  if (weights) work.sums = calloc(cells, sizeof *work.sums);
  else work.counts = calloc(cells, sizeof *work.counts);
  va_status status = VA_NO_MEMORY;
  if (work.sums || work.counts) {
    status = va_team_run(work.parts, (double)work.n * 4, count_part, &work, detail);
    if (va_is_stopped(detail)) status = VA_STOPPED;
    for (int64_t bin = 0; bin < bins; bin++) {
      double sum = 0;
      int64_t count = 0;
      for (int64_t part = 0; part < work.parts; part++)
        if (weights) sum += work.sums[part * bins + bin];
        else count += work.counts[part * bins + bin];
      if (weights) ((double *)sums->data)[bin] = sum;
      else ((int64_t *)counts->data)[bin] = count;
    }
  }
  free(work.counts);
  free(work.sums);
  return status;
}
