// SPDX-License-Identifier: BSD-3-Clause

#include "fourier.h"
#include "kernels.h"
#include "team.h"

#include <Threads.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// MARK: Roots of unity

// The angle is reduced to an eighth of a turn in integers, so that its error does not grow.
static void set_roots(
    int64_t n, int64_t first, int64_t count, bool square, double *r, double *i) {
  enum { STEP = 512 };
  va_kernel sine = va_kernel_for(VA_SIN, VA_FLOAT64), cosine = va_kernel_for(VA_COS, VA_FLOAT64);
  uint64_t turn = square ? 2 * (uint64_t)n : (uint64_t)n;
  for (int64_t start = 0; start < count; start += STEP) {
    int64_t m = count - start < STEP ? count - start : STEP;
    double angle[STEP], s[STEP], c[STEP];
    uint8_t octant[STEP];
    for (int64_t k = 0; k < m; k++) {
      uint64_t place = (uint64_t)(first + start + k);
      if (square) place = (uint64_t)((unsigned __int128)place * place % turn);
      uint64_t eighths = place * 8 / turn, rest = place * 8 % turn;
      octant[k] = (uint8_t)eighths;
      if (eighths & 1) rest = turn - rest;
      angle[k] = (double)rest / (double)turn * (M_PI / 4);
    }
    sine((char *const[]){(char *)angle, (char *)s}, m);
    cosine((char *const[]){(char *)angle, (char *)c}, m);
    for (int64_t k = 0; k < m; k++) {
      // Octants 1, 2, 5 and 6 swap sine and cosine.
      int o = octant[k];
      bool swapped = ((o + 1) >> 1) & 1;
      double x = swapped ? s[k] : c[k], y = swapped ? c[k] : s[k];
      r[start + k] = o >= 2 && o <= 5 ? -x : x;
      i[start + k] = o >= 4 ? y : -y;
    }
  }
}

void va_fft_roots(int64_t n, int64_t first, int64_t count, double *r, double *i) {
  set_roots(n, first, count, false, r, i);
}

// MARK: Plans

static void free_plan(va_fft_plan *plan) {
  if (!plan) return;
  free_plan(plan->longer);
  free_plan(plan->first);
  free_plan(plan->second);
  free(plan->wr);
  free(plan->rr);
  free(plan->chirp_r);
  free(plan->filter_r);
  free(plan);
}

static bool factorize(va_fft_plan *plan) {
  int64_t rest = plan->n;
  static const int first[] = {4, 2, 3, 5};
  for (int i = 0; i < 4; i++)
    for (; rest % first[i] == 0; rest /= first[i]) plan->factor[plan->factors++] = first[i];
  for (int factor = 7; factor <= VA_LARGEST_FACTOR; factor += 2)
    for (; rest % factor == 0; rest /= factor) plan->factor[plan->factors++] = factor;
  return rest == 1;
}

// The factors of each stage, in the order in which it reads them.
static bool make_tables(va_fft_plan *plan) {
  int64_t n = plan->n, l = n, m = 1, at = 0;
  for (int f = 0; f < plan->factors; f++) {
    l /= plan->factor[f];
    plan->table += (plan->factor[f] - 1) * va_fft_step(l);
  }
  size_t size = sizeof(double) * 2;
  double *all = malloc(size * (size_t)n);
  plan->wr = malloc(size * (size_t)plan->table + VA_FFT_GAP * sizeof(double));
  plan->rr = malloc(size * (size_t)(VA_LARGEST_FACTOR * plan->factors) + 1);
  if (!all || !plan->wr || !plan->rr) {
    free(all);
    return false;
  }
  plan->wi = plan->wr + plan->table + VA_FFT_GAP;
  plan->ri = plan->rr + VA_LARGEST_FACTOR * plan->factors;
  set_roots(n, 0, n, false, all, all + n);
  l = n;
  for (int f = 0; f < plan->factors; f++) {
    int factor = plan->factor[f];
    l /= factor;
    for (int64_t k = 1; k < factor; k++, at += va_fft_step(l))
      for (int64_t j = 0; j < l; j++) {
        plan->wr[at + j] = all[j * k * m];
        plan->wi[at + j] = all[n + j * k * m];
      }
    for (int64_t k = 0; k < factor; k++) {
      plan->rr[f * VA_LARGEST_FACTOR + k] = all[k * (n / factor)];
      plan->ri[f * VA_LARGEST_FACTOR + k] = all[n + k * (n / factor)];
    }
    m *= factor;
  }
  free(all);
  return true;
}

static va_fft_plan *make_plan(int64_t n);

// The transform of the conjugate of the chirp, for the convolution.
static bool make_filter(va_fft_plan *plan) {
  int64_t n = plan->n, m = 1;
  while (m < 2 * n - 1) m *= 2;
  plan->longer = make_plan(m);
  plan->chirp_r = malloc(sizeof(double) * 2 * (size_t)n);
  plan->filter_r = calloc(2 * (size_t)m, sizeof(double));
  if (!plan->longer || !plan->chirp_r || !plan->filter_r) return false;
  double *memory = malloc(sizeof(double) * (size_t)va_fft_memory(plan->longer));
  if (!memory) return false;
  plan->chirp_i = plan->chirp_r + n;
  plan->filter_i = plan->filter_r + m;
  set_roots(n, 0, n, true, plan->chirp_r, plan->chirp_i);
  for (int64_t k = 0; k < n; k++) {
    int64_t mirror = k ? m - k : 0;
    plan->filter_r[k] = plan->filter_r[mirror] = plan->chirp_r[k];
    plan->filter_i[k] = plan->filter_i[mirror] = -plan->chirp_i[k];
  }
  va_fft_transform(plan->longer, plan->filter_r, plan->filter_i, memory, NULL);
  free(memory);
  return true;
}

enum { LEAST_LONG = 1 << 15 };

/// The largest divisor of a length up to its root, where both it and the quotient are multiples of
/// VA_FFT_LANES; 0 if there is none.
static int64_t rows_of(int64_t n) {
  int64_t root = (int64_t)sqrt((double)n);
  for (int64_t rows = root / VA_FFT_LANES * VA_FFT_LANES; rows >= 64; rows -= VA_FFT_LANES)
    if (n % rows == 0 && n / rows % VA_FFT_LANES == 0) return rows;
  return 0;
}

/// The plans of columns and rows, and the roots in the order in which blocks of columns take them.
static bool make_matrix(va_fft_plan *plan, int64_t rows) {
  int64_t n = plan->n, columns = n / rows;
  int processors = vty_processors();
  plan->buffers = processors < 1 ? 1 : processors > 64 ? 64 : processors;
  plan->first = make_plan(rows);
  plan->second = make_plan(columns);
  double *all = malloc(sizeof *all * 2 * (size_t)n);
  plan->wr = malloc(sizeof *all * 2 * (size_t)n);
  if (!plan->first || !plan->second || !all || !plan->wr) {
    free(all);
    return false;
  }
  plan->wi = plan->wr + n;
  set_roots(n, 0, n, false, all, all + n);
  int64_t at = 0;
  for (int64_t block = 0; block < columns; block += VA_FFT_LANES)
    for (int64_t row = 0; row < rows; row++)
      for (int64_t column = block; column < block + VA_FFT_LANES; column++, at++) {
        plan->wr[at] = all[row * column];
        plan->wi[at] = all[n + row * column];
      }
  free(all);
  return true;
}

static va_fft_plan *make_plan(int64_t n) {
  va_fft_plan *plan = calloc(1, sizeof *plan);
  if (!plan) return NULL;
  plan->n = n;
  if (factorize(plan)) {
    int64_t rows = n >= LEAST_LONG ? rows_of(n) : 0;
    if (rows ? make_matrix(plan, rows) : make_tables(plan)) return plan;
  } else if (make_filter(plan)) {
    return plan;
  }
  free_plan(plan);
  return NULL;
}

enum { CACHED = 8, CACHED_LENGTH = 1 << 22 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static va_fft_plan *cache[CACHED];  // the one used last first

va_fft_plan *va_fft_take_plan(int64_t n) {
  pthread_mutex_lock(&lock);
  for (int i = 0; i < CACHED; i++) {
    va_fft_plan *plan = cache[i];
    if (!plan || plan->n != n) continue;
    memmove(cache + 1, cache, sizeof *cache * (size_t)i);
    cache[0] = plan;
    plan->users++;
    pthread_mutex_unlock(&lock);
    return plan;
  }
  pthread_mutex_unlock(&lock);
  va_fft_plan *plan = make_plan(n);
  if (!plan) return NULL;
  plan->users = 1;
  return plan;
}

// A plan that no one uses is kept if it is not too large; the oldest unused one makes room.
void va_fft_return_plan(va_fft_plan *plan) {
  pthread_mutex_lock(&lock);
  bool is_kept = false;
  for (int i = 0; i < CACHED; i++) is_kept |= cache[i] == plan;
  plan->users--;
  va_fft_plan *dropped = NULL;
  if (!is_kept && plan->n <= CACHED_LENGTH) {
    int oldest = CACHED - 1;
    while (oldest >= 0 && cache[oldest] && cache[oldest]->users > 0) oldest--;
    bool same = false;
    for (int i = 0; i < CACHED; i++) same |= cache[i] && cache[i]->n == plan->n;
    if (oldest >= 0 && !same) {
      dropped = cache[oldest];
      memmove(cache + 1, cache, sizeof *cache * (size_t)oldest);
      cache[0] = plan;
      is_kept = true;
    }
  }
  pthread_mutex_unlock(&lock);
  free_plan(dropped);
  if (!is_kept) free_plan(plan);
}

// MARK: Transform

int64_t va_fft_memory(const va_fft_plan *plan) {
  if (plan->first) return va_fft_long_memory(plan);
  if (!plan->longer) return 2 * (plan->n + VA_FFT_GAP);
  return 2 * (plan->longer->n + VA_FFT_GAP) + va_fft_memory(plan->longer);
}

typedef struct {
  va_fft_stage stage;
  va_fft_run run;
  int64_t chunks;
} work;

static void run_chunk(void *context, int64_t chunk) {
  const work *work = context;
  const va_fft_stage *s = &work->stage;
  if (s->l >= work->chunks)
    work->run(s, s->l * chunk / work->chunks, s->l * (chunk + 1) / work->chunks, 0, s->m);
  else
    work->run(s, 0, s->l, s->m * chunk / work->chunks, s->m * (chunk + 1) / work->chunks);
}

static void transform_by_factors(
    const va_fft_plan *plan, double *r, double *i, double *memory, const va_detail *detail) {
  if (plan->first) {
    va_fft_line line = {(char *)r, (char *)i, sizeof *r, plan->n, VA_FLOAT64};
    va_fft_long_transform(plan, &line, &line, 1, memory, detail);
    return;
  }
  va_fft_run run = va_fft_run_base;
#if defined(__x86_64__)
  if (va_isa_used() >= VA_ISA_AVX2) run = va_fft_run_avx2;
#endif
  int64_t n = plan->n;
  double *xr = r, *xi = i, *yr = memory, *yi = memory + n + VA_FFT_GAP;
  int64_t l = n, m = 1, table = 0;
  for (int f = 0; f < plan->factors && !va_is_stopped(detail); f++) {
    int factor = plan->factor[f];
    l /= factor;
    work work = {
        {xr, xi, yr, yi, plan->wr + table, plan->wi + table, plan->rr + f * VA_LARGEST_FACTOR,
         plan->ri + f * VA_LARGEST_FACTOR, va_fft_step(l), l, m, factor}, run, 16};
    // A stage is computed by one thread if it is short.
    if (n < 1 << 16) run(&work.stage, 0, l, 0, m);
    else va_team_run(work.chunks, (double)n * 4, run_chunk, &work, detail);
    m *= factor;
    table += (factor - 1) * va_fft_step(l);
    double *swap = xr;
    xr = yr;
    yr = swap;
    swap = xi;
    xi = yi;
    yi = swap;
  }
  if (xr == r) return;
  memcpy(r, xr, sizeof *r * (size_t)n);
  memcpy(i, xi, sizeof *i * (size_t)n);
}

void va_fft_transform(
    const va_fft_plan *plan, double *r, double *i, double *memory, const va_detail *detail) {
  if (!plan->longer) {
    transform_by_factors(plan, r, i, memory, detail);
    return;
  }
  int64_t n = plan->n, m = plan->longer->n;
  double *ar = memory, *ai = ar + m + VA_FFT_GAP, *rest = ai + m + VA_FFT_GAP;
  memset(ar, 0, sizeof *ar * (size_t)(2 * m + VA_FFT_GAP));
  const double *cr = plan->chirp_r, *ci = plan->chirp_i;
  for (int64_t k = 0; k < n; k++) {
    ar[k] = r[k] * cr[k] - i[k] * ci[k];
    ai[k] = r[k] * ci[k] + i[k] * cr[k];
  }
  transform_by_factors(plan->longer, ar, ai, rest, detail);
  for (int64_t k = 0; k < m; k++) {
    double x = ar[k], y = ai[k], fr = plan->filter_r[k], fi = plan->filter_i[k];
    ar[k] = x * fr - y * fi;
    ai[k] = x * fi + y * fr;
  }
  // The inverse transform exchanges the parts.
  transform_by_factors(plan->longer, ai, ar, rest, detail);
  for (int64_t k = 0; k < n; k++) {
    double x = ar[k] / (double)m, y = ai[k] / (double)m;
    r[k] = x * cr[k] - y * ci[k];
    i[k] = x * ci[k] + y * cr[k];
  }
}
