// SPDX-License-Identifier: BSD-3-Clause
//
// Long transforms, of n1 * n2 numbers, as a matrix: its columns are transformed and multiplied by
// roots, and then its rows. A block of columns or rows stays in the caches of one processor for
// all of its stages, so that the numbers are read from memory and written twice in all.

#include "fourier.h"
#include "team.h"

#include <Threads.h>
#include <stdatomic.h>

#if defined(__x86_64__)
static const va_fft_blocks kinds[] = {
    [VA_ISA_BASE] = {va_fft_columns_base, va_fft_rows_base, va_fft_group_base},
    [VA_ISA_AVX2] = {va_fft_columns_avx2, va_fft_rows_avx2, va_fft_group_avx2},
    [VA_ISA_AVX512] = {va_fft_columns_avx512, va_fft_rows_avx512, va_fft_group_avx512},
};
#else
static const va_fft_blocks kinds[] = {[VA_ISA_BASE] = {va_fft_columns_base, va_fft_rows_base, va_fft_group_base}};
#endif

const va_fft_blocks *va_fft_blocks_used(void) { return &kinds[va_isa_used()]; }

enum { BLOCKS_OF_CHUNK = 2 };

typedef struct {
  va_fft_long transform;
  void (*run)(const va_fft_long *transform, int64_t block, double *x);
  int64_t blocks;
  double *buffers;  // one for each thread
  int64_t size;     // of a buffer
  _Atomic uint64_t free;  // a bit for each buffer
} work;

static int64_t buffer_size(const va_fft_plan *plan) {
  int64_t longer = plan->first->n > plan->second->n ? plan->first->n : plan->second->n;
  return 4 * VA_FFT_LANES * longer;
}

int64_t va_fft_long_memory(const va_fft_plan *plan) {
  return 2 * plan->n + plan->buffers * buffer_size(plan);
}

/// Takes a buffer; where there are more threads than buffers, waits for one of those that compute.
static int take_buffer(work *work) {
  for (;;) {
    uint64_t free = work->free;
    if (!free) {
      vty_relax();
      continue;
    }
    int buffer = __builtin_ctzll(free);
    if (atomic_compare_exchange_weak(&work->free, &free, free & (free - 1))) return buffer;
  }
}

static void run_chunk(void *context, int64_t chunk) {
  work *work = context;
  int buffer = take_buffer(work);
  int64_t block = chunk * BLOCKS_OF_CHUNK, end = block + BLOCKS_OF_CHUNK;
  for (; block < end && block < work->blocks; block++)
    work->run(&work->transform, block, work->buffers + buffer * work->size);
  atomic_fetch_or(&work->free, UINT64_C(1) << buffer);
}

static bool run_blocks(work *work, int64_t blocks, const va_detail *detail) {
  work->blocks = blocks;
  double nanoseconds = 5 * (double)work->transform.plan->n;
  return va_team_run((blocks + BLOCKS_OF_CHUNK - 1) / BLOCKS_OF_CHUNK, nanoseconds, run_chunk, work,
                     detail) == VA_OK;
}

void va_fft_long_transform(
    const va_fft_plan *plan, const va_fft_line *from, const va_fft_line *to, double scale,
    double *memory, const va_detail *detail) {
  const va_fft_blocks *kind = va_fft_blocks_used();
  work work = {.transform = {plan, *from, *to, scale, memory}, .run = kind->columns,
               .buffers = memory + 2 * plan->n, .size = buffer_size(plan), .free = UINT64_MAX >> (64 - plan->buffers)};
  if (!run_blocks(&work, plan->second->n / VA_FFT_LANES, detail)) return;
  work.run = kind->rows;
  run_blocks(&work, plan->first->n / VA_FFT_LANES, detail);
}
