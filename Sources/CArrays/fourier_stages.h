// SPDX-License-Identifier: BSD-3-Clause

/// The stages for one kind of processor; the function is VA_FFT_RUN.
#include "fourier.h"
#include "loops.h"

#pragma STDC FP_CONTRACT OFF

#define FFT_INLINE static inline __attribute__((always_inline))
#define FFT_EACH(VARIABLE, FROM, TO)                                                           \
  _Pragma("clang loop vectorize(enable) interleave(enable)") for (int64_t VARIABLE = (FROM);   \
                                                                  VARIABLE < (TO); VARIABLE++)

// (r, i) * (wr, wi)
#define FFT_STORE(R, I, WR, WI, PLACE)                                                         \
  {                                                                                            \
    double r_ = (R), i_ = (I), wr_ = (WR), wi_ = (WI);                                         \
    yr[PLACE] = r_ * wr_ - i_ * wi_;                                                           \
    yi[PLACE] = r_ * wi_ + i_ * wr_;                                                           \
  }
#define FFT_FOUR(A, B, C, D, Y0, Y1, Y2, Y3, W1, W2, W3)                                       \
  double ar = xr[A], ai = xi[A], br = xr[B], bi = xi[B];                                       \
  double cr = xr[C], ci = xi[C], dr = xr[D], di = xi[D];                                       \
  double sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;                               \
  double ur = br + dr, ui = bi + di, vr = bi - di, vi = dr - br;                               \
  yr[Y0] = sr + ur;                                                                            \
  yi[Y0] = si + ui;                                                                            \
  FFT_STORE(tr + vr, ti + vi, wr[W1], wi[W1], Y1)                                              \
  FFT_STORE(sr - ur, si - ui, wr[W2], wi[W2], Y2)                                              \
  FFT_STORE(tr - vr, ti - vi, wr[W3], wi[W3], Y3)

#define FFT_ARRAYS                                                                             \
  const double *restrict xr = s->xr, *restrict xi = s->xi;                                     \
  const double *restrict wr = s->wr, *restrict wi = s->wi;                                     \
  double *restrict yr = s->yr, *restrict yi = s->yi;                                           \
  int64_t l = s->l, step = s->step;                                                            \
  (void)step;

FFT_INLINE void fft_four(
    const va_fft_stage *s, int64_t m, int64_t j0, int64_t j1, int64_t q0, int64_t q1) {
  FFT_ARRAYS
  for (int64_t j = j0; j < j1; j++) {
    int64_t from = m * j, next = m * l, to = 4 * m * j;
    FFT_EACH(q, q0, q1) {
      FFT_FOUR(from + q, from + next + q, from + 2 * next + q, from + 3 * next + q, to + q,
               to + m + q, to + 2 * m + q, to + 3 * m + q, j, step + j, 2 * step + j)
    }
  }
}
static void fft_first_four(const va_fft_stage *s, int64_t j0, int64_t j1) {
  FFT_ARRAYS
  FFT_EACH(j, j0, j1) {
    FFT_FOUR(j, j + l, j + 2 * l, j + 3 * l, 4 * j, 4 * j + 1, 4 * j + 2, 4 * j + 3, j, step + j,
             2 * step + j)
  }
}

static void fft_two(const va_fft_stage *s, int64_t j0, int64_t j1, int64_t q0, int64_t q1) {
  FFT_ARRAYS
  int64_t m = s->m;
  for (int64_t j = j0; j < j1; j++) {
    int64_t from = m * j, to = 2 * m * j;
    FFT_EACH(q, q0, q1) {
      double ar = xr[from + q], ai = xi[from + q];
      double br = xr[from + m * l + q], bi = xi[from + m * l + q];
      yr[to + q] = ar + br;
      yi[to + q] = ai + bi;
      FFT_STORE(ar - br, ai - bi, wr[j], wi[j], to + m + q)
    }
  }
}

static void fft_three(const va_fft_stage *s, int64_t j0, int64_t j1, int64_t q0, int64_t q1) {
  FFT_ARRAYS
  int64_t m = s->m;
  const double half = 0.86602540378443864676;  // sin(pi / 3)
  for (int64_t j = j0; j < j1; j++) {
    int64_t from = m * j, next = m * l, to = 3 * m * j;
    FFT_EACH(q, q0, q1) {
      double ar = xr[from + q], ai = xi[from + q];
      double br = xr[from + next + q], bi = xi[from + next + q];
      double cr = xr[from + 2 * next + q], ci = xi[from + 2 * next + q];
      double sr = br + cr, si = bi + ci, dr = (bi - ci) * half, di = (cr - br) * half;
      double tr = ar - 0.5 * sr, ti = ai - 0.5 * si;
      yr[to + q] = ar + sr;
      yi[to + q] = ai + si;
      FFT_STORE(tr + dr, ti + di, wr[j], wi[j], to + m + q)
      FFT_STORE(tr - dr, ti - di, wr[step + j], wi[step + j], to + 2 * m + q)
    }
  }
}

static void fft_five(const va_fft_stage *s, int64_t j0, int64_t j1, int64_t q0, int64_t q1) {
  FFT_ARRAYS
  int64_t m = s->m;
  const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
  const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
  for (int64_t j = j0; j < j1; j++) {
    int64_t from = m * j, next = m * l, to = 5 * m * j;
    FFT_EACH(q, q0, q1) {
      double ar = xr[from + q], ai = xi[from + q];
      double br = xr[from + next + q], bi = xi[from + next + q];
      double cr = xr[from + 2 * next + q], ci = xi[from + 2 * next + q];
      double dr = xr[from + 3 * next + q], di = xi[from + 3 * next + q];
      double er = xr[from + 4 * next + q], ei = xi[from + 4 * next + q];
      double pr = br + er, pi = bi + ei, qr = br - er, qi = bi - ei;
      double ur = cr + dr, ui = ci + di, vr = cr - dr, vi = ci - di;
      yr[to + q] = ar + pr + ur;
      yi[to + q] = ai + pi + ui;
      double gr = ar + c1 * pr + c2 * ur, gi = ai + c1 * pi + c2 * ui;
      double hr = ar + c2 * pr + c1 * ur, hi = ai + c2 * pi + c1 * ui;
      double kr = s1 * qi + s2 * vi, ki = -(s1 * qr + s2 * vr);
      double nr = s2 * qi - s1 * vi, ni = -(s2 * qr - s1 * vr);
      FFT_STORE(gr + kr, gi + ki, wr[j], wi[j], to + m + q)
      FFT_STORE(hr + nr, hi + ni, wr[step + j], wi[step + j], to + 2 * m + q)
      FFT_STORE(hr - nr, hi - ni, wr[2 * step + j], wi[2 * step + j], to + 3 * m + q)
      FFT_STORE(gr - kr, gi - ki, wr[3 * step + j], wi[3 * step + j], to + 4 * m + q)
    }
  }
}

// Any factor, by its definition.
static void fft_any(const va_fft_stage *s, int64_t j0, int64_t j1, int64_t q0, int64_t q1) {
  FFT_ARRAYS
  int64_t m = s->m, factor = s->factor;
  for (int64_t j = j0; j < j1; j++)
    for (int64_t k = 0; k < factor; k++) {
      int64_t to = m * (factor * j + k);
      FFT_EACH(q, q0, q1) yr[to + q] = yi[to + q] = 0;
      for (int64_t row = 0; row < factor; row++) {
        int64_t from = m * (j + l * row), root = row * k % factor;
        double cr = s->rr[root], ci = s->ri[root];
        FFT_EACH(q, q0, q1) {
          yr[to + q] += xr[from + q] * cr - xi[from + q] * ci;
          yi[to + q] += xr[from + q] * ci + xi[from + q] * cr;
        }
      }
      if (k == 0) continue;
      double cr = wr[(k - 1) * step + j], ci = wi[(k - 1) * step + j];
      FFT_EACH(q, q0, q1) {
        double r = yr[to + q], i = yi[to + q];
        yr[to + q] = r * cr - i * ci;
        yi[to + q] = r * ci + i * cr;
      }
    }
}

#ifdef VA_FFT_RUN
void VA_FFT_RUN(const va_fft_stage *s, int64_t j0, int64_t j1, int64_t q0, int64_t q1) {
  switch (s->factor) {
    case 2: fft_two(s, j0, j1, q0, q1); break;
    case 3: fft_three(s, j0, j1, q0, q1); break;
    case 4:
      // The loops over few columns have a constant length.
      if (s->m == 1) fft_first_four(s, j0, j1);
      else if (s->m == 4 && q0 == 0 && q1 == 4) fft_four(s, 4, j0, j1, 0, 4);
      else if (s->m == 16 && q0 == 0 && q1 == 16) fft_four(s, 16, j0, j1, 0, 16);
      else fft_four(s, s->m, j0, j1, q0, q1);
      break;
    case 5: fft_five(s, j0, j1, q0, q1); break;
    default: fft_any(s, j0, j1, q0, q1);
  }
}
#endif
