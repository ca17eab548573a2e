// SPDX-License-Identifier: BSD-3-Clause
//
// The header of .npy files, a literal of Python, and elements in both orders of bytes and axes.

#include "NPY.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// MARK: The literal

typedef struct {
  const char *at, *end;
} literal;

static void skip_spaces(literal *in) {
  while (in->at < in->end && strchr(" \t\r\n", *in->at)) in->at++;
}

static bool take(literal *in, char letter) {
  skip_spaces(in);
  if (in->at >= in->end || *in->at != letter) return false;
  in->at++;
  return true;
}

static bool take_word(literal *in, const char *word) {
  skip_spaces(in);
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return false;
  in->at += length;
  return true;
}

/// Reads a quoted string without escapes.
static bool read_text(literal *in, char *to, size_t room) {
  skip_spaces(in);
  if (in->at >= in->end || (*in->at != '\'' && *in->at != '"')) return false;
  char quote = *in->at++;
  size_t length = 0;
  while (in->at < in->end && *in->at != quote) {
    if (*in->at == '\\' || length + 1 >= room) return false;
    to[length++] = *in->at++;
  }
  if (in->at >= in->end) return false;
  in->at++;
  to[length] = 0;
  return true;
}

static bool read_length(literal *in, int64_t *length) {
  skip_spaces(in);
  const char *first = in->at;
  *length = 0;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
    if (__builtin_mul_overflow(*length, 10, length) ||
        __builtin_add_overflow(*length, *in->at++ - '0', length))
      return false;
  if (in->at == first) return false;
  if (in->at < in->end && *in->at == 'L') in->at++;  // Python 2
  return true;
}

static bool read_shape(literal *in, va_view *view) {
  if (!take(in, '(')) return false;
  view->axes = 0;
  while (!take(in, ')')) {
    if (view->axes == VA_MAX_AXES || !read_length(in, &view->shape[view->axes++])) return false;
    if (take(in, ',')) continue;
    if (!take(in, ')')) return false;
    break;
  }
  return true;
}

// MARK: Types

static bool read_type(const char *name, va_npy *npy, char *message, size_t room) {
  static const struct {
    const char *name;
    va_dtype dtype;
  } types[] = {
      {"b1", VA_BOOL},    {"i1", VA_INT8},    {"i2", VA_INT16},      {"i4", VA_INT32},
      {"i8", VA_INT64},   {"u1", VA_UINT8},   {"u2", VA_UINT16},     {"u4", VA_UINT32},
      {"u8", VA_UINT64},  {"f4", VA_FLOAT32}, {"f8", VA_FLOAT64},    {"c8", VA_COMPLEX64},
      {"c16", VA_COMPLEX128}, {"f2", VA_FLOAT32}};
  const char *code = strchr("<>|=", name[0]) && name[0] ? name + 1 : name;
  npy->swapped = name[0] == '>';
  npy->is_half = strcmp(code, "f2") == 0;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (strcmp(types[i].name, code) != 0) continue;
    npy->view.dtype = types[i].dtype;
    npy->item = npy->is_half ? 2 : va_size(types[i].dtype);
    return true;
  }
  if (code[0] == 'O')
    snprintf(message, room, "holds Python objects (\"%s\"), which are not read", name);
  else
    snprintf(message, room, "holds elements of type \"%s\", which are not read", name);
  return false;
}

// MARK: The header

static bool parse_literal(literal in, va_npy *npy, char *message, size_t room) {
  bool has_type = false, has_order = false, has_shape = false, is_fortran = false;
  char text[64];
  snprintf(message, room, "has a damaged header");
  if (!take(&in, '{')) return false;
  while (!take(&in, '}')) {
    if (!read_text(&in, text, sizeof text) || !take(&in, ':')) return false;
    if (strcmp(text, "descr") == 0) {
      skip_spaces(&in);
      if (in.at < in.end && *in.at == '[') {
        snprintf(message, room, "holds records, which are not read");
        return false;
      }
      if (!read_text(&in, text, sizeof text)) return false;
      if (!read_type(text, npy, message, room)) return false;
      has_type = true;
    } else if (strcmp(text, "fortran_order") == 0) {
      is_fortran = take_word(&in, "True");
      if (!is_fortran && !take_word(&in, "False")) return false;
      has_order = true;
    } else if (strcmp(text, "shape") == 0) {
      if (!read_shape(&in, &npy->view)) return false;
      has_shape = true;
    } else {
      return false;
    }
    if (take(&in, ',')) continue;
    if (!take(&in, '}')) return false;
    break;
  }
  skip_spaces(&in);
  if (in.at != in.end || !has_type || !has_order || !has_shape) return false;
  int64_t step = (int64_t)npy->item;
  bool empty = false;
  for (int i = 0; i < npy->view.axes; i++) {
    int axis = is_fortran ? i : npy->view.axes - 1 - i;
    npy->view.strides[axis] = step;
    if (npy->view.shape[axis] == 0) empty = true;
    else if (__builtin_mul_overflow(step, npy->view.shape[axis], &step) || step > (int64_t)1 << 60)
      return false;
  }
  npy->bytes = empty ? 0 : (size_t)step;
  return true;
}

bool va_npy_parse(
    const char *bytes, size_t available, size_t length, va_npy *npy, char *message, size_t room) {
  const unsigned char *head = (const unsigned char *)bytes;
  snprintf(message, room, "is no .npy file");
  if (available < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0) return false;
  size_t start = head[6] == 1 ? 10 : 12, header;
  if (head[6] < 1 || head[6] > 3) {
    snprintf(message, room, "has version %d.%d of the format, which is not known", head[6], head[7]);
    return false;
  }
  snprintf(message, room, "has a damaged header");
  if (available < start) return false;
  header = head[8] | (size_t)head[9] << 8;
  if (start == 12) header |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
  if (header > VA_NPY_LARGEST_HEADER) {
    snprintf(message, room, "has a header of %zu bytes; at most %d are read", header,
             VA_NPY_LARGEST_HEADER);
    return false;
  }
  if (available - start < header) return false;
  *npy = (va_npy){0};
  npy->data = start + header;
  literal in = {bytes + start, bytes + start + header};
  if (!parse_literal(in, npy, message, room)) return false;
  if (length - npy->data < npy->bytes) {
    snprintf(message, room, "is cut off: %zu bytes of elements are missing",
             npy->bytes - (length - npy->data));
    return false;
  }
  return true;
}

// MARK: Elements

static float from_half(uint16_t half) {
  int exponent = half >> 10 & 31;
  float fraction = (float)(half & 1023), value;
  if (exponent == 31) value = fraction ? NAN : INFINITY;
  else value = exponent ? ldexpf(fraction + 1024, exponent - 25) : ldexpf(fraction, -24);
  return half >> 15 ? -value : value;
}

/// Reverses the bytes of each number of a contiguous view.
static void swap(const va_view *view) {
  size_t size = va_size(view->dtype) / (va_is_complex(view->dtype) ? 2 : 1);
  size_t numbers = (size_t)va_count(view) * (va_is_complex(view->dtype) ? 2 : 1);
  for (size_t i = 0; i < numbers; i++) {
    char *number = view->data + i * size;
    for (size_t a = 0, b = size - 1; a < b; a++, b--) {
      char byte = number[a];
      number[a] = number[b];
      number[b] = byte;
    }
  }
}

static void decode_halves(const va_npy *npy, const char *data, const va_view *to) {
  int64_t index[VA_MAX_AXES] = {0}, count = va_count(to);
  for (int64_t i = 0; i < count; i++) {
    const char *at = data;
    for (int axis = 0; axis < to->axes; axis++) at += index[axis] * npy->view.strides[axis];
    const unsigned char *bytes = (const unsigned char *)at;
    uint16_t half = (uint16_t)(npy->swapped ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
    ((float *)to->data)[i] = from_half(half);
    for (int axis = to->axes - 1; axis >= 0 && ++index[axis] == to->shape[axis]; axis--)
      index[axis] = 0;
  }
}

void va_npy_decode(const va_npy *npy, const char *data, const va_view *to) {
  if (npy->is_half) {
    decode_halves(npy, data, to);
    return;
  }
  va_view from = npy->view;
  from.data = (char *)data;
  va_assign(&from, to);
  if (npy->swapped && va_size(to->dtype) > 1) swap(to);
  if (to->dtype == VA_BOOL)
    for (int64_t i = 0, count = va_count(to); i < count; i++) to->data[i] = to->data[i] != 0;
}

size_t va_npy_header(const va_view *view, char *to) {
  static const char *const types[] = {"|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2",
                                      "<u4", "<u8", "<f4", "<f8", "<c8", "<c16"};
  char *text = to + 10;
  int length = sprintf(text, "{'descr': '%s', 'fortran_order': False, 'shape': (", types[view->dtype]);
  for (int axis = 0; axis < view->axes; axis++)
    length += sprintf(text + length, axis ? ", %" PRId64 : "%" PRId64, view->shape[axis]);
  length += sprintf(text + length, view->axes == 1 ? ",), }" : "), }");
  while ((10 + length + 1) % 64 != 0) text[length++] = ' ';
  text[length++] = '\n';
  memcpy(to, "\x93NUMPY\1\0", 8);
  to[8] = (char)(length & 255);
  to[9] = (char)(length >> 8);
  return (size_t)length + 10;
}
