// SPDX-License-Identifier: BSD-3-Clause

#include "kernels.h"
#include "loops.h"

#include <float.h>

// The bounds of integer types.
#define LEAST_BOOL 0
#define LEAST_INT8 INT8_MIN
#define LEAST_INT16 INT16_MIN
#define LEAST_INT32 INT32_MIN
#define LEAST_INT64 INT64_MIN
#define LEAST_UINT8 0
#define LEAST_UINT16 0
#define LEAST_UINT32 0
#define LEAST_UINT64 0
#define MOST_BOOL 1
#define MOST_INT8 INT8_MAX
#define MOST_INT16 INT16_MAX
#define MOST_INT32 INT32_MAX
#define MOST_INT64 INT64_MAX
#define MOST_UINT8 UINT8_MAX
#define MOST_UINT16 UINT16_MAX
#define MOST_UINT32 UINT32_MAX
#define MOST_UINT64 UINT64_MAX

// True if a float fits when it is truncated. The bounds are exact as doubles.
#define HOLDS_INT8(X) (((double)(X) > -129.0) & ((double)(X) < 0x1p7))
#define HOLDS_INT16(X) (((double)(X) > -32769.0) & ((double)(X) < 0x1p15))
#define HOLDS_INT32(X) (((double)(X) > -2147483649.0) & ((double)(X) < 0x1p31))
#define HOLDS_INT64(X) (((double)(X) >= -0x1p63) & ((double)(X) < 0x1p63))
#define HOLDS_UINT8(X) (((double)(X) > -1.0) & ((double)(X) < 0x1p8))
#define HOLDS_UINT16(X) (((double)(X) > -1.0) & ((double)(X) < 0x1p16))
#define HOLDS_UINT32(X) (((double)(X) > -1.0) & ((double)(X) < 0x1p32))
#define HOLDS_UINT64(X) (((double)(X) > -1.0) & ((double)(X) < 0x1p64))

static void note(char *const *p, bool bad) {
  if (bad) ((va_cast_request *)p[2])->failed = true;
}
static va_cast_mode mode_of(char *const *p) { return ((va_cast_request *)p[2])->mode; }

#define SOURCES(F, ...)                                                                        \
  F(__VA_ARGS__, BOOL, uint8_t) F(__VA_ARGS__, INT8, int8_t) F(__VA_ARGS__, INT16, int16_t)    \
  F(__VA_ARGS__, INT32, int32_t) F(__VA_ARGS__, INT64, int64_t)                                \
  F(__VA_ARGS__, UINT8, uint8_t) F(__VA_ARGS__, UINT16, uint16_t)                              \
  F(__VA_ARGS__, UINT32, uint32_t) F(__VA_ARGS__, UINT64, uint64_t)
#define FLOAT_SOURCES(F, ...) F(__VA_ARGS__, FLOAT32, float) F(__VA_ARGS__, FLOAT64, double)

#define LOOP(TO, TOTYPE, FROM, FROMTYPE, EXPRESSION)                                           \
  {                                                                                            \
    const FROMTYPE *a = (const FROMTYPE *)p[0];                                                \
    TOTYPE *o = (TOTYPE *)p[1];                                                                \
    EACH {                                                                                     \
      FROMTYPE x = a[i];                                                                       \
      o[i] = (EXPRESSION);                                                                     \
    }                                                                                          \
  }
#define PLAIN(TO, TOTYPE, FROM, FROMTYPE)                                                      \
  static void FROM##_to_##TO(char *const *p, int64_t n)                                        \
      LOOP(TO, TOTYPE, FROM, FROMTYPE, (TOTYPE)x)

// From an integer to one that does not hold all its values: nothing fails where it does.
#define NARROWING(TO, TOTYPE, FROM, FROMTYPE)                                                  \
  static void FROM##_to_##TO(char *const *p, int64_t n) {                                      \
    enum : bool {                                                                              \
      below = (LEAST_##FROM) < 0 && ((LEAST_##TO) == 0 || sizeof(TOTYPE) < sizeof(FROMTYPE)),  \
      above = (uint64_t)(MOST_##FROM) > (uint64_t)(MOST_##TO),                                 \
    };                                                                                         \
    if ((!below && !above) || mode_of(p) == VA_CAST_WRAP)                                      \
      LOOP(TO, TOTYPE, FROM, FROMTYPE, (TOTYPE)x)                                              \
    else if (mode_of(p) == VA_CAST_SATURATE)                                                   \
      LOOP(TO, TOTYPE, FROM, FROMTYPE,                                                         \
           below && x < (FROMTYPE)(LEAST_##TO)   ? (TOTYPE)(LEAST_##TO)                        \
           : above && x > (FROMTYPE)(MOST_##TO) ? (TOTYPE)(MOST_##TO)                          \
                                                : (TOTYPE)x)                                   \
    else {                                                                                     \
      bool bad = false;                                                                        \
      LOOP(TO, TOTYPE, FROM, FROMTYPE,                                                         \
           (bad |= (below && x < (FROMTYPE)(LEAST_##TO)) |                                     \
                   (above && x > (FROMTYPE)(MOST_##TO)),                                       \
            (TOTYPE)x))                                                                        \
      note(p, bad);                                                                            \
    }                                                                                          \
  }

// From a float to an integer.
#define TRUNCATING(TO, TOTYPE, FROM, FROMTYPE)                                                 \
  static void FROM##_to_##TO(char *const *p, int64_t n) {                                      \
    bool bad = false;                                                                          \
    if (mode_of(p) == VA_CAST_SATURATE)                                                        \
      LOOP(TO, TOTYPE, FROM, FROMTYPE,                                                         \
           (bad |= x != x, HOLDS_##TO(x) ? (TOTYPE)x                                           \
                           : x > 0       ? (TOTYPE)(MOST_##TO)                                 \
                                         : (TOTYPE)(LEAST_##TO)))                              \
    else if (mode_of(p) == VA_CAST_WRAP && sizeof(TOTYPE) < 8)                                 \
      LOOP(TO, TOTYPE, FROM, FROMTYPE,                                                         \
           (bad |= !HOLDS_INT64(x), (TOTYPE)(HOLDS_INT64(x) ? (int64_t)x : 0)))                \
    else                                                                                       \
      LOOP(TO, TOTYPE, FROM, FROMTYPE,                                                         \
           (bad |= !HOLDS_##TO(x), HOLDS_##TO(x) ? (TOTYPE)x : 0))                             \
    note(p, bad);                                                                              \
  }

#define TO_INTEGER(TO, TOTYPE)                                                                 \
  SOURCES(NARROWING, TO, TOTYPE) FLOAT_SOURCES(TRUNCATING, TO, TOTYPE)
TO_INTEGER(INT8, int8_t)
TO_INTEGER(INT16, int16_t)
TO_INTEGER(INT32, int32_t)
TO_INTEGER(INT64, int64_t)
TO_INTEGER(UINT8, uint8_t)
TO_INTEGER(UINT16, uint16_t)
TO_INTEGER(UINT32, uint32_t)
TO_INTEGER(UINT64, uint64_t)

#define TO_BOOL(TO, TOTYPE, FROM, FROMTYPE)                                                    \
  static void FROM##_to_BOOL(char *const *p, int64_t n)                                        \
      LOOP(TO, TOTYPE, FROM, FROMTYPE, x != 0)
SOURCES(TO_BOOL, BOOL, uint8_t)
FLOAT_SOURCES(TO_BOOL, BOOL, uint8_t)
TO_BOOL(BOOL, uint8_t, COMPLEX64, va_c64)
TO_BOOL(BOOL, uint8_t, COMPLEX128, va_c128)
SOURCES(PLAIN, FLOAT32, float)
FLOAT_SOURCES(PLAIN, FLOAT32, float)
SOURCES(PLAIN, FLOAT64, double)
FLOAT_SOURCES(PLAIN, FLOAT64, double)

#define TO_COMPLEX(TO, TOTYPE, REAL, FROM, FROMTYPE)                                           \
  static void FROM##_to_##TO(char *const *p, int64_t n)                                        \
      LOOP(TO, TOTYPE, FROM, FROMTYPE, __builtin_complex((REAL)x, (REAL)0))
SOURCES(TO_COMPLEX, COMPLEX64, va_c64, float)
FLOAT_SOURCES(TO_COMPLEX, COMPLEX64, va_c64, float)
SOURCES(TO_COMPLEX, COMPLEX128, va_c128, double)
FLOAT_SOURCES(TO_COMPLEX, COMPLEX128, va_c128, double)
PLAIN(COMPLEX64, va_c64, COMPLEX64, va_c64)
PLAIN(COMPLEX64, va_c64, COMPLEX128, va_c128)
PLAIN(COMPLEX128, va_c128, COMPLEX64, va_c64)
PLAIN(COMPLEX128, va_c128, COMPLEX128, va_c128)

#define CAST_ENTRY(TO, FROM, FROMTYPE) [VA_##FROM] = FROM##_to_##TO,
#define ENTRIES(TO) SOURCES(CAST_ENTRY, TO) FLOAT_SOURCES(CAST_ENTRY, TO)
#define COMPLEX_ENTRIES(TO)                                                                    \
  ENTRIES(TO) CAST_ENTRY(TO, COMPLEX64, ) CAST_ENTRY(TO, COMPLEX128, )
static const va_kernel casts[VA_DTYPES][VA_DTYPES] = {
    [VA_BOOL] = {COMPLEX_ENTRIES(BOOL)},
    [VA_INT8] = {ENTRIES(INT8)},
    [VA_INT16] = {ENTRIES(INT16)},
    [VA_INT32] = {ENTRIES(INT32)},
    [VA_INT64] = {ENTRIES(INT64)},
    [VA_UINT8] = {ENTRIES(UINT8)},
    [VA_UINT16] = {ENTRIES(UINT16)},
    [VA_UINT32] = {ENTRIES(UINT32)},
    [VA_UINT64] = {ENTRIES(UINT64)},
    [VA_FLOAT32] = {ENTRIES(FLOAT32)},
    [VA_FLOAT64] = {ENTRIES(FLOAT64)},
    [VA_COMPLEX64] = {COMPLEX_ENTRIES(COMPLEX64)},
    [VA_COMPLEX128] = {COMPLEX_ENTRIES(COMPLEX128)},
};

va_kernel va_cast_kernel(va_dtype from, va_dtype to) { return casts[to][from]; }

// MARK: Values that do not fit

// Reads one element: `*value` for a float, else `*integer`.
static void read(const char *at, va_dtype dtype, double *value, int64_t *integer) {
  switch (dtype) {
    case VA_FLOAT32: *value = *(const float *)at; break;
    case VA_FLOAT64: *value = *(const double *)at; break;
    case VA_INT8: *integer = *(const int8_t *)at; break;
    case VA_INT16: *integer = *(const int16_t *)at; break;
    case VA_INT32: *integer = *(const int32_t *)at; break;
    case VA_BOOL:
    case VA_UINT8: *integer = *(const uint8_t *)at; break;
    case VA_UINT16: *integer = *(const uint16_t *)at; break;
    case VA_UINT32: *integer = *(const uint32_t *)at; break;
    default: *integer = *(const int64_t *)at; break;
  }
}

// The status of the first element, in row-major order, that does not fit.
static va_status find(
    const va_view *from, va_dtype to, va_cast_mode mode, va_detail *detail) {
  va_loop loop;
  const va_view *views[] = {from};
  va_plan(&loop, 1, views);
  int64_t n = loop.shape[loop.axes - 1], stride = loop.strides[0][loop.axes - 1];
  int64_t index[VA_MAX_AXES] = {0}, place = 0;
  char *at[4] = {loop.data[0]};
  va_kernel kernel = casts[to][from->dtype];
  do {
    for (int64_t i = 0; i < n; i++, place++) {
      _Alignas(16) char out[16];
      va_cast_request request = {.mode = mode};
      kernel((char *const[]){at[0] + i * stride, out, (char *)&request}, 1);
      if (!request.failed) continue;
      double value = 0;
      int64_t integer = 0;
      read(at[0] + i * stride, from->dtype, &value, &integer);
      if (detail) {
        detail->place = place;
        detail->value = value;
        detail->integer = integer;
      }
      return value != value ? VA_NAN_TO_INTEGER : VA_DOES_NOT_FIT;
    }
  } while (va_next(&loop, 1, index, at));
  return VA_OK;
}

va_status va_cast(
    const va_view *from, const va_view *to, va_cast_mode mode, va_detail *detail) {
  va_kernel kernel = casts[to->dtype][from->dtype];
  if (!kernel) return VA_NOT_DEFINED;
  va_cast_request request = {.mode = mode};
  va_work work = {.kernel = kernel, .inputs = 1, .extra = &request, .cost = 1};
  const va_view *views[] = {from, to};
  va_status status = va_run(&work, views, detail);
  if (status != VA_OK || !request.failed) return status;
  return find(from, to->dtype, mode, detail);
}
