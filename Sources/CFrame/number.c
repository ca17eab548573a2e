// SPDX-License-Identifier: BSD-3-Clause
//
// Decimal numbers, correctly rounded.
//
// A number of up to 19 digits is w * 10^e with a 64-bit w. For |e| <= 27, 5^|e| fits 64 bits, and the
// product or the quotient is known exactly in 128 bits, so that it can be rounded by integer
// arithmetic. All others go to strtod.

#define _GNU_SOURCE
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "frame.h"

enum { LARGEST_EXPONENT = 27, MOST_DIGITS = 19 };

static const uint64_t powers_of_five[LARGEST_EXPONENT + 1] = {
    1u, 5u, 25u, 125u, 625u, 3125u, 15625u, 78125u, 390625u, 1953125u, 9765625u, 48828125u,
    244140625u, 1220703125u, 6103515625u, 30517578125u, 152587890625u, 762939453125u,
    3814697265625u, 19073486328125u, 95367431640625u, 476837158203125u, 2384185791015625u,
    11920928955078125u, 59604644775390625u, 298023223876953125u, 1490116119384765625u,
    7450580596923828125u};

static const double powers_of_ten[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// The double nearest to (bits + something less than 1 if `sticky`) * 2^exponent. Ties go to even.
static double round_bits(__uint128_t bits, int exponent, bool sticky) {
  uint64_t high = (uint64_t)(bits >> 64);
  int length = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)bits);
  int drop = length - 53;
  if (drop <= 0) return ldexp((double)(uint64_t)bits, exponent);
  uint64_t kept = (uint64_t)(bits >> drop);
  __uint128_t rest = bits - ((__uint128_t)kept << drop), half = (__uint128_t)1 << (drop - 1);
  if (rest > half || (rest == half && (sticky || (kept & 1)))) kept++;
  // The value is far from the limits of doubles: 10^-27 to 10^46.
  return ldexp((double)kept, exponent + drop);
}

static double scale(uint64_t digits, int exponent) {
  if (digits == 0) return 0;
  if (digits >> 53 == 0 && exponent >= -22 && exponent <= 22) {
    double value = (double)digits;
    return exponent < 0 ? value / powers_of_ten[-exponent] : value * powers_of_ten[exponent];
  }
  if (exponent >= 0) {
    __uint128_t product = (__uint128_t)digits * powers_of_five[exponent];
    return round_bits(product, exponent, false);
  }
  // The quotient gets at least 64 significant bits.
  uint64_t divisor = powers_of_five[-exponent];
  int shift = __builtin_clzll(digits);
  __uint128_t dividend = (__uint128_t)(digits << shift) << 64;
  __uint128_t quotient = dividend / divisor;
  bool sticky = quotient * divisor != dividend;
  return round_bits(quotient, exponent - 64 - shift, sticky);
}

static locale_t plain_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_locale(void) { plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

/// strtod with a decimal point in any locale.
static double convert_slowly(const char *text, size_t length) {
  char buffer[64], *copy = buffer;
  if (length >= sizeof buffer) {
    copy = malloc(length + 1);
    if (!copy) return NAN;
  }
  memcpy(copy, text, length);
  copy[length] = 0;
  pthread_once(&once, make_locale);
  double value = plain_locale ? strtod_l(copy, NULL, plain_locale) : strtod(copy, NULL);
  if (copy != buffer) free(copy);
  return value;
}

static bool is_word(const char *text, size_t length, const char *word) {
  return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool parse_word(const char *text, size_t length, double *value) {
  if (is_word(text, length, "nan")) *value = NAN;
  else if (is_word(text, length, "inf")) *value = INFINITY;
  else if (is_word(text, length, "-inf")) *value = -INFINITY;
  else return false;
  return true;
}

bool vtf_parse_number(const char *text, size_t length, double *value) {
  const char *at = text, *end = text + length;
  bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  uint64_t digits = 0;
  int count = 0, exponent = 0;  // digits after leading zeros, and the power of ten
  bool any = false, point = false;
  for (; at < end; at++) {
    unsigned digit = (unsigned)(unsigned char)*at - '0';
    if (digit <= 9) {
      any = true;
      if (point && exponent > -100000000) exponent--;
      if (count || digit) count++;
      if (count <= MOST_DIGITS) digits = digits * 10 + digit;
    } else if (*at == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!any) return parse_word(text, length, value);
  if (at < end) {
    if (*at != 'e' && *at != 'E') return false;
    at++;
    bool below = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    if (at == end) return false;
    int power = 0;
    for (; at < end; at++) {
      unsigned digit = (unsigned)(unsigned char)*at - '0';
      if (digit > 9) return false;
      if (power < 100000000) power = power * 10 + (int)digit;
    }
    exponent += below ? -power : power;
  }
  if (count <= MOST_DIGITS && exponent >= -LARGEST_EXPONENT && exponent <= LARGEST_EXPONENT) {
    double size = scale(digits, exponent);
    *value = negative ? -size : size;
  } else {
    *value = convert_slowly(text, length);
  }
  return true;
}

bool vtf_parse_integer(const char *text, size_t length, int64_t *value) {
  const char *at = text, *end = text + length;
  bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  if (at == end) return false;
  uint64_t size = 0, most = negative ? (uint64_t)1 << 63 : INT64_MAX;
  for (; at < end; at++) {
    unsigned digit = (unsigned)(unsigned char)*at - '0';
    if (digit > 9 || size > most / 10 || (size == most / 10 && digit > most % 10)) return false;
    size = size * 10 + digit;
  }
  *value = (int64_t)(negative ? 0 - size : size);
  return true;
}
