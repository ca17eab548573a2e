// SPDX-License-Identifier: BSD-3-Clause
//
// Floating-point numbers as text.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Format.h"

/// The shortest digits that read back as a number.
typedef struct {
  char digits[20];
  int count;
  int exponent;  // of the first digit
} shortest_digits;

/// Reads "d.ddde+xx".
static void parse_scientific(const char *text, char *digits, int *count, int *exponent) {
  *count = 0;
  for (; *text && *text != 'e'; text++)
    if (*text >= '0' && *text <= '9') digits[(*count)++] = *text;
  *exponent = *text == 'e' ? atoi(text + 1) : 0;
  while (*count > 1 && digits[*count - 1] == '0') (*count)--;
  digits[*count] = 0;
}

static bool reads_as(const char *text, double value, bool single) {
  return single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

/// Adds one to the last digit of "d.ddde+xx"; false where that would change the exponent.
static bool increment(char *text) {
  for (char *digit = strchr(text, 'e') - 1; digit >= text; digit--) {
    if (*digit == '.') continue;
    if (*digit < '9') {
      ++*digit;
      return true;
    }
    *digit = '0';
  }
  return false;
}

/// Writes a positive number with `digits` digits after the point; false where it reads back as
/// another one. `printf` rounds a number halfway between two texts to the even one, and only the
/// other may read back.
static bool put_digits(char *text, size_t size, int digits, double value, bool single) {
  snprintf(text, size, "%.*e", digits, value);
  if (reads_as(text, value, single)) return true;
  char other[40];
  snprintf(other, sizeof other, "%s", text);
  if (!increment(other) || !reads_as(other, value, single)) return false;
  snprintf(text, size, "%s", other);
  return true;
}

static shortest_digits find_shortest(double value, bool single) {
  char text[40];
  shortest_digits found;
  value = fabs(value);
  for (int digits = single ? 5 : 14;; digits++) {
    if (put_digits(text, sizeof text, digits, value, single) || digits == 17) break;
  }
  parse_scientific(text, found.digits, &found.count, &found.exponent);
  // Below that precision, the trailing zeros were removed, unless the number has few exact digits
  // (subnormal numbers).
  if (value < (single ? 0x1p-126 : 0x1p-1022) && value > 0) {
    for (int digits = 0; digits < 14; digits++) {
      if (!put_digits(text, sizeof text, digits, value, single)) continue;
      parse_scientific(text, found.digits, &found.count, &found.exponent);
      break;
    }
  }
  return found;
}

static char *put_sign(double value, bool plus, char *to) {
  if (signbit(value)) *to++ = '-';
  else if (plus) *to++ = '+';
  return to;
}

static void strip_zeros(char *text) {
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == '0') text[--length] = 0;
}

void va_number_positional(double value, bool single, int digits, bool plus, va_number_text *text) {
  char *whole = put_sign(value, plus, text->whole);
  text->exponent = 0;
  if (value == 0) {
    strcpy(whole, "0");
    text->fraction[0] = 0;
    return;
  }
  shortest_digits found = find_shortest(value, single);
  int after = found.count - 1 - found.exponent;  // digits after the point
  if (digits >= 0 && after > digits) {
    char exact[400];
    snprintf(exact, sizeof exact, "%.*f", digits, fabs(value));
    char *point = strchr(exact, '.');
    if (point) *point = 0;
    strcpy(whole, exact);
    strcpy(text->fraction, point ? point + 1 : "");
    strip_zeros(text->fraction);
    return;
  }
  char *fraction = text->fraction;
  if (found.exponent < 0) {
    strcpy(whole, "0");
    for (int zeros = -1 - found.exponent; zeros > 0; zeros--) *fraction++ = '0';
    strcpy(fraction, found.digits);
    return;
  }
  for (int i = 0; i <= found.exponent; i++) *whole++ = i < found.count ? found.digits[i] : '0';
  *whole = 0;
  strcpy(fraction, found.count > found.exponent + 1 ? found.digits + found.exponent + 1 : "");
}

void va_number_scientific(double value, bool single, int digits, bool plus, va_number_text *text) {
  char *whole = put_sign(value, plus, text->whole);
  shortest_digits found = {.digits = "0", .count = 1, .exponent = 0};
  if (value != 0) found = find_shortest(value, single);
  if (digits >= 0 && found.count - 1 > digits) {
    char exact[400];
    snprintf(exact, sizeof exact, "%.*e", digits, fabs(value));
    parse_scientific(exact, found.digits, &found.count, &found.exponent);
  }
  *whole++ = found.digits[0];
  *whole = 0;
  strcpy(text->fraction, found.digits + 1);
  text->exponent = found.exponent;
}
