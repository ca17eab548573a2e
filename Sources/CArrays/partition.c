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

enum { SAMPLE = 4096, SPREAD = 160 };

static int compare_keys(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

// The dtype is constant in each copy of the loop.
#define FOR_TYPE(DTYPE, LOOP)                                                                  \
  case DTYPE: {                                                                                \
    const va_dtype type = DTYPE;                                                               \
    LOOP                                                                                       \
    break;                                                                                     \
  }
#define FOR_EVERY_TYPE(LOOP)                                                                   \
  switch (dtype) {                                                                             \
    FOR_TYPE(VA_INT16, LOOP)                                                                   \
    FOR_TYPE(VA_INT32, LOOP)                                                                   \
    FOR_TYPE(VA_INT64, LOOP)                                                                   \
    FOR_TYPE(VA_UINT16, LOOP)                                                                  \
    FOR_TYPE(VA_UINT32, LOOP)                                                                  \
    FOR_TYPE(VA_UINT64, LOOP)                                                                  \
    FOR_TYPE(VA_FLOAT32, LOOP)                                                                 \
    FOR_TYPE(VA_FLOAT64, LOOP)                                                                 \
    default: break;                                                                            \
  }

// Writes the keys to `keys`: those below the ones that a sample has around the place at the front,
// those above at the end. Returns the number between them, whose first place is `*first`; all, if
// the sample misleads. `between` has room for all keys.
static int64_t split_around(
    const char *line, va_dtype dtype, int64_t n, int64_t place, uint64_t *keys, uint64_t *between,
    int64_t *first) {
  uint64_t sample[SAMPLE];
  for (int64_t i = 0; i < SAMPLE; i++) sample[i] = va_key(line, dtype, n / SAMPLE * i, false);
  qsort(sample, SAMPLE, sizeof *sample, compare_keys);
  int64_t rank = (int64_t)((double)place / (double)n * SAMPLE);
  uint64_t low = rank < SPREAD ? 0 : sample[rank - SPREAD];
  uint64_t high = rank + SPREAD >= SAMPLE ? UINT64_MAX : sample[rank + SPREAD];
  int64_t below = 0, above = 0, middle = 0;
#define SPLIT                                                                                  \
  for (int64_t i = 0; i < n; i++) {                                                            \
    uint64_t key = va_key(line, type, i, false);                                               \
    keys[below] = key;                                                                         \
    keys[n - 1 - above] = key;                                                                 \
    between[middle] = key;                                                                     \
    bool is_below = key < low;                                                                 \
    bool is_above = key > high;                                                                \
    below += is_below;                                                                         \
    above += is_above;                                                                         \
    middle += !is_below & !is_above;                                                           \
  }
  FOR_EVERY_TYPE(SPLIT)
  memcpy(keys + below, between, sizeof *keys * (size_t)middle);
  *first = below;
  if (place >= below && place < below + middle) return middle;
  *first = 0;
  return n;
}

va_status va_partition_line(
    char *line, va_dtype dtype, int64_t n, const int64_t *places, int count,
    const va_detail *detail) {
  if (va_is_complex(dtype) || va_size(dtype) == 1)
    return va_sort_line(line, dtype, n, false, detail);
  int64_t size = (int64_t)va_size(dtype), first = 0, middle = n;
  uint64_t *keys = malloc(2 * sizeof *keys * (size_t)n + 1);
  if (!keys) return VA_NO_MEMORY;
  if (count == 1 && n >= 16 * SAMPLE) {
    middle = split_around(line, dtype, n, places[0], keys, keys + n, &first);
  } else {
#define KEYS                                                                                   \
  for (int64_t i = 0; i < n; i++) keys[i] = va_key(line, type, i, false);
    FOR_EVERY_TYPE(KEYS)
  }
  place_keys(keys + first, keys + n, middle, first, places, count, detail);
#define ELEMENTS                                                                               \
  for (int64_t i = 0; i < n; i++) {                                                            \
    uint64_t element = va_unkey(keys[i], type);                                                \
    memcpy(line + i * size, &element, va_size(type));                                          \
  }
  FOR_EVERY_TYPE(ELEMENTS)
  free(keys);
  return va_is_stopped(detail) ? VA_STOPPED : VA_OK;
}
