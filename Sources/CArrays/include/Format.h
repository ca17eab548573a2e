// SPDX-License-Identifier: BSD-3-Clause

/// Arrays as text, in the layout of NumPy's str.
#ifndef VTLUA_ARRAY_FORMAT_H
#define VTLUA_ARRAY_FORMAT_H

#include "CArrays.h"

typedef struct {
  int digits;         // after the decimal point, at most: 8
  int width;          // of a line: 75
  int64_t threshold;  // arrays with more elements are abridged: 1000
  bool suppress;      // no exponents for small and large numbers
  const volatile int *stop;  // or NULL: when it is not 0, the text has only the first elements
} va_format_options;

/// Returns the text, which the caller frees; NULL without memory.
char *va_format(const va_view *view, const va_format_options *options, size_t *length);

// MARK: Numbers, for format.c

/// The text of a number: sign and digits before the point, digits after it, and the exponent.
typedef struct {
  char whole[330];
  char fraction[330];
  int exponent;
} va_number_text;

/// Writes the shortest digits that read back as the number, at most `digits` after the point
/// (-1: all). `single`: as a float32.
void va_number_positional(double value, bool single, int digits, bool plus, va_number_text *text);
void va_number_scientific(double value, bool single, int digits, bool plus, va_number_text *text);

#endif
