// SPDX-License-Identifier: BSD-3-Clause
//
// Histograms and covariances.

#include <Series.h>
#include <math.h>
#include <string.h>

#include "compose.h"
#include "options.h"

// MARK: Histogram

/// Reads the option `range`, two numbers; false if it is absent.
static bool read_range(lua_State *L, int options, double *least, double *greatest) {
  if (!vta_push_option(L, options, "range")) return false;
  bool fits = (lua_type(L, -1) == LUA_TTABLE || vta_test(L, -1)) && vta_list_length(L, -1) == 2;
  double ends[2] = {0, 0};
  for (int i = 0; fits && i < 2; i++) {
    lua_geti(L, -1, i + 1);
    fits = lua_type(L, -1) == LUA_TNUMBER && isfinite(lua_tonumber(L, -1));
    ends[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  if (!fits || ends[0] > ends[1])
    luaL_error(L, "histogram: the option 'range' must be two numbers, the least and the greatest");
  lua_pop(L, 1);
  *least = ends[0];
  *greatest = ends[1];
  return true;
}

/// The least and the greatest of the numbers at 1.
static void find_range(
    lua_State *L, int options, bool skipnan, double *least, double *greatest) {
  if (read_range(L, options, least, greatest)) return;
  va_view view;
  vta_view(L, vta_test(L, 1), &view);
  *least = 0;
  *greatest = 1;
  if (va_count(&view) == 0) return;
  for (int i = 0; i < 2; i++) {
    lua_pushvalue(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushboolean(L, skipnan);
    lua_setfield(L, -2, "skipnan");
    vta_call_function(L, i == 0 ? "min" : "max", 2, 1);
    *(i == 0 ? least : greatest) = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  if (isnan(*least) && skipnan) {  // all are NaN
    *least = 0;
    *greatest = 1;
  }
  if (isnan(*least) || isnan(*greatest))
    luaL_error(L, "histogram: the array has nan; leave it out by { skipnan = true }, or give a "
               "range: { range = {0, 1} }");
  if (!isfinite(*least) || !isfinite(*greatest))
    luaL_error(L, "histogram: the array has infinite numbers; give a range: { range = {0, 1} }");
}

/// Pushes the edges of intervals of equal widths.
static void push_edges(lua_State *L, int64_t bins, double least, double greatest, bool single) {
  if (least == greatest) {
    least -= 0.5;
    greatest += 0.5;
  }
  va_view edges = {.dtype = VA_FLOAT64, .axes = 1, .shape = {bins + 1}};
  vta_new(L, &edges, true);
  double *edge = (double *)edges.data, step = (greatest - least) / (double)bins;
  for (int64_t i = 0; i <= bins; i++) {
    edge[i] = i == bins ? greatest : least + (double)i * step;
    if (single) edge[i] = (double)(float)edge[i];
  }
}

/// Replaces the bins at 2, a number or edges, by edges; true if their distances are equal.
static bool read_bins(lua_State *L, int options, bool skipnan, bool single) {
  double least, greatest;
  if (lua_isnil(L, 2)) {
    lua_pushinteger(L, 10);
    lua_replace(L, 2);
  }
  if (lua_type(L, 2) == LUA_TNUMBER) {
    int exact;
    lua_Integer bins = lua_tointegerx(L, 2, &exact);
    if (!exact || bins < 1)
      luaL_error(L, "histogram: the number of bins must be an integer of at least 1, got %s",
                 luaL_tolstring(L, 2, NULL));
    find_range(L, options, skipnan, &least, &greatest);
    push_edges(L, bins, least, greatest, single);
    lua_replace(L, 2);
    return true;
  }
  va_view view;
  vta_push_cast(L, vta_to_array(L, 2, VA_DTYPES, "histogram"), VA_FLOAT64, &view, "histogram");
  lua_replace(L, 2);
  if (view.axes != 1 || view.shape[0] < 2)
    luaL_error(L, "histogram: the edges must be at least 2 numbers, got shape %s",
               vta_push_shape_text(L, view.axes, view.shape));
  if (vta_push_option(L, options, "range"))
    luaL_error(L, "histogram: the option 'range' is for a number of bins, and edges are given");
  const double *edge = (const double *)view.data;
  for (int64_t i = 0; i < view.shape[0]; i++) {
    if (i > 0 ? edge[i - 1] <= edge[i] : edge[i] == edge[i]) continue;
    lua_pushnumber(L, edge[i]);
    luaL_error(L, "histogram: the edges must increase, and edge %I is %s", (LUAI_UACINT)(i + 1),
               luaL_tolstring(L, -1, NULL));
  }
  return false;
}

/// histogram(a, bins, { range =, weights =, density =, skipnan = }): counts, and the edges.
static int histogram(lua_State *L) {
  const char *function = "histogram";
  lua_settop(L, 3);
  if (vta_is_options(L, 2)) {
    if (!lua_isnil(L, 3)) return luaL_error(L, "histogram: the options come last");
    lua_pushnil(L);
    lua_insert(L, 2);
    lua_settop(L, 3);
  }
  vta_check_options(L, 3, function, "range weights density skipnan");
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  va_dtype dtype = (va_dtype)array->dtype;
  if (va_is_complex(dtype))
    return luaL_error(L, "%s: not defined for %s", function, va_name(dtype));
  if (dtype == VA_BOOL) {
    vta_read_as(L, 1, VA_UINT8, function);
    dtype = VA_UINT8;
  }
  bool density = vta_flag_option(L, 3, "density", false);
  bool regular = read_bins(
      L, 3, vta_flag_option(L, 3, "skipnan", false), dtype == VA_FLOAT32);
  va_view numbers, weights, edges, counts, given;
  vta_view(L, vta_test(L, 1), &given);
  bool weighted = vta_push_option(L, 3, "weights");
  vta_array *loads = NULL;
  if (weighted) {
    int at = lua_gettop(L);
    vta_array *list = vta_to_array(L, at, VA_DTYPES, function);
    if (va_is_complex((va_dtype)list->dtype))
      return luaL_error(L, "%s: the weights must be real, got %s", function,
                        va_name((va_dtype)list->dtype));
    loads = vta_push_cast(L, list, VA_FLOAT64, &weights, function);
    bool fits = weights.axes == given.axes;
    for (int i = 0; fits && i < given.axes; i++) fits = weights.shape[i] == given.shape[i];
    if (!fits)
      return luaL_error(L, "%s: the weights have shape %s, and the array has %s", function,
                        vta_push_shape_text(L, weights.axes, weights.shape),
                        vta_push_shape_text(L, given.axes, given.shape));
  }
  vta_array *values = vta_push_cast(L, vta_test(L, 1), VA_FLOAT64, &numbers, function);
  vta_view(L, vta_test(L, 2), &edges);
  int64_t bins = edges.shape[0] - 1;
  counts = (va_view){.dtype = weighted || density ? VA_FLOAT64 : VA_INT64, .axes = 1,
                     .shape = {bins}};
  va_view whole = {.dtype = VA_INT64, .axes = 1, .shape = {bins}};
  vta_array *result = vta_new(L, &counts, true);
  vta_array *integers = counts.dtype == VA_INT64 || weighted ? NULL : vta_new(L, &whole, true);
  vta_view(L, values, &numbers);
  vta_view(L, vta_test(L, 2), &edges);
  if (weighted) vta_view(L, loads, &weights);
  vta_view(L, result, &counts);
  if (integers) vta_view(L, integers, &whole);
  const double *edge = (const double *)edges.data;
  va_detail detail = vta_new_detail();
  va_status status = va_histogram(
      &numbers, weighted ? &weights : NULL, edge, bins, regular, integers ? &whole : &counts,
      &counts, &detail);
  if (status != VA_OK) return vta_raise(L, function, status, &detail, VA_FLOAT64, &numbers);
  double *shares = (double *)counts.data, sum = 0;
  for (int64_t i = 0; i < bins && integers; i++) shares[i] = (double)((int64_t *)whole.data)[i];
  for (int64_t i = 0; i < bins && density; i++) sum += shares[i];
  for (int64_t i = 0; i < bins && density; i++)
    shares[i] = shares[i] / (edge[i + 1] - edge[i]) / sum;
  lua_settop(L, lua_gettop(L) - (integers ? 1 : 0));
  lua_pushvalue(L, 2);
  if (dtype == VA_FLOAT32 && regular) vta_read_as(L, lua_gettop(L), VA_FLOAT32, function);
  return 2;
}

// MARK: Covariance

/// Replaces the argument at `index` by variables as rows of float64 or complex128.
static void read_variables(lua_State *L, int index, bool columns, const char *function) {
  vta_array *array = vta_read_floats(L, index, function);
  bool is_complex = va_is_complex((va_dtype)array->dtype);
  array = vta_read_as(L, index, is_complex ? VA_COMPLEX128 : VA_FLOAT64, function);
  va_view view;
  vta_view(L, array, &view);
  if (view.axes == 0 || view.axes > 2)
    luaL_error(L, "%s: one or two axes are needed, shape %s", function,
               vta_push_shape_text(L, view.axes, view.shape));
  if (view.axes == 2 && !columns) return;
  lua_pushvalue(L, index);
  if (view.axes == 1) lua_pushinteger(L, 1);
  vta_call_function(L, view.axes == 1 ? "expand_dims" : "matrix_transpose",
                    view.axes == 1 ? 2 : 1, 1);
  lua_replace(L, index);
}

/// Makes the matrix Hermitian: the elements above the diagonal mirror those below.
static void mirror(const va_view *matrix) {
  int64_t n = matrix->shape[0], parts = va_is_complex(matrix->dtype) ? 2 : 1;
  double *x = (double *)matrix->data;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) {
      double *to = x + (j * n + i) * parts, *from = x + (i * n + j) * parts;
      if (i != j) to[0] = from[0];
      if (parts == 2) to[1] = i == j ? 0 : -from[1];
    }
}

/// Reads the arguments, and pushes the covariances as a matrix of float64 or complex128. Returns
/// the type that the result has.
static va_dtype push_covariances(lua_State *L, const char *function, const char *names) {
  lua_settop(L, 3);
  if (vta_is_options(L, 2)) {
    if (!lua_isnil(L, 3)) luaL_error(L, "%s: the options come last", function);
    lua_pushnil(L);
    lua_insert(L, 2);
    lua_settop(L, 3);
  }
  vta_check_options(L, 3, function, names);
  vta_need_openblas(L, function);
  double correction = 1;
  if (vta_push_option(L, 3, "correction")) {
    if (lua_type(L, -1) != LUA_TNUMBER)
      luaL_error(L, "the option 'correction' must be a number, got %s", luaL_typename(L, -1));
    correction = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  bool columns = vta_flag_option(L, 3, "columns", false);
  va_dtype dtype = (va_dtype)vta_read_floats(L, 1, function)->dtype;
  if (!lua_isnil(L, 2))
    dtype = va_promote(dtype, (va_dtype)vta_read_floats(L, 2, function)->dtype);
  read_variables(L, 1, columns, function);
  va_view view, other;
  if (!lua_isnil(L, 2)) {
    read_variables(L, 2, columns, function);
    vta_view(L, vta_test(L, 1), &view);
    vta_view(L, vta_test(L, 2), &other);
    if (view.shape[1] != other.shape[1])
      luaL_error(L, "%s: a has %I observations, and b has %I", function,
                 (LUAI_UACINT)view.shape[1], (LUAI_UACINT)other.shape[1]);
    lua_createtable(L, 2, 0);
    for (int i = 1; i <= 2; i++) {
      lua_pushvalue(L, i);
      lua_rawseti(L, -2, i);
    }
    lua_pushinteger(L, 1);
    vta_call_function(L, "concat", 2, 1);
    lua_replace(L, 1);
  }
  vta_view(L, vta_test(L, 1), &view);
  double count = (double)view.shape[1];
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 2);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, true);
  lua_setfield(L, -2, "keepdims");
  vta_call_function(L, "mean", 3, 1);
  vta_push_operation(L, LUA_OPSUB, 1, lua_gettop(L));
  int centred = lua_gettop(L);
  lua_pushvalue(L, centred);
  lua_pushvalue(L, centred);
  vta_call_function(L, "matrix_transpose", 1, 1);
  if (va_is_complex(dtype)) vta_call_function(L, "conj", 1, 1);
  vta_call_function(L, "matmul", 2, 1);
  // As NumPy: with too few observations the result is infinite or NaN.
  lua_pushnumber(L, count - correction > 0 ? count - correction : 0);
  lua_arith(L, LUA_OPDIV);
  vta_writable(L, vta_test(L, -1), &view);
  mirror(&view);
  return dtype;
}

/// Pushes the matrix on top as the type; of one variable its only element.
static void finish(lua_State *L, va_dtype dtype, const char *function) {
  if (vta_test(L, -1)->lengths[0] == 1) {
    lua_newtable(L);
    vta_call_function(L, "reshape", 2, 1);
  }
  vta_finish(L, dtype, 3, function);
}

/// cov(a, b, { correction =, columns =, array = })
static int cov(lua_State *L) {
  va_dtype dtype = push_covariances(L, "cov", "correction columns array");
  finish(L, dtype, "cov");
  return 1;
}

/// Divides the matrix of covariances by the standard deviations of both variables.
static void normalize(lua_State *L, const va_view *matrix) {
  int64_t n = matrix->shape[0], parts = va_is_complex(matrix->dtype) ? 2 : 1;
  double *x = (double *)matrix->data;
  double *deviations = lua_newuserdatauv(L, sizeof *deviations * (size_t)n + 1, 0);
  for (int64_t i = 0; i < n; i++) deviations[i] = sqrt(x[(i * n + i) * parts]);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n * parts; j++) {
      double *at = x + i * n * parts + j;
      *at = *at / deviations[i] / deviations[j / parts];
      if (*at > 1) *at = 1;
      if (*at < -1) *at = -1;
    }
}

/// corrcoef(a, b, { columns =, array = })
static int corrcoef(lua_State *L) {
  va_dtype dtype = push_covariances(L, "corrcoef", "columns array");
  int at = lua_gettop(L);
  va_view view;
  vta_view(L, vta_test(L, at), &view);
  normalize(L, &view);
  lua_settop(L, at);
  finish(L, dtype, "corrcoef");
  return 1;
}

const luaL_Reg vta_sample_functions[] = {
    {"histogram", histogram}, {"cov", cov}, {"corrcoef", corrcoef}, {NULL, NULL}};
