// SPDX-License-Identifier: BSD-3-Clause

/// Stable sorting of ELEMENT by its unsigned KEY(element): elements are distributed over buckets
/// by the highest bits in which they differ, until a bucket fits a cache; then by digits from the
/// lowest. NAME_sort is the function.
#include "team.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wunused-function"

#ifndef NAME
#define NAME(FUNCTION) example_##FUNCTION
#define ELEMENT uint64_t
#define KEYTYPE uint64_t
#define KEY(E) (E)
#endif

#ifndef VA_SORT_CONSTANTS
#define VA_SORT_CONSTANTS
enum {
  STOPPABLE = 1 << 12,   // elements: a sort of more looks for a stop
  INSERTED = 40,         // most elements that are sorted by insertion
  CACHED = 1 << 17,      // bytes that are sorted by digits
  DIGIT = 11,            // bits
  MOST_DIGITS = 6,
  BUCKETS = 1 << DIGIT,
};
#endif

// Sorts `a`, with the memory of `b`, into `a` or `b`.
static void NAME(insert)(ELEMENT *a, ELEMENT *b, int64_t n, bool into_b) {
  for (int64_t i = 1; i < n; i++) {
    ELEMENT x = a[i];
    int64_t k = i;
    for (; k > 0 && KEY(a[k - 1]) > KEY(x); k--) a[k] = a[k - 1];
    a[k] = x;
  }
  if (into_b) memcpy(b, a, sizeof *a * (size_t)n);
}

static void NAME(digits)(
    ELEMENT *a, ELEMENT *b, int64_t n, bool into_b, KEYTYPE least, int bits) {
  uint32_t counts[MOST_DIGITS + 2][BUCKETS];
  int most = n < 2048 ? 8 : DIGIT;
  int passes = (bits + most - 1) / most, width = (bits + passes - 1) / passes;
  KEYTYPE mask = (KEYTYPE)(((KEYTYPE)1 << width) - 1);
  for (int pass = 0; pass < passes; pass++)
    memset(counts[pass], 0, sizeof(uint32_t) << width);
  for (int64_t i = 0; i < n; i++) {
    KEYTYPE key = KEY(a[i]) - least;
    for (int pass = 0; pass < passes; pass++) counts[pass][key >> (pass * width) & mask]++;
  }
  ELEMENT *from = a, *to = b;
  for (int pass = 0; pass < passes; pass++) {
    uint32_t *count = counts[pass], sum = 0;
    int shift = pass * width;
    if (count[(KEYTYPE)(KEY(from[0]) - least) >> shift & mask] == (uint32_t)n) continue;
    for (int64_t digit = 0; digit <= (int64_t)mask; digit++) {
      uint32_t next = count[digit];
      count[digit] = sum;
      sum += next;
    }
    for (int64_t i = 0; i < n; i++) {
      KEYTYPE key = KEY(from[i]) - least;
      to[count[key >> shift & mask]++] = from[i];
    }
    ELEMENT *swapped = from;
    from = to;
    to = swapped;
  }
  ELEMENT *target = into_b ? b : a;
  if (from != target) memcpy(target, from, sizeof *a * (size_t)n);
}

static bool NAME(survey)(const ELEMENT *a, int64_t n, KEYTYPE *least, KEYTYPE *greatest) {
  KEYTYPE low = KEY(a[0]), high = low, before = low;
  bool sorted = true;
  for (int64_t i = 1; i < n; i++) {
    KEYTYPE key = KEY(a[i]);
    low = key < low ? key : low;
    high = key > high ? key : high;
    sorted &= before <= key;
    before = key;
  }
  *least = low;
  *greatest = high;
  return sorted;
}

static int NAME(bits)(KEYTYPE range) { return 64 - __builtin_clzll((uint64_t)range | 1); }

static void NAME(sort)(
    ELEMENT *a, ELEMENT *b, int64_t n, bool into_b, const va_detail *detail) {
  // The caller of a sort that is stopped does not use its result.
  if (n > STOPPABLE && va_is_stopped(detail)) return;
  if (n <= INSERTED) {
    NAME(insert)(a, b, n, into_b);
    return;
  }
  KEYTYPE least, greatest;
  if (NAME(survey)(a, n, &least, &greatest)) {
    if (into_b) memcpy(b, a, sizeof *a * (size_t)n);
    return;
  }
  int bits = NAME(bits)((KEYTYPE)(greatest - least));
  if (n * (int64_t)sizeof *a <= CACHED || bits <= DIGIT) {
    NAME(digits)(a, b, n, into_b, least, bits);
    return;
  }
  int64_t ends[BUCKETS + 1] = {0};
  int shift = bits - DIGIT;
  for (int64_t i = 0; i < n; i++) ends[(KEYTYPE)(KEY(a[i]) - least) >> shift]++;
  int64_t sum = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    int64_t next = ends[bucket];
    ends[bucket] = sum;
    sum += next;
  }
  for (int64_t i = 0; i < n; i++) b[ends[(KEYTYPE)(KEY(a[i]) - least) >> shift]++] = a[i];
  for (int64_t bucket = 0, start = 0; bucket < BUCKETS; start = ends[bucket++]) {
    int64_t length = ends[bucket] - start;
    if (length > 0) NAME(sort)(b + start, a + start, length, !into_b, detail);
  }
}

// The same by the team: parts of the elements are distributed, then buckets are sorted.
typedef struct {
  ELEMENT *a, *b;
  int64_t n, parts;
  KEYTYPE least;
  int shift;
  int64_t (*places)[BUCKETS];  // by part
  int64_t starts[BUCKETS + 1];
  const va_detail *detail;
} NAME(work);

static void NAME(count_part)(void *context, int64_t part) {
  NAME(work) *work = context;
  int64_t begin = work->n * part / work->parts, end = work->n * (part + 1) / work->parts;
  int64_t *counts = work->places[part];
  for (int64_t i = begin; i < end; i++)
    counts[(KEYTYPE)(KEY(work->a[i]) - work->least) >> work->shift]++;
}
static void NAME(move_part)(void *context, int64_t part) {
  NAME(work) *work = context;
  int64_t begin = work->n * part / work->parts, end = work->n * (part + 1) / work->parts;
  int64_t *places = work->places[part];
  for (int64_t i = begin; i < end; i++)
    work->b[places[(KEYTYPE)(KEY(work->a[i]) - work->least) >> work->shift]++] = work->a[i];
}
static void NAME(sort_bucket)(void *context, int64_t bucket) {
  NAME(work) *work = context;
  int64_t start = work->starts[bucket], n = work->starts[bucket + 1] - start;
  if (n > 0) NAME(sort)(work->b + start, work->a + start, n, true, work->detail);
}

static va_status NAME(sort_by_team)(
    ELEMENT *a, ELEMENT *b, int64_t n, const va_detail *detail) {
  KEYTYPE least, greatest;
  if (n <= 1 << 17) {
    NAME(sort)(a, b, n, false, detail);
    return va_is_stopped(detail) ? VA_STOPPED : VA_OK;
  }
  if (NAME(survey)(a, n, &least, &greatest)) return VA_OK;
  int bits = NAME(bits)((KEYTYPE)(greatest - least));
  NAME(work) work = {.a = a, .b = b, .n = n, .parts = n > 1 << 24 ? 64 : 16, .least = least,
                     .detail = detail, .shift = bits > DIGIT ? bits - DIGIT : 0};
  work.places = calloc((size_t)work.parts, sizeof *work.places);
  if (!work.places) return VA_NO_MEMORY;
  double cost = (double)n * 3;
  va_status status = va_team_run(work.parts, cost, NAME(count_part), &work, detail);
  int64_t sum = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    work.starts[bucket] = sum;
    for (int64_t part = 0; part < work.parts; part++) {
      int64_t next = work.places[part][bucket];
      work.places[part][bucket] = sum;
      sum += next;
    }
  }
  work.starts[BUCKETS] = sum;
  if (status == VA_OK) status = va_team_run(work.parts, cost, NAME(move_part), &work, detail);
  if (status == VA_OK)
    status = va_team_run(BUCKETS, cost * 4, NAME(sort_bucket), &work, detail);
  free(work.places);
  return status == VA_OK && va_is_stopped(detail) ? VA_STOPPED : status;
}

#undef NAME
#undef ELEMENT
#undef KEYTYPE
#undef KEY
