// SPDX-License-Identifier: BSD-3-Clause
//
// The layout of NumPy's arrayprint.py: words of one width, broken into lines.

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Format.h"
#include "Gather.h"

enum { EDGE = 3, WORD = 720 };

// MARK: Text

typedef struct {
  char *bytes;
  size_t length, room;
  bool failed;
} text;

static void append(text *to, const char *bytes, size_t length) {
  if (to->failed) return;
  if (to->length + length + 1 > to->room) {
    size_t room = (to->length + length + 1) * 2;
    char *grown = realloc(to->bytes, room);
    if (!grown) {
      to->failed = true;
      return;
    }
    to->bytes = grown;
    to->room = room;
  }
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
  to->bytes[to->length] = 0;
}

static void append_spaces(text *to, int count) {
  for (; count > 0; count--) append(to, " ", 1);
}

static void strip_spaces(text *of) {
  while (of->length > 0 && of->bytes[of->length - 1] == ' ') of->length--;
}

// MARK: Formats

/// The format of the floats of an array, or of one part of its complex numbers.
typedef struct {
  bool single, plus, exponents, suppress;
  int digits, left, right, exponent_digits;
  // The properties of the elements:
  bool has_finite, has_special, has_negative_infinity;
  double least, greatest;  // of the absolute values that are not 0
} float_format;

typedef struct {
  const va_view *view;
  const va_format_options *options;
  bool abridged;
  float_format part[2];
  int width;  // of integers
} layout;

static double float_at(const layout *in, const char *at, int part) {
  bool single = in->view->dtype == VA_FLOAT32 || in->view->dtype == VA_COMPLEX64;
  if (single) {
    float value;
    memcpy(&value, at + part * 4, sizeof value);
    return (double)value;
  }
  double value;
  memcpy(&value, at + part * 8, sizeof value);
  return value;
}

static void note_range(float_format *format, double value) {
  if (!isfinite(value)) {
    format->has_special = true;
    if (value < 0) format->has_negative_infinity = true;
    return;
  }
  format->has_finite = true;
  double size = fabs(value);
  if (size == 0) return;
  if (format->greatest == 0 || size > format->greatest) format->greatest = size;
  if (format->least == 0 || size < format->least) format->least = size;
}

static void choose_exponents(float_format *format) {
  if (format->greatest == 0) return;
  double ratio = format->greatest / format->least;
  if (format->single) ratio = (double)((float)format->greatest / (float)format->least);
  format->exponents = format->greatest >= (format->single ? 1e6 : 1e8) ||
                      (!format->suppress && (format->least < 0.0001 || ratio > 1000));
}

static int exponent_length(int exponent) {
  exponent = abs(exponent);
  return exponent >= 100 ? 3 : 2;
}

static void note_length(float_format *format, double value, int digits) {
  if (!isfinite(value)) return;
  va_number_text number;
  if (format->exponents) va_number_scientific(value, format->single, digits, format->plus, &number);
  else va_number_positional(value, format->single, digits, format->plus, &number);
  int left = (int)strlen(number.whole), right = (int)strlen(number.fraction);
  if (left > format->left) format->left = left;
  if (right > format->digits) format->digits = right;
  int exponent = exponent_length(number.exponent);
  if (exponent > format->exponent_digits) format->exponent_digits = exponent;
}

static void finish_format(float_format *format) {
  format->right = format->digits;
  if (format->exponents) format->right += format->exponent_digits + 2;
  if (!format->has_special) return;
  int offset = format->right + 1;
  int sign = format->plus || format->has_negative_infinity ? 1 : 0;
  if (format->left < 3 - offset) format->left = 3 - offset;
  if (format->left < 3 + sign - offset) format->left = 3 + sign - offset;
}

static int format_float(const float_format *format, double value, char *word) {
  char special[8];
  if (!isfinite(value)) {
    const char *sign = !isnan(value) && value < 0 ? "-" : format->plus ? "+" : "";
    snprintf(special, sizeof special, "%s%s", sign, isnan(value) ? "nan" : "inf");
    return snprintf(word, WORD, "%*s", format->left + format->right + 1, special);
  }
  va_number_text number;
  if (format->exponents) {
    // All numbers have as many digits: exact ones beyond those that identify the number.
    char exact[400];
    snprintf(exact, sizeof exact, "%.*e", format->digits, fabs(value));
    char *exponent = strchr(exact, 'e');
    *exponent++ = 0;
    const char *sign = signbit(value) ? "-" : format->plus ? "+" : "";
    number.whole[0] = 0;
    strcat(strcat(number.whole, sign), (char[]){exact[0], 0});
    return snprintf(word, WORD, "%*s.%se%c%0*d", format->left, number.whole,
                    format->digits > 0 ? exact + 2 : "", *exponent, format->exponent_digits,
                    abs(atoi(exponent)));
  }
  va_number_positional(value, format->single, format->digits, format->plus, &number);
  return snprintf(word, WORD, "%*s.%-*s", format->left, number.whole, format->right,
                  number.fraction);
}

static int format_integer(va_dtype dtype, const char *at, int width, char *word) {
  if (dtype == VA_UINT64)
    return snprintf(word, WORD, "%*" PRIu64, width, (uint64_t)va_integer_at(dtype, at));
  return snprintf(word, WORD, "%*" PRId64, width, va_integer_at(dtype, at));
}

// MARK: Elements that are shown

static bool is_stopped(const layout *in) { return in->options->stop && *in->options->stop; }

/// Calls `body` for each element that is shown.
static void each_shown(
    layout *in, int axis, const char *at, void (*body)(layout *in, const char *at)) {
  const va_view *view = in->view;
  if (axis == view->axes) {
    body(in, at);
    return;
  }
  int64_t length = view->shape[axis];
  bool cut = in->abridged && length > 2 * EDGE;
  for (int64_t i = 0; i < length && !is_stopped(in); i++) {
    if (cut && i == EDGE) i = length - EDGE;
    each_shown(in, axis + 1, at + i * view->strides[axis], body);
  }
}

static int parts_of(const layout *in) { return va_is_complex(in->view->dtype) ? 2 : 1; }

static void note_element_range(layout *in, const char *at) {
  for (int part = 0; part < parts_of(in); part++)
    note_range(&in->part[part], float_at(in, at, part));
}

static void note_element_length(layout *in, const char *at) {
  for (int part = 0; part < parts_of(in); part++)
    note_length(&in->part[part], float_at(in, at, part), in->options->digits);
}

static void note_integer(layout *in, const char *at) {
  char word[WORD];
  int length = format_integer(in->view->dtype, at, 0, word);
  if (length > in->width) in->width = length;
}

static void prepare(layout *in) {
  va_dtype dtype = in->view->dtype;
  if (va_is_integer(dtype)) each_shown(in, 0, in->view->data, note_integer);
  if (!va_is_floating(dtype)) return;
  for (int part = 0; part < 2; part++)
    in->part[part] = (float_format){
        .single = dtype == VA_FLOAT32 || dtype == VA_COMPLEX64, .plus = part == 1,
        .suppress = in->options->suppress};
  each_shown(in, 0, in->view->data, note_element_range);
  for (int part = 0; part < parts_of(in); part++) choose_exponents(&in->part[part]);
  each_shown(in, 0, in->view->data, note_element_length);
  for (int part = 0; part < parts_of(in); part++) finish_format(&in->part[part]);
}

static int format_element(const layout *in, const char *at, char *word) {
  va_dtype dtype = in->view->dtype;
  if (dtype == VA_BOOL) return snprintf(word, WORD, "%s", *at ? " true" : "false");
  if (va_is_integer(dtype)) return format_integer(dtype, at, in->width, word);
  int length = format_float(&in->part[0], float_at(in, at, 0), word);
  if (!va_is_complex(dtype)) return length;
  char imaginary[WORD];
  int second = format_float(&in->part[1], float_at(in, at, 1), imaginary), end = second;
  while (end > 0 && imaginary[end - 1] == ' ') end--;
  return length + snprintf(word + length, WORD, "%.*si%s", end, imaginary, imaginary + end);
}

// MARK: Lines

typedef struct {
  text *to;
  text line;
  int indent, width;
} lines;

static void extend(lines *of, const char *word, size_t length) {
  if (of->line.length + length > (size_t)of->width && of->line.length > (size_t)of->indent) {
    strip_spaces(&of->line);
    append(of->to, of->line.bytes, of->line.length);
    append(of->to, "\n", 1);
    of->line.length = 0;
    append_spaces(&of->line, of->indent);
  }
  append(&of->line, word, length);
}

static void put_row(const layout *in, const char *at, int indent, int width, text *to) {
  char word[2 * WORD];
  int64_t length = in->view->shape[in->view->axes - 1], stride = in->view->strides[in->view->axes - 1];
  bool cut = in->abridged && length > 2 * EDGE;
  text row = {0};
  lines state = {.to = &row, .indent = indent, .width = width - 1};
  append_spaces(&state.line, indent);
  for (int64_t i = 0; i < length && !is_stopped(in); i++) {
    if (cut && i == EDGE) {
      extend(&state, "...", 3);
      append(&state.line, " ", 1);
      i = length - EDGE;
    }
    extend(&state, word, (size_t)format_element(in, at + i * stride, word));
    if (i + 1 < length) append(&state.line, " ", 1);
  }
  append(&row, state.line.bytes, state.line.length);
  append(to, "[", 1);
  if (row.failed || state.line.failed) to->failed = true;
  else append(to, row.bytes + indent, row.length - (size_t)indent);
  append(to, "]", 1);
  free(row.bytes);
  free(state.line.bytes);
}

/// Appends the elements from an axis on.
static void put(const layout *in, int axis, const char *at, int indent, int width, text *to) {
  const va_view *view = in->view;
  if (axis + 1 == view->axes) {
    put_row(in, at, indent, width, to);
    return;
  }
  int64_t length = view->shape[axis];
  bool cut = in->abridged && length > 2 * EDGE;
  append(to, "[", 1);
  for (int64_t i = 0; i < length && !is_stopped(in); i++) {
    if (i > 0) {
      for (int lines = view->axes - 1 - axis; lines > 0; lines--) append(to, "\n", 1);
      append_spaces(to, indent);
    }
    if (cut && i == EDGE) {
      append(to, "...", 3);
      for (int lines = view->axes - 1 - axis; lines > 0; lines--) append(to, "\n", 1);
      append_spaces(to, indent);
      i = length - EDGE;
    }
    put(in, axis + 1, at + i * view->strides[axis], indent + 1, width - 1, to);
  }
  append(to, "]", 1);
}

// MARK: Arrays without axes

/// The text of one float, as Python's str has it.
static int format_single(double value, bool single, char *word) {
  if (!isfinite(value))
    return snprintf(word, WORD, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
  va_number_text number;
  double size = fabs(value), bound = single ? 1e7 : 1e16;
  if (size != 0 && (size >= bound || size < 1e-4)) {
    va_number_scientific(value, single, -1, false, &number);
    return snprintf(word, WORD, "%s%s%se%c%02d", number.whole, *number.fraction ? "." : "",
                    number.fraction, number.exponent < 0 ? '-' : '+', abs(number.exponent));
  }
  va_number_positional(value, single, -1, false, &number);
  return snprintf(word, WORD, "%s.%s", number.whole, *number.fraction ? number.fraction : "0");
}

/// "1+2i": whole numbers without a decimal point.
static void put_complex(const layout *in, bool single, text *to) {
  char word[WORD];
  for (int part = 0; part < 2; part++) {
    double value = float_at(in, in->view->data, part);
    int length = format_single(value, single, word);
    if (length > 2 && strcmp(word + length - 2, ".0") == 0) length -= 2;
    if (part == 1 && word[0] != '-') append(to, "+", 1);
    append(to, word, (size_t)length);
  }
  append(to, "i", 1);
}

static void put_single(layout *in, text *to) {
  char word[WORD];
  const va_view *view = in->view;
  bool single = view->dtype == VA_FLOAT32 || view->dtype == VA_COMPLEX64;
  if (va_is_complex(view->dtype)) {
    put_complex(in, single, to);
    return;
  }
  int length = view->dtype == VA_BOOL ? snprintf(word, WORD, "%s", *view->data ? "true" : "false")
               : va_is_integer(view->dtype) ? format_integer(view->dtype, view->data, 0, word)
                                            : format_single(float_at(in, view->data, 0), single, word);
  append(to, word, (size_t)length);
}

char *va_format(const va_view *view, const va_format_options *options, size_t *length) {
  layout in = {.view = view, .options = options};
  text result = {0};
  int64_t count = va_count(view);
  in.abridged = count > options->threshold;
  if (view->axes == 0) {
    put_single(&in, &result);
  } else if (count == 0) {
    append(&result, "[]", 2);
  } else {
    prepare(&in);
    put(&in, 0, view->data, 1, options->width, &result);
  }
  if (result.failed) {
    free(result.bytes);
    return NULL;
  }
  *length = result.length;
  return result.bytes;
}
