// SPDX-License-Identifier: BSD-3-Clause
//
// Copies between views of one type.

#include <string.h>

#include "CArrays.h"

/// Copies a run of elements of one size.
#define COPY_RUN(type)                                              \
  for (int64_t i = 0; i < count; i++) {                             \
    type element;                                                   \
    memcpy(&element, from, sizeof element);                         \
    memcpy(to, &element, sizeof element);                           \
    from += from_step;                                              \
    to += to_step;                                                  \
  }

typedef struct {
  uint64_t half[2];
} pair;

static void copy_run(
    const char *from, int64_t from_step, char *to, int64_t to_step, int64_t count, size_t size) {
  if (from_step == (int64_t)size && to_step == (int64_t)size) {
    memmove(to, from, (size_t)count * size);
    return;
  }
  switch (size) {
    case 1: COPY_RUN(uint8_t) break;
    case 2: COPY_RUN(uint16_t) break;
    case 4: COPY_RUN(uint32_t) break;
    case 8: COPY_RUN(uint64_t) break;
    default: COPY_RUN(pair) break;
  }
}

void va_assign(const va_view *from, const va_view *to) {
  va_loop loop;
  const va_view *views[] = {from, to};
  if (!va_plan(&loop, 2, views)) return;
  int64_t index[VA_MAX_AXES] = {0};
  char *at[2] = {loop.data[0], loop.data[1]};
  int inner = loop.axes - 1;
  do copy_run(
      at[0], loop.strides[0][inner], at[1], loop.strides[1][inner], loop.shape[inner],
      va_size(from->dtype));
  while (va_next(&loop, 2, index, at));
}

void va_fill(const va_view *to, const void *element) {
  va_view from = *to;
  from.data = (char *)element;
  for (int axis = 0; axis < from.axes; axis++) from.strides[axis] = 0;
  va_assign(&from, to);
}
