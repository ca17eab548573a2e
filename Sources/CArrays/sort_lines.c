// SPDX-License-Identifier: BSD-3-Clause

#include "include/Sort.h"
#include "sort.h"
#include "team.h"

#include <stdlib.h>

#pragma clang diagnostic ignored "-Wunused-function"

#define NAME(FUNCTION) narrow_##FUNCTION
#define ELEMENT uint32_t
#define KEYTYPE uint32_t
#define KEY(E) (E)
#include "sort_keys.h"

#define NAME(FUNCTION) wide_##FUNCTION
#define ELEMENT uint64_t
#define KEYTYPE uint64_t
#define KEY(E) (E)
#include "sort_keys.h"

typedef struct {
  uint32_t key, place;
} narrow;
typedef struct {
  uint64_t key;
  uint32_t place;
} __attribute__((packed)) wide;
typedef struct {
  uint64_t key, place;
} longest;

#define NAME(FUNCTION) narrow_place_##FUNCTION
#define ELEMENT narrow
#define KEYTYPE uint32_t
#define KEY(E) ((E).key)
#include "sort_keys.h"

#define NAME(FUNCTION) wide_place_##FUNCTION
#define ELEMENT wide
#define KEYTYPE uint64_t
#define KEY(E) ((E).key)
#include "sort_keys.h"

#define NAME(FUNCTION) longest_place_##FUNCTION
#define ELEMENT longest
#define KEYTYPE uint64_t
#define KEY(E) ((E).key)
#include "sort_keys.h"

static uint64_t key_of(
    const char *line, va_dtype dtype, int64_t place, bool descending, bool zeros) {
  uint64_t key = va_key(line, dtype, place, zeros);
  return descending ? va_reverse_key(key, dtype) : key;
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
    FOR_TYPE(VA_INT8, LOOP)                                                                    \
    FOR_TYPE(VA_INT16, LOOP)                                                                   \
    FOR_TYPE(VA_INT32, LOOP)                                                                   \
    FOR_TYPE(VA_INT64, LOOP)                                                                   \
    FOR_TYPE(VA_BOOL, LOOP)                                                                    \
    FOR_TYPE(VA_UINT8, LOOP)                                                                   \
    FOR_TYPE(VA_UINT16, LOOP)                                                                  \
    FOR_TYPE(VA_UINT32, LOOP)                                                                  \
    FOR_TYPE(VA_UINT64, LOOP)                                                                  \
    FOR_TYPE(VA_FLOAT32, LOOP)                                                                 \
    FOR_TYPE(VA_FLOAT64, LOOP)                                                                 \
    default: break;                                                                            \
  }

// One byte: elements are counted.
static void sort_bytes(uint8_t *line, va_dtype dtype, int64_t n, bool descending) {
  int64_t counts[256] = {0};
  for (int64_t i = 0; i < n; i++) counts[key_of((char *)line, dtype, i, descending, false)]++;
  for (int key = 0; key < 256; key++) {
    uint64_t straight = descending ? va_reverse_key((uint64_t)key, dtype) : (uint64_t)key;
    memset(line, (int)va_unkey(straight, dtype), (size_t)counts[key]);
    line += counts[key];
  }
}

va_status va_sort_line(
    char *line, va_dtype dtype, int64_t n, bool descending, const va_detail *detail) {
  size_t size = va_size(dtype);
  if (n < 2) return VA_OK;
  if (va_is_complex(dtype)) {
    int64_t *places = malloc(sizeof *places * (size_t)n);
    char *copy = malloc(size * (size_t)n);
    va_status status = VA_NO_MEMORY;
    if (places && copy) status = va_argsort_line(line, dtype, n, descending, places, detail);
    if (status == VA_OK) {
      memcpy(copy, line, size * (size_t)n);
      for (int64_t i = 0; i < n; i++)
        memcpy(line + i * (int64_t)size, copy + places[i] * (int64_t)size, size);
    }
    free(places);
    free(copy);
    return status;
  }
  if (size == 1) {
    sort_bytes((uint8_t *)line, dtype, n, descending);
    return VA_OK;
  }
  bool is_wide = size == 8;
  size_t key_size = is_wide ? 8 : 4;
  // Keys of eight and four bytes take the place of the elements.
  char *memory = malloc((size == 2 ? 2 : 1) * key_size * (size_t)n);
  if (!memory) return VA_NO_MEMORY;
  char *keys = size == 2 ? memory + key_size * (size_t)n : line;
#define KEYS                                                                                   \
  if (is_wide)                                                                                 \
    for (int64_t i = 0; i < n; i++)                                                            \
      ((uint64_t *)keys)[i] = key_of(line, type, i, descending, false);                        \
  else                                                                                         \
    for (int64_t i = 0; i < n; i++)                                                            \
      ((uint32_t *)keys)[i] = (uint32_t)key_of(line, type, i, descending, false);
  FOR_EVERY_TYPE(KEYS)
  va_status status;
  if (is_wide) status = wide_sort_by_team((uint64_t *)keys, (uint64_t *)memory, n, detail);
  else status = narrow_sort_by_team((uint32_t *)keys, (uint32_t *)memory, n, detail);
#define ELEMENTS                                                                               \
  for (int64_t i = 0; i < n; i++) {                                                            \
    uint64_t key = is_wide ? ((uint64_t *)keys)[i] : ((uint32_t *)keys)[i];                    \
    uint64_t element = va_unkey(descending ? va_reverse_key(key, type) : key, type);           \
    memcpy(line + i * (int64_t)size, &element, size);                                          \
  }
  if (status == VA_OK) FOR_EVERY_TYPE(ELEMENTS)
  free(memory);
  return status;
}

#define PLACES                                                                                 \
  for (int64_t i = 0; i < n; i++) {                                                            \
    a[i].key = (__typeof__(a->key))key_of(line, type, i, descending, true);                    \
    a[i].place = (__typeof__(a->place))i;                                                      \
  }
#define ARGSORT(NAME, TYPE)                                                                    \
  static va_status NAME##_argsort(                                                             \
      const char *line, va_dtype dtype, int64_t n, bool descending, int64_t *places,           \
      const va_detail *detail) {                                                               \
    TYPE *a = malloc(sizeof *a * (size_t)n), *b = malloc(sizeof *b * (size_t)n);               \
    va_status status = VA_NO_MEMORY;                                                           \
    if (a && b) {                                                                              \
      FOR_EVERY_TYPE(PLACES)                                                                   \
      status = NAME##_place_sort_by_team(a, b, n, detail);                                     \
      for (int64_t i = 0; i < n && status == VA_OK; i++) places[i] = (int64_t)a[i].place;      \
    }                                                                                          \
    free(a);                                                                                   \
    free(b);                                                                                   \
    return status;                                                                             \
  }
ARGSORT(narrow, narrow)
ARGSORT(wide, wide)
ARGSORT(longest, longest)

// By the imaginary parts, then, stably, by the real ones, then by which parts are NaN.
static va_status argsort_complex(
    const char *line, va_dtype dtype, int64_t n, bool descending, int64_t *places,
    const va_detail *detail) {
  va_dtype part = dtype == VA_COMPLEX64 ? VA_FLOAT32 : VA_FLOAT64;
  size_t size = va_size(part);
  char *parts = malloc(size * (size_t)n);
  int64_t *order = malloc(sizeof *order * (size_t)n), *second = malloc(sizeof *order * (size_t)n);
  va_status status = VA_NO_MEMORY;
  if (parts && order && second) {
    for (int64_t i = 0; i < n; i++)
      memcpy(parts + i * (int64_t)size, line + (2 * i + 1) * (int64_t)size, size);
    status = va_argsort_line(parts, part, n, descending, order, detail);
    if (status == VA_OK) {
      for (int64_t i = 0; i < n; i++)
        memcpy(parts + i * (int64_t)size, line + 2 * order[i] * (int64_t)size, size);
      status = va_argsort_line(parts, part, n, descending, second, detail);
    }
    bool has_nan = false;
    for (int64_t i = 0; i < n && status == VA_OK; i++) {
      places[i] = order[second[i]];
      has_nan |= parts[i] = (char)va_nan_class(line, dtype, places[i]);
    }
    if (has_nan && status == VA_OK) {
      status = va_argsort_line(parts, VA_UINT8, n, false, second, detail);
      memcpy(order, places, sizeof *order * (size_t)n);
      for (int64_t i = 0; i < n && status == VA_OK; i++) places[i] = order[second[i]];
    }
  }
  free(parts);
  free(order);
  free(second);
  return status;
}

va_status va_argsort_line(
    const char *line, va_dtype dtype, int64_t n, bool descending, int64_t *places,
    const va_detail *detail) {
  if (n == 0) return VA_OK;
  if (va_is_complex(dtype)) return argsort_complex(line, dtype, n, descending, places, detail);
  if (n > UINT32_MAX) return longest_argsort(line, dtype, n, descending, places, detail);
  if (va_size(dtype) == 8) return wide_argsort(line, dtype, n, descending, places, detail);
  return narrow_argsort(line, dtype, n, descending, places, detail);
}
