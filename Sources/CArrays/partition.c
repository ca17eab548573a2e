// SPDX-License-Identifier: BSD-3-Clause
//
// Partial order: only the buckets that have a wanted place are sorted further.

#include "include/Sort.h"
#include "sort.h"
#include "team.h"

#include <stdlib.h>
#include <string.h>

enum { INSERTED = 32, DIGIT = 11, BUCKETS = 1 << DIGIT };

static void insert(uint64_t *a, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    uint64_t x = a[i];
    int64_t k = i;
    for (; k > 0 && a[k - 1] > x; k--) a[k] = a[k - 1];
    a[k] = x;
  }
}

// Puts the keys with the places, counted from `offset`, where sorting would put them, with no
// greater key before and no lesser one after them.
static void place_keys(
    uint64_t *a, uint64_t *memory, int64_t n, int64_t offset, const int64_t *places, int count,
    const va_detail *detail) {
  if (count == 0 || n < 2 || va_is_stopped(detail)) return;
  if (n <= INSERTED) {
    insert(a, n);
    return;
  }
  uint64_t least = a[0], greatest = a[0];
  for (int64_t i = 1; i < n; i++) {
    least = a[i] < least ? a[i] : least;
    greatest = a[i] > greatest ? a[i] : greatest;
  }
  if (least == greatest) return;
  int bits = 64 - __builtin_clzll(greatest - least), shift = bits > DIGIT ? bits - DIGIT : 0;
  int64_t starts[BUCKETS + 1] = {0}, next[BUCKETS];
  for (int64_t i = 0; i < n; i++) starts[((a[i] - least) >> shift) + 1]++;
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    next[bucket] = starts[bucket];
    starts[bucket + 1] += starts[bucket];
  }
  for (int64_t i = 0; i < n; i++) memory[next[(a[i] - least) >> shift]++] = a[i];
  memcpy(a, memory, sizeof *a * (size_t)n);
  if (shift == 0) return;
  for (int bucket = 0, from = 0; bucket < BUCKETS && from < count; bucket++) {
    int64_t start = starts[bucket], end = starts[bucket + 1];
    int to = from;
    while (to < count && places[to] < offset + end) to++;
    place_keys(a + start, memory, end - start, offset + start, places + from, to - from, detail);
    from = to;
  }
}

va_status va_partition_line(
    char *line, va_dtype dtype, int64_t n, const int64_t *places, int count,
    const va_detail *detail) {
  if (va_is_complex(dtype) || va_size(dtype) == 1)
    return va_sort_line(line, dtype, n, false, detail);
  int64_t size = (int64_t)va_size(dtype);
  uint64_t *keys = malloc(2 * sizeof *keys * (size_t)n + 1);
  if (!keys) return VA_NO_MEMORY;
  for (int64_t i = 0; i < n; i++) keys[i] = va_key(line, dtype, i, false);
  place_keys(keys, keys + n, n, 0, places, count, detail);
  for (int64_t i = 0; i < n; i++) {
    uint64_t element = va_unkey(keys[i], dtype);
    memcpy(line + i * size, &element, (size_t)size);
  }
  free(keys);
  return va_is_stopped(detail) ? VA_STOPPED : VA_OK;
}
