// SPDX-License-Identifier: BSD-3-Clause
//
// Large systems of equations: the columns of the matrix that are still to be eliminated, and the
// right-hand sides, are cut into blocks of one width, which the team takes. So the bits do not depend
// on the number of threads.

#include "lapack.h"
#include "team.h"

#include <stdlib.h>

enum {
  PANEL = 64,    // columns that are eliminated at once
  COLUMNS = 64,  // of a block
};

typedef struct {
  const va_lapack *task;
  char *a, *b;
  int from, width;  // the panel
  const int *pivots;
} elimination;

#define CALL(NAME_D, NAME_Z, ...)                                                              \
  (task->is_complex ? task->blas->NAME_Z(__VA_ARGS__) : task->blas->NAME_D(__VA_ARGS__))

static int64_t size_of(const va_lapack *task) {
  return task->is_complex ? (int64_t)sizeof(va_z) : (int64_t)sizeof(double);
}

static char *element(const va_lapack *task, char *matrix, int64_t row, int64_t column) {
  return matrix + (column * task->n + row) * size_of(task);
}

static int blocks_of(int columns) { return (columns + COLUMNS - 1) / COLUMNS; }

// Numbers that Fortran reads, of either type: the first part of a complex one.
static const double one[2] = {1, 0}, minus_one[2] = {-1, 0};

// Eliminates the panel's variables from a block of the columns behind it, or of the right-hand sides.
static void eliminate(void *context, int64_t block) {
  const elimination *e = context;
  const va_lapack *task = e->task;
  int n = task->n, end = e->from + e->width, behind = blocks_of(n - end);
  bool is_right = block >= behind;
  int first = (int)(is_right ? block - behind : block) * COLUMNS;
  int rest = (is_right ? task->k : n - end) - first;
  int columns = rest < COLUMNS ? rest : COLUMNS, rows = n - end;
  char *matrix = is_right ? e->b : e->a;
  if (!is_right) first += end;
  const int top = e->from + 1, step = 1;
  void *whole = element(task, matrix, 0, first);
  void *upper = element(task, matrix, e->from, first);
  const void *panel = element(task, e->a, e->from, e->from);
  CALL(dlaswp_, zlaswp_, &columns, whole, &n, &top, &end, e->pivots, &step);
  CALL(dtrsm_, ztrsm_, "L", "L", "N", "U", &e->width, &columns, (const void *)one, panel, &n,
       upper, &n, 1, 1, 1, 1);
  if (rows == 0) return;
  const void *lower = element(task, e->a, end, e->from);
  void *target = element(task, matrix, end, first);
  CALL(dgemm_, zgemm_, "N", "N", &rows, &columns, &e->width, (const void *)minus_one, lower, &n,
       upper, &n, (const void *)one, target, &n, 1, 1);
}

// Solves the triangular system for a block of the right-hand sides.
static void substitute(void *context, int64_t block) {
  const elimination *e = context;
  const va_lapack *task = e->task;
  int n = task->n, first = (int)block * COLUMNS;
  int columns = task->k - first < COLUMNS ? task->k - first : COLUMNS;
  CALL(dtrsm_, ztrsm_, "L", "U", "N", "N", &n, &columns, (const void *)one, (const void *)e->a, &n,
       (void *)element(task, e->b, 0, first), &n, 1, 1, 1, 1);
}

va_status va_lu_solve(const va_lapack *task, void *a, void *b, int *pivots, int *info) {
  int n = task->n;
  elimination e = {.task = task, .a = a, .b = b, .pivots = pivots};
  double flop = task->is_complex ? 0.12 : 0.03;
  for (; e.from < n; e.from += e.width) {
    e.width = n - e.from < PANEL ? n - e.from : PANEL;
    int rows = n - e.from;
    CALL(dgetrf_, zgetrf_, &rows, &e.width, (void *)element(task, a, e.from, e.from), &n,
         pivots + e.from, info);
    if (*info > 0) {
      *info += e.from;
      return VA_OK;
    }
    for (int i = 0; i < e.width; i++) pivots[e.from + i] += e.from;
    int columns = n - e.from - e.width + task->k;
    va_status status = va_team_run(
        blocks_of(n - e.from - e.width) + blocks_of(task->k),
        2 * flop * (double)rows * (double)e.width * (double)columns, eliminate, &e, task->detail);
    if (status != VA_OK) return status;
  }
  return va_team_run(blocks_of(task->k), flop * (double)n * (double)n * (double)task->k, substitute,
                     &e, task->detail);
}
