// SPDX-License-Identifier: BSD-3-Clause
//
// Decompositions and equations: the table array.linalg.

#include <Linear.h>
#include <string.h>

#include "array.h"
#include "compose.h"
#include "elementwise.h"
#include "open.h"
#include "options.h"
#include "products.h"

// MARK: Matrices

static int64_t rows_of(const va_view *view) { return view->shape[view->axes - 2]; }
static int64_t columns_of(const va_view *view) { return view->shape[view->axes - 1]; }

static va_dtype complex_of(va_dtype dtype) {
  return dtype == VA_FLOAT32 ? VA_COMPLEX64 : dtype == VA_FLOAT64 ? VA_COMPLEX128 : dtype;
}

/// The shape of a result: the batch of `a`, then up to two lengths (-1: none).
static va_view result_of(const va_view *a, va_dtype dtype, int64_t first, int64_t second) {
  va_view result = {.dtype = dtype, .axes = a->axes - 2};
  memcpy(result.shape, a->shape, sizeof a->shape);
  if (first >= 0) result.shape[result.axes++] = first;
  if (second >= 0) result.shape[result.axes++] = second;
  return result;
}

/// Raises the error of a kernel.
static void check(lua_State *L, const char *function, va_status status, const va_detail *detail,
                  const va_view *view) {
  if (status == VA_NO_LIBRARY) vta_need_openblas(L, function);
  if (status == VA_NOT_POSITIVE) {
    va_detail from_one = *detail;
    from_one.place++;
    vta_raise(L, function, status, &from_one, view->dtype, view);
  }
  if (status != VA_OK) vta_raise(L, function, status, detail, view->dtype, view);
}

/// Pushes the element of a result without axes as a number.
static void push_scalar(lua_State *L, const va_view *view) {
  if (view->axes == 0 && !va_is_complex(view->dtype)) vta_push_element(L, view->dtype, view->data);
}

// MARK: Equations

/// Converts the arguments 1 and 2 to matrices of one float type.
static void read_pair(lua_State *L, vta_array **arrays, va_view *a, va_view *b,
                      const char *function) {
  arrays[0] = vta_read_matrix(L, 1, a, function);
  arrays[1] = vta_to_array(L, 2, VA_DTYPES, function);
  if ((va_dtype)arrays[1]->dtype == VA_BOOL) luaL_error(L, "%s: not defined for bool", function);
  va_dtype other = (va_dtype)arrays[1]->dtype;
  va_dtype dtype = va_promote(a->dtype, va_is_integer(other) ? VA_FLOAT64 : other);
  va_view *views[] = {a, b};
  for (int i = 0; i < 2; i++) {
    if ((va_dtype)arrays[i]->dtype == dtype) continue;
    arrays[i] = vta_push_cast(L, arrays[i], dtype, views[i], function);
    lua_replace(L, i + 1);
  }
  vta_view(L, arrays[0], a);
  vta_view(L, arrays[1], b);
  if (b->axes == 0)
    luaL_error(L, "%s: argument 2 must be a vector or a matrix, and has no axes", function);
}

static int solve(lua_State *L) {
  const char *function = "linalg.solve";
  vta_array *arrays[2];
  va_view a, b;
  lua_settop(L, 2);
  vta_read_square(L, 1, &a, function);
  read_pair(L, arrays, &a, &b, function);
  bool vector = b.axes == 1;
  if (vector) {
    b.axes = 2;
    b.shape[1] = 1;
    b.strides[1] = 0;
  }
  if (rows_of(&a) != rows_of(&b))
    return luaL_error(L, "linalg.solve: shapes %s and %s do not fit: %I rows and %I rows",
                      vta_push_shape_text(L, a.axes, a.shape),
                      vta_push_shape_text(L, b.axes - vector, b.shape), (LUAI_UACINT)rows_of(&a),
                      (LUAI_UACINT)rows_of(&b));
  va_view out;
  vta_batches(L, &a, &b, &out, function);
  out.shape[out.axes++] = rows_of(&a);
  out.shape[out.axes++] = columns_of(&b);
  out.dtype = a.dtype;
  va_view whole = out;
  if (vector) whole.axes--;
  vta_new(L, &whole, true);
  out.data = whole.data;
  va_set_strides(&out);
  va_view now;
  vta_view(L, arrays[0], &now);
  a.data = now.data;
  vta_view(L, arrays[1], &now);
  b.data = now.data;
  vta_spread(&a, &out, rows_of(&a), columns_of(&a));
  vta_spread(&b, &out, rows_of(&b), columns_of(&b));
  va_detail detail = vta_new_detail();
  check(L, function, va_solve(&a, &b, &out, &detail), &detail, &a);
  return 1;
}

static int lstsq(lua_State *L) {
  const char *function = "linalg.lstsq";
  vta_array *arrays[2];
  va_view a, b;
  lua_settop(L, 3);
  vta_check_options(L, 3, function, "smallest");
  read_pair(L, arrays, &a, &b, function);
  bool vector = b.axes == 1;
  if (a.axes != 2 || b.axes > 2)
    return luaL_error(L, "%s: a matrix, and a vector or a matrix, are needed", function);
  if (a.shape[0] != b.shape[0])
    return luaL_error(L, "%s: shapes %s and %s do not fit: %I rows and %I rows", function,
                      vta_push_shape_text(L, a.axes, a.shape),
                      vta_push_shape_text(L, b.axes, b.shape), (LUAI_UACINT)a.shape[0],
                      (LUAI_UACINT)b.shape[0]);
  double smallest = 0x1p-52 * (double)(a.shape[0] > a.shape[1] ? a.shape[0] : a.shape[1]);
  if (vta_real_type(a.dtype) == VA_FLOAT32) smallest *= 0x1p29;
  if (vta_push_option(L, 3, "smallest")) smallest = luaL_checknumber(L, -1);
  int64_t least = a.shape[0] < a.shape[1] ? a.shape[0] : a.shape[1];
  va_view x = {.dtype = a.dtype, .axes = 2 - vector, .shape = {a.shape[1], vector ? 1 : b.shape[1]}};
  va_view rank = {.dtype = VA_INT64};
  va_view singular = {.dtype = vta_real_type(a.dtype), .axes = 1, .shape = {least}};
  vta_array *solution = vta_new(L, &x, true), *number = vta_new(L, &rank, true);
  vta_new(L, &singular, true);
  vta_view(L, solution, &x);
  vta_view(L, number, &rank);
  vta_view(L, arrays[0], &a);
  vta_view(L, arrays[1], &b);
  if (vector) {
    b.axes = x.axes = 2;
    b.shape[1] = x.shape[1] = 1;
    b.strides[1] = x.strides[1] = 0;
    x.strides[1] = (int64_t)va_size(x.dtype);
  }
  va_detail detail = vta_new_detail();
  check(L, function, va_lstsq(&a, &b, smallest, &x, &rank, &singular, &detail), &detail, &a);
  vta_push_element(L, VA_INT64, rank.data);
  lua_replace(L, -3);
  return 3;
}

static int inv(lua_State *L) {
  va_view a;
  lua_settop(L, 1);
  vta_array *array = vta_read_square(L, 1, &a, "linalg.inv");
  va_view out = a;
  vta_new(L, &out, true);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.inv", va_inverse(&a, &out, &detail), &detail, &a);
  return 1;
}

static int det(lua_State *L) {
  va_view a;
  lua_settop(L, 2);
  vta_check_options(L, 2, "linalg.det", "array");
  vta_array *array = vta_read_square(L, 1, &a, "linalg.det");
  va_view out = result_of(&a, a.dtype, -1, -1);
  vta_new(L, &out, true);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.det", va_determinant(&a, &out, NULL, NULL, &detail), &detail, &a);
  if (!vta_flag_option(L, 2, "array", false)) push_scalar(L, &out);
  return 1;
}

static int slogdet(lua_State *L) {
  va_view a;
  lua_settop(L, 2);
  vta_check_options(L, 2, "linalg.slogdet", "array");
  vta_array *array = vta_read_square(L, 1, &a, "linalg.slogdet");
  va_view sign = result_of(&a, a.dtype, -1, -1), logarithm = result_of(&a, vta_real_type(a.dtype), -1, -1);
  vta_array *signs = vta_new(L, &sign, true);
  vta_new(L, &logarithm, true);
  vta_view(L, signs, &sign);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.slogdet", va_determinant(&a, NULL, &sign, &logarithm, &detail), &detail, &a);
  if (sign.axes > 0 || vta_flag_option(L, 2, "array", false)) return 2;
  push_scalar(L, &logarithm);
  if (va_is_complex(sign.dtype)) lua_pushvalue(L, 3);
  else push_scalar(L, &sign);
  lua_insert(L, -2);
  return 2;
}

// MARK: Decompositions

static int cholesky(lua_State *L) {
  va_view a;
  lua_settop(L, 2);
  vta_check_options(L, 2, "linalg.cholesky", "upper");
  vta_array *array = vta_read_square(L, 1, &a, "linalg.cholesky");
  bool upper = vta_flag_option(L, 2, "upper", false);
  va_view out = a;
  vta_new(L, &out, true);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.cholesky", va_cholesky(&a, upper, &out, &detail), &detail, &a);
  return 1;
}

static int qr(lua_State *L) {
  va_view a;
  lua_settop(L, 2);
  vta_check_options(L, 2, "linalg.qr", "mode");
  vta_array *array = vta_read_matrix(L, 1, &a, "linalg.qr");
  int64_t m = rows_of(&a), n = columns_of(&a), k = m < n ? m : n;
  if (vta_push_option(L, 2, "mode")) {
    const char *mode = lua_tostring(L, -1);
    if (!mode || (strcmp(mode, "reduced") != 0 && strcmp(mode, "complete") != 0))
      return luaL_error(L, "linalg.qr: mode must be \"reduced\" or \"complete\", got %s",
                        luaL_tolstring(L, -1, NULL));
    if (mode[0] == 'c') k = m;
  }
  va_view q = result_of(&a, a.dtype, m, k), r = result_of(&a, a.dtype, k, n);
  vta_array *left = vta_new(L, &q, true);
  vta_new(L, &r, true);
  vta_view(L, left, &q);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.qr", va_qr(&a, &q, &r, &detail), &detail, &a);
  return 2;
}

static int svd(lua_State *L) {
  va_view a;
  lua_settop(L, 2);
  vta_check_options(L, 2, "linalg.svd", "full");
  vta_array *array = vta_read_matrix(L, 1, &a, "linalg.svd");
  bool full = vta_flag_option(L, 2, "full", true);
  int64_t m = rows_of(&a), n = columns_of(&a), k = m < n ? m : n;
  va_view u = result_of(&a, a.dtype, m, full ? m : k), s = result_of(&a, vta_real_type(a.dtype), k, -1);
  va_view vh = result_of(&a, a.dtype, full ? n : k, n);
  vta_array *left = vta_new(L, &u, true), *values = vta_new(L, &s, true);
  vta_new(L, &vh, true);
  vta_view(L, left, &u);
  vta_view(L, values, &s);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.svd", va_svd(&a, &u, &s, &vh, &detail), &detail, &a);
  return 3;
}

static int svdvals(lua_State *L) {
  va_view a;
  lua_settop(L, 1);
  vta_array *array = vta_read_matrix(L, 1, &a, "linalg.svdvals");
  int64_t k = rows_of(&a) < columns_of(&a) ? rows_of(&a) : columns_of(&a);
  va_view s = result_of(&a, vta_real_type(a.dtype), k, -1);
  vta_new(L, &s, true);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, "linalg.svdvals", va_svd(&a, NULL, &s, NULL, &detail), &detail, &a);
  return 1;
}

typedef va_status eigen(const va_view *, const va_view *, const va_view *, va_detail *);

static int eigen_of(lua_State *L, eigen *compute, bool symmetric, bool wants, const char *function) {
  va_view a;
  lua_settop(L, 1);
  vta_array *array = vta_read_square(L, 1, &a, function);
  va_view values = result_of(&a, symmetric ? vta_real_type(a.dtype) : complex_of(a.dtype), rows_of(&a), -1);
  va_view vectors = a;
  if (!symmetric) vectors.dtype = complex_of(a.dtype);
  vta_array *first = vta_new(L, &values, true);
  if (wants) vta_new(L, &vectors, true);
  vta_view(L, first, &values);
  vta_view(L, array, &a);
  va_detail detail = vta_new_detail();
  check(L, function, compute(&a, &values, wants ? &vectors : NULL, &detail), &detail, &a);
  return wants ? 2 : 1;
}

static int eig(lua_State *L) { return eigen_of(L, va_eig, false, true, "linalg.eig"); }
static int eigvals(lua_State *L) { return eigen_of(L, va_eig, false, false, "linalg.eigvals"); }
static int eigh(lua_State *L) { return eigen_of(L, va_eigh, true, true, "linalg.eigh"); }
static int eigvalsh(lua_State *L) { return eigen_of(L, va_eigh, true, false, "linalg.eigvalsh"); }

const luaL_Reg vta_linear_functions[] = {
    {"solve", solve},       {"lstsq", lstsq}, {"inv", inv},         {"det", det},
    {"slogdet", slogdet},   {"cholesky", cholesky}, {"qr", qr},     {"svd", svd},
    {"svdvals", svdvals},   {"eig", eig},     {"eigvals", eigvals}, {"eigh", eigh},
    {"eigvalsh", eigvalsh}, {NULL, NULL}};

void vta_push_linear(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, vta_linear_functions, 0);
  luaL_setfuncs(L, vta_product_functions, 0);
  luaL_setfuncs(L, vta_norm_functions, 0);
  luaL_setfuncs(L, vta_contraction_functions, 0);
  luaL_setfuncs(L, vta_inverse_functions, 0);
  vta_push_function(L, "matrix_transpose");
  lua_setfield(L, -2, "matrix_transpose");
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, vta_missing_linear);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}
