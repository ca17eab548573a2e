// SPDX-License-Identifier: BSD-3-Clause
//
// Sums, means and other numbers for each group of rows. Missing values, NaN, are left out.

#include <Sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

typedef struct {
  const va_view *view;
  const int64_t *codes;
  int64_t rows, groups;
} grouped;

// MARK: Floats

/// Sums with a correction of the rounding errors (Kahan and Neumaier).
static void add_sums(lua_State *L, const grouped *g, double *sums, double *errors) {
  memset(sums, 0, (size_t)g->groups * sizeof *sums);
  memset(errors, 0, (size_t)g->groups * sizeof *errors);
  for (int64_t i = 0; i < g->rows; i++) {
    if ((i & 0xfffff) == 0) vtf_check_stop(L);
    double value = vtf_number(g->view, i);
    if (value != value) continue;
    int64_t code = g->codes[i] - 1;
    double sum = sums[code], total = sum + value;
    if (total - total == 0)
      errors[code] += fabs(sum) >= fabs(value) ? (sum - total) + value : (value - total) + sum;
    sums[code] = total;
  }
  for (int64_t code = 0; code < g->groups; code++) sums[code] += errors[code];
}

static void count_values(const grouped *g, int64_t *counts) {
  memset(counts, 0, (size_t)g->groups * sizeof *counts);
  for (int64_t i = 0; i < g->rows; i++) {
    double value = vtf_number(g->view, i);
    counts[g->codes[i] - 1] += value == value;
  }
}

/// The variance with the divisor n - 1, from the deviations from the mean.
static void variance(lua_State *L, const grouped *g, double *out, bool root) {
  double *means = vtf_memory(L, (size_t)g->groups * 2 * sizeof *means);
  int64_t *counts = vtf_memory(L, (size_t)g->groups * sizeof *counts);
  count_values(g, counts);
  add_sums(L, g, means, means + g->groups);
  for (int64_t code = 0; code < g->groups; code++) {
    means[code] /= (double)counts[code];
    out[code] = 0;
  }
  for (int64_t i = 0; i < g->rows; i++) {
    int64_t code = g->codes[i] - 1;
    double far = vtf_number(g->view, i) - means[code];
    if (far == far || means[code] - means[code] != 0) out[code] += far * far;
  }
  for (int64_t code = 0; code < g->groups; code++) {
    double value = counts[code] > 1 ? out[code] / (double)(counts[code] - 1) : NAN;
    out[code] = root ? sqrt(value) : value;
  }
  lua_pop(L, 2);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/// The quantile by linear interpolation; the median if `at` is -1.
static void quantile(lua_State *L, const grouped *g, double at, double *out) {
  int64_t *ends = vtf_memory(L, (size_t)(g->groups + 1) * sizeof *ends);
  double *values = vtf_memory(L, (size_t)(g->rows + 1) * sizeof *values);
  count_values(g, ends + 1);
  ends[0] = 0;
  for (int64_t code = 0; code < g->groups; code++) ends[code + 1] += ends[code];
  // Each group's first place moves to its end while the group is filled.
  for (int64_t i = 0; i < g->rows; i++) {
    double value = vtf_number(g->view, i);
    if (value == value) values[ends[g->codes[i] - 1]++] = value;
  }
  for (int64_t code = 0, first = 0; code < g->groups; first = ends[code++]) {
    vtf_check_stop(L);
    int64_t count = ends[code] - first;
    if (count == 0) {
      out[code] = NAN;
      continue;
    }
    qsort(values + first, (size_t)count, sizeof *values, ascending);
    if (at < 0) {
      out[code] = va_middle(values[first + (count - 1) / 2], values[first + count / 2]);
      continue;
    }
    double place = at * (double)(count - 1);
    int64_t below = (int64_t)place, above = below + 1 < count ? below + 1 : below;
    double low = values[first + below], high = values[first + above];
    double part = place - (double)below, distance = high - low;
    if (low == high || part == 0) out[code] = low;
    else if (isinf(distance)) out[code] = low * (1 - part) + high * part;
    else out[code] = low + distance * part;
  }
  lua_pop(L, 2);
}

// MARK: Any numbers

static int64_t integer_at(const va_view *view, int64_t row) {
  const char *at = view->data + row * view->strides[0];
  switch (view->dtype) {
    case VA_BOOL:
    case VA_UINT8: return *(const uint8_t *)at;
    case VA_INT8: return *(const int8_t *)at;
    case VA_INT16: return *(const int16_t *)at;
    case VA_UINT16: return *(const uint16_t *)at;
    case VA_INT32: return *(const int32_t *)at;
    case VA_UINT32: return *(const uint32_t *)at;
    default: return *(const int64_t *)at;
  }
}

/// The first row of each group with its least, greatest, first or last value; 0 where it has none.
static void find_rows(lua_State *L, const grouped *g, const char *what, int64_t *rows) {
  bool is_float = va_is_real(g->view->dtype), is_last = strcmp(what, "last") == 0;
  bool is_min = strcmp(what, "min") == 0, is_max = strcmp(what, "max") == 0;
  bool is_unsigned = g->view->dtype == VA_UINT64;
  memset(rows, 0, (size_t)g->groups * sizeof *rows);
  for (int64_t i = 0; i < g->rows; i++) {
    if ((i & 0xfffff) == 0) vtf_check_stop(L);
    int64_t *best = &rows[g->codes[i] - 1];
    bool better;
    if (is_float) {
      double value = vtf_number(g->view, i);
      if (value != value) continue;
      double other = *best ? vtf_number(g->view, *best - 1) : 0;
      better = is_min ? value < other : is_max ? value > other : is_last;
    } else {
      int64_t value = integer_at(g->view, i), other = *best ? integer_at(g->view, *best - 1) : 0;
      bool less = is_unsigned ? (uint64_t)value < (uint64_t)other : value < other;
      better = is_min ? less : is_max ? !less && value != other : is_last;
    }
    if (*best == 0 || better) *best = i + 1;
  }
}

static void add_integers(const grouped *g, int64_t *out, bool product) {
  for (int64_t code = 0; code < g->groups; code++) out[code] = product;
  for (int64_t i = 0; i < g->rows; i++) {
    uint64_t *to = (uint64_t *)&out[g->codes[i] - 1], value = (uint64_t)integer_at(g->view, i);
    *to = product ? *to * value : *to + value;
  }
}

static void multiply(const grouped *g, double *out) {
  for (int64_t code = 0; code < g->groups; code++) out[code] = 1;
  for (int64_t i = 0; i < g->rows; i++) {
    double value = vtf_number(g->view, i);
    if (value == value) out[g->codes[i] - 1] *= value;
  }
}

// MARK: Lists

/// Rows of a list: the first or the last value of each group, or counts of values.
static int aggregate_list(
    lua_State *L, int list, const grouped *g, const char *what) {
  bool counts = strcmp(what, "count") == 0, last = strcmp(what, "last") == 0;
  int64_t *rows = vtf_new_array(L, VA_INT64, g->groups);
  memset(rows, 0, (size_t)g->groups * sizeof *rows);
  for (int64_t i = 0; i < g->rows; i++) {
    if ((i & 0xffff) == 0) vtf_check_stop(L);
    bool is_there = lua_rawgeti(L, list, i + 1) != LUA_TNIL;
    lua_pop(L, 1);
    int64_t *row = &rows[g->codes[i] - 1];
    if (!is_there) continue;
    if (counts) ++*row;
    else if (last || *row == 0) *row = i + 1;
  }
  return 1;
}

/// aggregate(column, rows, codes, groups, what [, quantile]): an array with an element for each group.
/// For "min", "max", "first" and "last" the element is the row that has the value, or 0.
int vtf_aggregate(lua_State *L) {
  int64_t rows = luaL_checkinteger(L, 2), count;
  int64_t groups = luaL_checkinteger(L, 4);
  const char *what = luaL_checkstring(L, 5);
  double at = luaL_optnumber(L, 6, 0.5);
  lua_settop(L, 6);
  vtf_column column, codes;
  vtf_read_column(L, 1, rows, &column);
  vtf_read_column(L, 3, rows, &codes);
  grouped g = {&column.view, vtf_integers(L, 3, &count), rows, groups};
  for (int64_t i = 0; i < rows; i++)
    if (g.codes[i] < 1 || g.codes[i] > groups) return luaL_error(L, "a code is not of a group");
  if (column.is_list) return aggregate_list(L, 1, &g, what);
  va_dtype dtype = column.view.dtype;
  bool is_float = va_is_real(dtype);
  if (strcmp(what, "count") == 0) {
    count_values(&g, vtf_new_array(L, VA_INT64, groups));
  } else if (strcmp(what, "min") == 0 || strcmp(what, "max") == 0 || strcmp(what, "first") == 0 ||
             strcmp(what, "last") == 0) {
    find_rows(L, &g, what, vtf_new_array(L, VA_INT64, groups));
  } else if (strcmp(what, "sum") == 0 && !is_float) {
    add_integers(&g, vtf_new_array(L, dtype == VA_UINT64 ? VA_UINT64 : VA_INT64, groups), false);
  } else if (strcmp(what, "prod") == 0 && !is_float) {
    add_integers(&g, vtf_new_array(L, dtype == VA_UINT64 ? VA_UINT64 : VA_INT64, groups), true);
  } else {
    double *out = vtf_new_array(L, VA_FLOAT64, groups);
    int result = lua_gettop(L);
    if (strcmp(what, "sum") == 0 || strcmp(what, "mean") == 0) {
      add_sums(L, &g, out, vtf_memory(L, (size_t)groups * sizeof(double)));
      if (*what == 'm') {
        int64_t *counts = vtf_memory(L, (size_t)groups * sizeof *counts);
        count_values(&g, counts);
        for (int64_t code = 0; code < groups; code++) out[code] /= (double)counts[code];
      }
    } else if (strcmp(what, "prod") == 0) {
      multiply(&g, out);
    } else if (strcmp(what, "var") == 0 || strcmp(what, "std") == 0) {
      variance(L, &g, out, *what == 's');
    } else if (strcmp(what, "quantile") == 0) {
      quantile(L, &g, at, out);
    } else if (strcmp(what, "median") == 0) {
      quantile(L, &g, -1, out);
    } else {
      return luaL_error(L, "no aggregate '%s'", what);
    }
    lua_settop(L, result);
  }
  return 1;
}
