// SPDX-License-Identifier: BSD-3-Clause
//
// The types of elements, and the common type of two.

#include <string.h>

#include "CArrays.h"

const uint8_t va_sizes[VA_DTYPES] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 16};

static const char *const names[VA_DTYPES + 1] = {
    "bool",   "int8",   "int16",   "int32",   "int64",     "uint8",      "uint16",
    "uint32", "uint64", "float32", "float64", "complex64", "complex128", "no type"};

const char *va_name(va_dtype dtype) { return names[dtype <= VA_DTYPES ? dtype : VA_DTYPES]; }

va_dtype va_dtype_named(const char *name, size_t length) {
  for (int dtype = 0; dtype < VA_DTYPES; dtype++)
    if (strlen(names[dtype]) == length && memcmp(names[dtype], name, length) == 0)
      return (va_dtype)dtype;
  return VA_DTYPES;
}

void va_bounds(va_dtype dtype, int64_t *least, int64_t *greatest) {
  int bits = (int)va_size(dtype) * 8;
  if (va_is_signed(dtype)) {
    *least = bits == 64 ? INT64_MIN : -((int64_t)1 << (bits - 1));
    *greatest = -(*least + 1);
  } else {
    *least = 0;
    *greatest = bits == 64 ? -1 : ((int64_t)1 << bits) - 1;
  }
}

/// The signed integer type of the size, or VA_DTYPES.
static va_dtype signed_of(size_t size) {
  switch (size) {
    case 1: return VA_INT8;
    case 2: return VA_INT16;
    case 4: return VA_INT32;
    case 8: return VA_INT64;
    default: return VA_DTYPES;
  }
}

static va_dtype larger(va_dtype a, va_dtype b) { return va_size(a) >= va_size(b) ? a : b; }

static va_dtype promote_integers(va_dtype a, va_dtype b) {
  if (va_is_signed(a) == va_is_signed(b)) return larger(a, b);
  va_dtype with_sign = va_is_signed(a) ? a : b, without = va_is_signed(a) ? b : a;
  if (va_size(with_sign) > va_size(without)) return with_sign;
  return signed_of(va_size(without) * 2);
}

/// The float type that an integer type becomes beside a float type.
static va_dtype float_for(va_dtype integer) {
  return va_size(integer) <= 2 ? VA_FLOAT32 : VA_FLOAT64;
}

va_dtype va_promote(va_dtype a, va_dtype b) {
  if (a == b) return a;
  if (a == VA_BOOL || b == VA_BOOL) return VA_DTYPES;
  if (va_is_integer(a) && va_is_integer(b)) return promote_integers(a, b);
  if (va_is_integer(a)) return va_promote(float_for(a), b);
  if (va_is_integer(b)) return va_promote(a, float_for(b));
  if (va_is_complex(a) == va_is_complex(b)) return larger(a, b);
  va_dtype complex = va_is_complex(a) ? a : b, real = va_is_complex(a) ? b : a;
  return real == VA_FLOAT64 ? VA_COMPLEX128 : complex;
}
