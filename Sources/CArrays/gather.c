// SPDX-License-Identifier: BSD-3-Clause

#include "Gather.h"

#include <string.h>

/// The view of one row of `whole`, without its first axis.
static va_view row_of(const va_view *whole) {
  va_view row = {.data = whole->data, .dtype = whole->dtype, .axes = whole->axes - 1};
  for (int axis = 0; axis < row.axes; axis++) {
    row.shape[axis] = whole->shape[axis + 1];
    row.strides[axis] = whole->strides[axis + 1];
  }
  return row;
}

#define GATHER(type)                                                           \
  for (int64_t i = 0; i < count; i++) {                                        \
    type element;                                                              \
    memcpy(&element, row->data + offsets[i], sizeof element);                  \
    memcpy(target.data + i * step, &element, sizeof element);                  \
  }

void va_take_rows(const va_view *row, const int64_t *offsets, const va_view *to) {
  int64_t count = to->shape[0], step = to->strides[0];
  va_view source = *row, target = row_of(to);
  int64_t elements = va_count(row);
  if (elements == 0) return;
  if (elements == 1) {
    switch (va_size(row->dtype)) {
      case 1: GATHER(uint8_t) return;
      case 2: GATHER(uint16_t) return;
      case 4: GATHER(uint32_t) return;
      case 8: GATHER(uint64_t) return;
      default: break;
    }
  }
  bool whole = va_is_contiguous(row) && va_is_contiguous(&target);
  size_t bytes = (size_t)elements * va_size(row->dtype);
  for (int64_t i = 0; i < count; i++) {
    source.data = row->data + offsets[i];
    target.data = to->data + i * step;
    if (whole) memcpy(target.data, source.data, bytes);
    else va_assign(&source, &target);
  }
}

void va_put_rows(const va_view *from, const va_view *row, const int64_t *offsets) {
  int64_t count = from->shape[0], step = from->strides[0];
  va_view source = row_of(from), target = *row;
  int64_t elements = va_count(row);
  if (elements == 0) return;
  bool whole = va_is_contiguous(row) && va_is_contiguous(&source);
  size_t bytes = (size_t)elements * va_size(row->dtype);
  for (int64_t i = 0; i < count; i++) {
    source.data = from->data + i * step;
    target.data = row->data + offsets[i];
    if (whole) memcpy(target.data, source.data, bytes);
    else va_assign(&source, &target);
  }
}

/// Steps the index of a shape in row-major order; false after the last one.
static bool step(int axes, const int64_t *shape, int64_t *index) {
  for (int axis = axes - 1; axis >= 0; axis--) {
    if (++index[axis] < shape[axis]) return true;
    index[axis] = 0;
  }
  return false;
}

int64_t va_mask_offsets(const va_view *mask, const int64_t *strides, int64_t *offsets) {
  int64_t found = 0;
  if (va_count(mask) == 0) return 0;
  if (mask->axes == 0) {
    if (*mask->data && offsets) offsets[0] = 0;
    return *mask->data != 0;
  }
  int inner = mask->axes - 1;
  int64_t index[VA_MAX_AXES] = {0};
  do {
    const char *at = mask->data;
    int64_t offset = 0;
    for (int axis = 0; axis < inner; axis++) {
      at += index[axis] * mask->strides[axis];
      offset += index[axis] * strides[axis];
    }
    for (int64_t i = 0; i < mask->shape[inner]; i++) {
      bool is_set = at[i * mask->strides[inner]] != 0;
      if (offsets && is_set) offsets[found] = offset + i * strides[inner];
      found += is_set;
    }
  } while (step(inner, mask->shape, index));
  return found;
}

#define INTEGER(type)                     \
  {                                       \
    type value;                           \
    memcpy(&value, at, sizeof value);     \
    return (int64_t)value;                \
  }

int64_t va_integer_at(va_dtype dtype, const char *at) {
  switch (dtype) {
    case VA_INT8: INTEGER(int8_t)
    case VA_INT16: INTEGER(int16_t)
    case VA_INT32: INTEGER(int32_t)
    case VA_INT64: INTEGER(int64_t)
    case VA_UINT16: INTEGER(uint16_t)
    case VA_UINT32: INTEGER(uint32_t)
    case VA_UINT64: INTEGER(uint64_t)
    default: INTEGER(uint8_t)
  }
}

void va_list_integers(const va_view *view, int64_t *list) {
  va_loop loop;
  if (!va_plan(&loop, 1, &view)) return;
  int64_t index[VA_MAX_AXES] = {0};
  char *at = loop.data[0];
  int inner = loop.axes - 1;
  do {
    for (int64_t i = 0; i < loop.shape[inner]; i++)
      *list++ = va_integer_at(view->dtype, at + i * loop.strides[0][inner]);
  } while (va_next(&loop, 1, index, &at));
}
