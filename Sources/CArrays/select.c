// SPDX-License-Identifier: BSD-3-Clause

#include "include/Sort.h"
#include "kernels.h"
#include "sort.h"
#include "team.h"

#include <stdlib.h>

// MARK: Search

// The first place whose element is not before `value`, or is after it.
static int64_t search(
    const char *line, va_dtype dtype, int64_t n, const char *value, bool right) {
  va_dtype part = dtype == VA_COMPLEX64   ? VA_FLOAT32
                  : dtype == VA_COMPLEX128 ? VA_FLOAT64
                                           : dtype;
  int parts = part == dtype ? 1 : 2;
  // The keys of an element, the most important first.
  uint64_t wanted[3], keys[3];
#define KEYS(TO, FROM, PLACE)                                                                  \
  if (parts == 1) {                                                                            \
    (TO)[0] = va_key(FROM, part, PLACE, true);                                                 \
  } else {                                                                                     \
    (TO)[0] = va_nan_class(FROM, dtype, PLACE);                                                \
    (TO)[1] = va_key(FROM, part, 2 * (PLACE), true);                                           \
    (TO)[2] = va_key(FROM, part, 2 * (PLACE) + 1, true);                                       \
  }
  KEYS(wanted, value, 0)
  int64_t low = 0, high = n;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    KEYS(keys, line, middle)
    int at = 0;
    if (parts == 2)
      while (at < 2 && keys[at] == wanted[at]) at++;
    if (keys[at] < wanted[at] || (right && keys[at] == wanted[at])) low = middle + 1;
    else high = middle;
  }
  return low;
}

typedef struct {
  const char *line;
  va_dtype dtype;
  int64_t n;
  bool right;
} sought;

static void search_all(char *const *p, int64_t n) {
  const sought *sought = (const void *)p[2];
  int64_t size = (int64_t)va_size(sought->dtype);
  for (int64_t i = 0; i < n; i++)
    ((int64_t *)p[1])[i] =
        search(sought->line, sought->dtype, sought->n, p[0] + i * size, sought->right);
}

va_status va_searchsorted(
    const va_view *sorted, const va_view *values, bool right, const va_view *out,
    va_detail *detail) {
  int64_t n = sorted->shape[0];
  size_t size = va_size(sorted->dtype);
  char *line = sorted->data, *copy = NULL;
  if (n > 1 && sorted->strides[0] != (int64_t)size) {
    copy = malloc(size * (size_t)n);
    if (!copy) return VA_NO_MEMORY;
    va_gather(copy, sorted->data, sorted->strides[0], size, n);
    line = copy;
  }
  sought sought = {line, sorted->dtype, n, right};
  va_work work = {.kernel = search_all, .inputs = 1, .extra = &sought, .cost = 40};
  const va_view *views[] = {values, out};
  va_status status = va_run(&work, views, detail);
  free(copy);
  return status;
}

// MARK: Where a mask is true

enum { CHUNK = 1 << 16 };

typedef struct {
  const uint8_t *mask;
  const char *from;
  char *to;
  size_t size;
  int64_t count;
  int64_t *starts;  // of each chunk, in the output
} work;

static void count_chunk(void *context, int64_t chunk) {
  const work *work = context;
  int64_t begin = chunk * CHUNK, n = work->count - begin < CHUNK ? work->count - begin : CHUNK;
  int64_t sum = 0;
  for (int64_t i = 0; i < n; i++) sum += work->mask[begin + i] != 0;
  work->starts[chunk + 1] = sum;
}

// Every element is written, and the next one over it where the mask is false; the last elements of
// a chunk are written one by one, because what follows is another chunk's.
#define COMPRESS(TYPE)                                                                         \
  {                                                                                            \
    const TYPE *a = (const TYPE *)work->from + begin;                                          \
    TYPE *o = (TYPE *)work->to;                                                                \
    for (; i < n && at < end; i++) {                                                           \
      o[at] = a[i];                                                                            \
      at += mask[i] != 0;                                                                      \
    }                                                                                          \
    break;                                                                                     \
  }
typedef struct {
  uint64_t low, high;
} pair;
static void compress_chunk(void *context, int64_t chunk) {
  const work *work = context;
  int64_t begin = chunk * CHUNK, n = work->count - begin < CHUNK ? work->count - begin : CHUNK;
  const uint8_t *mask = work->mask + begin;
  int64_t at = work->starts[chunk], end = work->starts[chunk + 1], i = 0;
  switch (work->size) {
    case 1: COMPRESS(uint8_t)
    case 2: COMPRESS(uint16_t)
    case 4: COMPRESS(uint32_t)
    case 8: COMPRESS(uint64_t)
    default: {
      for (; i < n && at < end; i++)
        if (mask[i]) memcpy(work->to + 16 * at++, work->from + 16 * (begin + i), 16);
    }
  }
}

// A contiguous copy, or the view's own memory.
static char *flat(const va_view *view, char **copy) {
  if (va_is_contiguous(view)) return view->data;
  va_view target = *view;
  va_set_strides(&target);
  target.data = *copy = malloc(va_size(view->dtype) * (size_t)va_count(view) + 1);
  if (*copy) va_assign(view, &target);
  return *copy;
}

va_status va_compress(
    const va_view *mask, const va_view *a, const va_view *out, va_detail *detail) {
  char *mask_copy = NULL, *copy = NULL;
  int64_t count = va_count(a);
  if (count == 0) return VA_OK;
  int64_t chunks = (count + CHUNK - 1) / CHUNK;
  work work = {
      .mask = (const uint8_t *)flat(mask, &mask_copy),
      .from = flat(a, &copy),
      .to = out->data,
      .size = va_size(a->dtype),
      .count = count,
      .starts = calloc((size_t)chunks + 1, sizeof *work.starts),
  };
  va_status status = VA_NO_MEMORY;
  if (work.mask && work.from && work.starts) {
    status = va_team_run(chunks, (double)count * 0.2, count_chunk, &work, detail);
    for (int64_t chunk = 0; chunk < chunks; chunk++)
      work.starts[chunk + 1] += work.starts[chunk];
    if (status == VA_OK)
      status = va_team_run(chunks, (double)count, compress_chunk, &work, detail);
  }
  free(mask_copy);
  free(copy);
  free(work.starts);
  return status;
}
