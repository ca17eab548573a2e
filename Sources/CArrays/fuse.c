// SPDX-License-Identifier: BSD-3-Clause

#include "include/Fuse.h"

#include "kernels.h"
#include "reduce_plan.h"
#include "team.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
  PIECE = 1024,      // elements that pass through all steps
  REGISTERS = 24,    // values that are needed at once
};

typedef struct {
  va_kernel kernel;  // NULL: a later step computes this one, too
  int operation;
  int inputs[3], count;
  int target;      // a register; -1: the output
  bool zero, negative;  // of the second input: is refused
  va_dtype dtype;
  size_t size;     // of an element of the result
  va_cast_request request;
} prepared;

typedef struct {
  prepared steps[VA_FUSE_STEPS];
  int count, inputs, registers;
  int place[VA_FUSE_INPUTS + VA_FUSE_STEPS];  // the register of a value
  size_t sizes[VA_FUSE_INPUTS];
  size_t out_size;
  va_kernel streaming;  // of the last step, or NULL
  _Atomic int status;
  // The first place at which a step refuses an element, times 2, and 1 for a negative power. It is
  // looked for when one has failed, so that it does not depend on the order of threads.
  bool finds_refused;
  _Atomic int64_t refused;
  // For a reduction.
  va_reduction_plan *reduction;
  va_partial *partials;
} fused;

// MARK: Registers

static bool is_refusing(const va_step *step, int operation) {
  return va_is_integer(step->dtype) && operation == step->operation;
}

// A product that only the next step adds or subtracts is computed with it: the inputs of both are
// read together.
static void merge_product(fused *fused, const va_program *program, int last, const int *uses) {
  if (last == 0) return;
  prepared *step = &fused->steps[last], *product = step - 1;
  int value = program->inputs + last - 1, second = step->inputs[1] == value;
  if (product->operation != VA_MULTIPLY || !product->kernel || !va_is_real(step->dtype) ||
      product->dtype != step->dtype || uses[value] != 1)
    return;
  if (step->operation != VA_ADD && step->operation != VA_SUBTRACT) return;
  if (step->inputs[0] != value && !second) return;
  int other = step->inputs[!second];
  step->operation = step->operation == VA_ADD ? VA_MULTIPLY_ADD
                    : second                  ? VA_SUBTRACT_PRODUCT
                                              : VA_MULTIPLY_SUBTRACT;
  step->kernel = va_kernel_for(step->operation, step->dtype);
  step->inputs[0] = product->inputs[0];
  step->inputs[1] = product->inputs[1];
  step->inputs[2] = other;
  step->count = 3;
  product->kernel = NULL;
}

// The same kernel for large outputs, or NULL.
static va_kernel streaming_of(const prepared *step) {
#if defined(__x86_64__)
  if (va_isa_used() >= VA_ISA_AVX2 && step->operation != VA_FUSE_CAST)
    return va_kernels_streaming[step->operation][step->dtype];
#endif
  (void)step;
  return NULL;
}

static va_status prepare(
    fused *fused, const va_program *program, const va_view *const *inputs) {
  if (program->count < 1 || program->count > VA_FUSE_STEPS || program->inputs > VA_FUSE_INPUTS)
    return VA_NOT_DEFINED;
  int last_use[VA_FUSE_INPUTS + VA_FUSE_STEPS];
  int uses[VA_FUSE_INPUTS + VA_FUSE_STEPS] = {0};
  memset(last_use, -1, sizeof last_use);
  for (int i = 0; i < program->count; i++) {
    const va_step *step = &program->steps[i];
    bool casts = step->operation == VA_FUSE_CAST;
    int count = casts ? 1 : va_operation_inputs((va_operation)step->operation);
    int operation = step->operation;
    if (operation == VA_POW && step->inputs[1] < program->inputs)
      operation = va_simple_power(inputs[step->inputs[1]]);
    if (operation != step->operation) count = 1;
    prepared *target = &fused->steps[i];
    *target = (prepared){
        .kernel = casts ? va_cast_kernel(step->dtype, step->result)
                        : va_kernel_for(operation, step->dtype),
        .operation = operation,
        .count = count,
        .dtype = step->dtype,
        .size = va_size(step->result),
        .zero = is_refusing(step, VA_FLOOR_DIVIDE) || is_refusing(step, VA_REMAINDER),
        .negative = count == 2 && is_refusing(step, VA_POW) && va_is_signed(step->dtype),
        .request = {.mode = VA_CAST_WRAP},
    };
    if (!target->kernel) return VA_NOT_DEFINED;
    for (int k = 0; k < count; k++) {
      if (step->inputs[k] < 0 || step->inputs[k] >= program->inputs + i) return VA_NOT_DEFINED;
      target->inputs[k] = step->inputs[k];
      uses[step->inputs[k]]++;
    }
  }
  for (int i = 0; i < program->count; i++) merge_product(fused, program, i, uses);
  for (int i = 0; i < program->count; i++)
    for (int k = 0; fused->steps[i].kernel && k < fused->steps[i].count; k++)
      last_use[fused->steps[i].inputs[k]] = i;
  // A register is free again after the last step that reads it.
  bool used[REGISTERS] = {false};
  for (int i = 0; i < program->count; i++) {
    prepared *step = &fused->steps[i];
    if (!step->kernel) continue;
    for (int k = 0; k < step->count; k++) {
      int value = step->inputs[k];
      if (value >= program->inputs && last_use[value] == i) used[fused->place[value]] = false;
    }
    step->target = -1;
    if (i == program->count - 1) break;
    int free_one = 0;
    while (free_one < REGISTERS && used[free_one]) free_one++;
    // A kernel may write where it reads only elements of the same size.
    for (int k = 0; k < step->count && free_one < REGISTERS; k++) {
      int value = step->inputs[k];
      if (value < program->inputs || fused->place[value] != free_one) continue;
      if (fused->steps[value - program->inputs].size == step->size) continue;
      while (++free_one < REGISTERS && used[free_one]) {}
      k = -1;
    }
    if (free_one == REGISTERS) return VA_NOT_DEFINED;
    used[free_one] = true;
    step->target = fused->place[program->inputs + i] = free_one;
    if (free_one >= fused->registers) fused->registers = free_one + 1;
  }
  fused->count = program->count;
  fused->inputs = program->inputs;
  for (int i = 0; i < program->inputs; i++) fused->sizes[i] = va_size(inputs[i]->dtype);
  fused->out_size = fused->steps[program->count - 1].size;
  fused->streaming = streaming_of(&fused->steps[program->count - 1]);
  return VA_OK;
}

// MARK: Pieces

// Keeps the place of the first element that a step refuses, if no earlier one is known. `first` is the
// place of the first of the elements.
static void note_refused(
    fused *fused, const prepared *step, const char *elements, int64_t n, int64_t first) {
  int64_t size = (int64_t)va_size(step->dtype), i = 0;
  while (i < n - 1 && !va_has_refused(elements + i * size, size, step->dtype, step->zero, 1)) i++;
  int64_t found = 2 * (first + i) + !step->zero, known = fused->refused;
  while (found < known && !atomic_compare_exchange_weak(&fused->refused, &known, found)) {}
}

// Runs all steps over `n` elements, of which the first has the place `first`. Returns false if a step
// refuses an element.
static bool run_piece(
    fused *fused, char *const *inputs, char *out, int64_t n, int64_t first, char *registers,
    bool streams) {
  for (int i = 0; i < fused->count; i++) {
    prepared *step = &fused->steps[i];
    if (!step->kernel) continue;
    char *p[5];
    for (int k = 0; k < step->count; k++) {
      int value = step->inputs[k];
      p[k] = value < fused->inputs ? inputs[value] : registers + fused->place[value] * PIECE * 16;
    }
    if ((step->zero || step->negative) &&
        va_has_refused(p[1], (int64_t)va_size(step->dtype), step->dtype, step->zero, n)) {
      if (fused->finds_refused) note_refused(fused, step, p[1], n, first);
      else fused->status = step->zero ? VA_BY_ZERO : VA_NEGATIVE_POWER;
      return false;
    }
    p[step->count] = step->target < 0 ? out : registers + step->target * PIECE * 16;
    p[step->count + 1] = (char *)&step->request;
    (streams && step->target < 0 ? fused->streaming : step->kernel)(p, n);
  }
  return true;
}

static void run_steps(
    const va_work *work, char *const *p, int64_t n, int64_t first, bool streams) {
  fused *fused = work->extra;
  char registers[(fused->registers + 1) * PIECE * 16];
  char *result = registers + fused->registers * PIECE * 16;
  char *inputs[VA_FUSE_INPUTS];
  for (int64_t i = 0; i < n && fused->status == VA_OK; i += PIECE) {
    int64_t m = n - i < PIECE ? n - i : PIECE;
    for (int k = 0; k < fused->inputs; k++) inputs[k] = p[k] + i * (int64_t)fused->sizes[k];
    char *out = fused->reduction ? result : p[fused->inputs] + i * (int64_t)fused->out_size;
    if (fused->finds_refused && first + i >= fused->refused / 2) return;
    if (!run_piece(fused, inputs, out, m, first + i, registers, streams)) continue;
    if (!fused->reduction || fused->finds_refused) continue;
    // A chunk is computed by one thread, from its beginning to its end.
    va_partial next = {0};
    fused->reduction->block(out, m, &next);
    va_partial *partial = &fused->partials[(first + i) / VA_RUN_CHUNK];
    if (partial->n < 0) *partial = next;
    else va_merge(fused->reduction, partial, &next);
  }
}

static va_status run(
    fused *fused, const va_program *program, const va_view *const *inputs, const va_view *out,
    va_detail *detail) {
  const va_view *views[VA_FUSE_INPUTS + 1];
  for (int i = 0; i < program->inputs; i++) views[i] = inputs[i];
  views[program->inputs] = out;
  double cost = 0;
  for (int i = 0; i < program->count; i++)
    cost += program->steps[i].operation == VA_FUSE_CAST
                ? 1
                : va_operation_cost((va_operation)program->steps[i].operation);
  va_work work = {.program = run_steps, .inputs = program->inputs, .extra = fused, .cost = cost,
                  .streaming = fused->reduction ? NULL : fused->streaming};
  va_status status = va_run(&work, views, detail);
  if (status != VA_OK || fused->status == VA_OK) return status;
  fused->status = VA_OK;
  fused->finds_refused = true;
  fused->refused = INT64_MAX;
  status = va_run(&work, views, detail);
  if (detail) detail->place = fused->refused / 2;
  return status != VA_OK ? status : fused->refused % 2 ? VA_NEGATIVE_POWER : VA_BY_ZERO;
}

va_status va_fuse(
    const va_program *program, const va_view *const *inputs, const va_view *out,
    va_detail *detail) {
  fused fused = {0};
  va_status status = prepare(&fused, program, inputs);
  if (status == VA_OK) status = run(&fused, program, inputs, out, detail);
  return status;
}

va_status va_fuse_reduce(
    const va_program *program, const va_view *const *inputs, va_reduction reduction,
    const va_reduction_options *options, const va_view *out, va_detail *detail) {
  if (program->inputs < 1 || reduction == VA_ARGMIN || reduction == VA_ARGMAX)
    return VA_NOT_DEFINED;
  fused fused = {0};
  va_status status = prepare(&fused, program, inputs);
  if (status != VA_OK) return status;
  va_dtype dtype = program->steps[program->count - 1].result;
  va_reduction_plan plan;
  if (!va_reduction_begin(&plan, reduction, dtype, options)) return VA_NOT_DEFINED;
  plan.out = out->data;
  plan.out_dtype = out->dtype;
  int64_t count = va_count(inputs[0]), chunks = (count + VA_RUN_CHUNK - 1) / VA_RUN_CHUNK;
  if (count == 0) {
    // As the reduction of an empty array.
    va_view empty = {.data = out->data, .dtype = dtype, .axes = 1, .shape = {0}, .strides = {1}};
    va_reduction_options all = *options;
    all.axes = 1;
    return va_reduce(reduction, &empty, &all, out, detail);
  }
  fused.reduction = &plan;
  fused.partials = calloc((size_t)chunks, sizeof *fused.partials);
  if (!fused.partials) return VA_NO_MEMORY;
  for (int64_t chunk = 0; chunk < chunks; chunk++) fused.partials[chunk].n = -1;
  // The places of the output are counted, and nothing is written there.
  char nothing = 0;
  va_view counted = *inputs[0];
  counted.dtype = VA_BOOL;
  counted.data = &nothing;
  va_set_strides(&counted);
  status = run(&fused, program, inputs, &counted, detail);
  for (int64_t chunk = 1; chunk < chunks && status == VA_OK; chunk++)
    va_merge(&plan, &fused.partials[0], &fused.partials[chunk]);
  if (status == VA_OK) va_finish(&plan, 0, &fused.partials[0], 0);
  free(fused.partials);
  return status;
}
