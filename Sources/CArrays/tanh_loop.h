// SPDX-License-Identifier: BSD-3-Clause

/// tanh of float64 for vectors of VA_BYTES bytes: expm1(2x) / (expm1(2x) + 2), where each of the two
/// is a sum of two numbers. At most 0.75 ULP (0.72 was seen). The bits do not depend on the length of
/// vectors. sleef_loops.h, which includes this file, has the types.
#ifdef VA_BYTES

// No product is fused with a sum unless it is written so.
#pragma STDC FP_CONTRACT OFF

static inline __attribute__((always_inline)) void tanh_of(const full64 *argument, full64 *result) {
#define FMA(A, B, C) __builtin_elementwise_fma((A), (B), (C))
#define ALL(NUMBER) ((full64){0} + (NUMBER))
  mask64 bits = (mask64)*argument, sign = bits & INT64_MIN;
  full64 size = (full64)(bits & INT64_MAX), y = size + size;
  // Beyond that, the result is 1. NaN stays.
  mask64 beyond = y > 44.0;
  y = (full64)((beyond & (mask64)ALL(44.0)) | (~beyond & (mask64)y));

  // y = k ln 2 + r + rest, with |r| up to ln 2 / 2, and s = 2^k.
  full64 shifted = FMA(y, ALL(0x1.71547652b82fep+0), ALL(0x1.8p52)), k = shifted - 0x1.8p52;
  full64 s = (full64)(((mask64)shifted + 1023) << 52);
  full64 high = FMA(k, ALL(-0x1.62e42fefa38p-1), y), low = k * -0x1.ef35793c7673p-45;
  full64 r = high + low, rest = (high - r) + low;

  // expm1(r) = r + half + tail = r + q + lost. The polynomial is exp's, interpolated at Chebyshev's points.
  full64 r2 = r * r, r4 = r2 * r2, half = r * (0.5 * r);
  full64 p23 = FMA(r, ALL(0x1.5555555555556p-5), ALL(0x1.5555555555557p-3));
  full64 p45 = FMA(r, ALL(0x1.6c16c16c162d4p-10), ALL(0x1.11111111100dcp-7));
  full64 p67 = FMA(r, ALL(0x1.a01a01a6d889cp-16), ALL(0x1.a01a01abe7fe1p-13));
  full64 p89 = FMA(r, ALL(0x1.27e4db646b17ep-22), ALL(0x1.71de0231960ebp-19));
  full64 p10 = FMA(r, ALL(0x1.1f730349868cep-29), ALL(0x1.af4de97ca4194p-26));
  full64 p = FMA(r4, FMA(r4, p10, FMA(r2, p89, p67)), FMA(r2, p45, p23));
  full64 tail = FMA(r2 * r, p, FMA(r, 0.5 * r, -half) + rest);
  full64 q = half + tail, lost = (half - q) + tail;

  // The numerator h + l = s - 1 + s expm1(r), and the denominator dh + dl, which is greater by 2.
  full64 a = s - 1, c = s + 1, b = s * r, more = s * q, last = s * lost;
  full64 ab = a + b, h = ab + more, cb = c + b, dh = cb + more;
  full64 l = ((ab - h) + more) + (((a - ab) + b) + (((s - a) - 1) + last));
  full64 dl = ((cb - dh) + more) + (((c - cb) + b) + (((s - c) + 1) + last));
  full64 inverse = 1 / dh, quotient = h * inverse;
  full64 error = FMA(-quotient, dh, h) + FMA(-quotient, dl, l);
  *result = (full64)((mask64)FMA(error, inverse, quotient) | sign);
#undef FMA
#undef ALL
}

static void tanh_float64(char *const *p, int64_t n) {
  enum { LANES = VA_BYTES / 8 };
  const char *from = p[0];
  char *to = p[1];
  int64_t i = 0;
  full64 x, y;
  for (; i + LANES <= n; i += LANES) {
    x = *(const vector64 *)(from + i * 8);
    tanh_of(&x, &y);
    *(vector64 *)(to + i * 8) = y;
  }
  if (i == n) return;
  x = (full64){0};
  memcpy(&x, from + i * 8, (size_t)(n - i) * 8);
  tanh_of(&x, &y);
  memcpy(to + i * 8, &y, (size_t)(n - i) * 8);
}

#endif
