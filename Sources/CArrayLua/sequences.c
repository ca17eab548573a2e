// SPDX-License-Identifier: BSD-3-Clause
//
// Sequences, grids and matrices with a diagonal.

#include <math.h>
#include <string.h>

#include "array.h"
#include "options.h"

// MARK: Sequences

typedef struct {
  bool whole;
  int64_t first, step;
  double real_first, real_step;
  double count;
} sequence;

static double number_argument(lua_State *L, int index, const char *function) {
  if (lua_type(L, index) != LUA_TNUMBER)
    luaL_error(L, "%s: argument %d must be a number, got %s", function, index,
               luaL_typename(L, index));
  return lua_tonumber(L, index);
}

/// Pushes the array of a sequence.
static int push_sequence(
    lua_State *L, const sequence *given, va_dtype dtype, const char *function) {
  if (given->count != given->count)
    return luaL_error(L, "%s: the ends and the step must be finite numbers", function);
  if (given->count > 0x1p1023)
    return luaL_error(L, "%s: the sequence has no end", function);
  if (given->count >= 0x1p57) {
    lua_pushnumber(L, given->count);
    return luaL_error(L, "%s: a sequence of %s elements is too large for the memory of any machine",
                      function, luaL_tolstring(L, -1, NULL));
  }
  if (dtype == VA_BOOL) return luaL_error(L, "%s: not defined for bool", function);
  va_view view = {.dtype = given->whole ? VA_INT64 : VA_FLOAT64, .axes = 1};
  view.shape[0] = (int64_t)given->count;
  vta_array *array = vta_new(L, &view, false);
  for (int64_t i = 0; i < view.shape[0]; i++) {
    if (given->whole) {
      ((int64_t *)view.data)[i] = (int64_t)((uint64_t)given->first + (uint64_t)i * (uint64_t)given->step);
    } else {
      double offset = (double)i * given->real_step;
      ((double *)view.data)[i] = given->real_first + offset;
    }
  }
  if (dtype != VA_DTYPES && dtype != view.dtype) vta_push_cast(L, array, dtype, &view, function);
  return 1;
}

/// The number of steps from first to last: with the end `last` itself, or without it.
static double count_steps(const sequence *given, int64_t last, double real_last, bool both_ends) {
  if (given->whole) {
    bool up = given->step > 0;
    if (up ? last < given->first : last > given->first) return 0;
    uint64_t distance = up ? (uint64_t)last - (uint64_t)given->first
                           : (uint64_t)given->first - (uint64_t)last;
    uint64_t step = up ? (uint64_t)given->step : -(uint64_t)given->step;
    uint64_t steps = distance / step;
    return (double)steps + (both_ends || distance % step ? 1 : 0);
  }
  double steps = (real_last - given->real_first) / given->real_step;
  if (both_ends) steps = floor(steps) + 1;
  else steps = ceil(steps);
  return steps > 0 ? steps : steps == steps ? 0 : steps;
}

/// Reads (first, last, step, dtype), or (last, dtype) when `default_first` begins the sequence.
static int make_sequence(
    lua_State *L, const char *function, int64_t default_first, bool both_ends) {
  int numbers = 0;
  while (numbers < 3 && lua_type(L, numbers + 1) == LUA_TNUMBER) numbers++;
  if (numbers == 0) number_argument(L, 1, function);
  int dtype_at = numbers + 1;
  while (dtype_at < 4 && lua_isnil(L, dtype_at)) dtype_at++;
  va_dtype dtype = vta_dtype_option(L, dtype_at, VA_DTYPES, function);
  sequence given = {.whole = true, .first = default_first, .step = 1,
                    .real_first = (double)default_first, .real_step = 1};
  for (int i = 1; i <= numbers; i++) given.whole = given.whole && lua_isinteger(L, i);
  int last = numbers == 1 ? 1 : 2;
  if (numbers > 1) {
    given.first = given.whole ? lua_tointeger(L, 1) : 0;
    given.real_first = lua_tonumber(L, 1);
  }
  if (numbers == 3) {
    given.step = given.whole ? lua_tointeger(L, 3) : 0;
    given.real_step = lua_tonumber(L, 3);
  }
  if (given.real_step == 0) return luaL_error(L, "%s: the step must not be 0", function);
  if (given.whole && dtype != VA_DTYPES && va_is_floating(dtype)) given.whole = false;
  given.count = count_steps(&given, given.whole ? lua_tointeger(L, last) : 0,
                            lua_tonumber(L, last), both_ends);
  return push_sequence(L, &given, dtype, function);
}

static int arange(lua_State *L) { return make_sequence(L, "arange", 0, false); }
static int range(lua_State *L) { return make_sequence(L, "range", 1, true); }

/// Reads an end of a line, a number or an array without axes; true if it is complex.
static bool read_end(lua_State *L, int index, double end[2]) {
  vta_array *array = vta_test(L, index);
  end[1] = 0;
  if (array && array->axes > 0) {
    va_view view;
    vta_view(L, array, &view);
    luaL_error(L, "linspace: argument %d must be a number, got an array of shape %s", index,
               vta_push_shape_text(L, view.axes, view.shape));
  }
  if (!array) {
    end[0] = number_argument(L, index, "linspace");
    return false;
  }
  bool is_complex = va_is_complex((va_dtype)array->dtype);
  if ((va_dtype)array->dtype == VA_BOOL) luaL_error(L, "linspace: not defined for bool");
  va_view view;
  vta_push_cast(L, array, VA_COMPLEX128, &view, "linspace");
  memcpy(end, view.data, 2 * sizeof *end);
  lua_pop(L, 1);
  return is_complex;
}

/// Writes numbers at equal distances, each `stride` elements after the other.
static void write_line(
    double *elements, int stride, int64_t count, double first, double last, bool endpoint) {
  double parts = (double)(endpoint ? count - 1 : count), distance = last - first;
  double step = parts > 0 ? distance / parts : distance;
  for (int64_t i = 0; i < count; i++) {
    double offset = step == 0 && parts > 0 ? (double)i / parts * distance : (double)i * step;
    elements[i * stride] = offset + first;
  }
  if (endpoint && count > 1) elements[(count - 1) * stride] = last;
}

static int linspace(lua_State *L) {
  double first[2], last[2];
  bool is_complex = read_end(L, 1, first);
  is_complex = read_end(L, 2, last) || is_complex;
  int exact;
  lua_Integer count = lua_tointegerx(L, 3, &exact);
  if (!exact || count < 0)
    return luaL_error(L, "linspace: argument 3 must be the number of elements, got %s",
                      luaL_tolstring(L, 3, NULL));
  va_dtype natural = is_complex ? VA_COMPLEX128 : VA_FLOAT64, dtype = natural;
  bool endpoint = true;
  if (lua_type(L, 4) == LUA_TSTRING) {
    dtype = vta_dtype_option(L, 4, natural, "linspace");
  } else {
    vta_check_options(L, 4, "linspace", "endpoint dtype");
    endpoint = vta_flag_option(L, 4, "endpoint", true);
    if (vta_push_option(L, 4, "dtype"))
      dtype = vta_dtype_option(L, lua_gettop(L), natural, "linspace");
  }
  va_view view = {.dtype = natural, .axes = 1, .shape = {count}};
  vta_array *array = vta_new(L, &view, false);
  double *elements = (double *)view.data;
  for (int part = 0; part <= is_complex; part++)
    write_line(elements + part, 1 + is_complex, count, first[part], last[part], endpoint);
  if (dtype != natural) vta_push_cast(L, array, dtype, &view, "linspace");
  return 1;
}

// MARK: Matrices

static int64_t integer_argument(lua_State *L, int index, int64_t otherwise, const char *function) {
  if (lua_isnoneornil(L, index)) return otherwise;
  int exact = 0;
  lua_Integer value = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : 0;
  if (!exact)
    luaL_error(L, "%s: argument %d must be an integer, got %s", function, index,
               luaL_tolstring(L, index, NULL));
  return value;
}

/// The view of the diagonal that is `k` above the main one.
static va_view diagonal_of(const va_view *matrix, int64_t k) {
  int64_t rows = matrix->shape[0], columns = matrix->shape[1];
  int64_t row = k < 0 ? (k < -rows ? rows : -k) : 0, column = k > 0 ? (k > columns ? columns : k) : 0;
  int64_t length = rows - row < columns - column ? rows - row : columns - column;
  va_view view = {.dtype = matrix->dtype, .axes = 1, .data = matrix->data};
  view.shape[0] = length > 0 ? length : 0;
  if (length > 0) view.data += row * matrix->strides[0] + column * matrix->strides[1];
  view.strides[0] = matrix->strides[0] + matrix->strides[1];
  return view;
}

static int eye(lua_State *L) {
  int dtype_at = 2;
  while (dtype_at < 4 && lua_type(L, dtype_at) != LUA_TSTRING) dtype_at++;
  va_view view = {.axes = 2, .dtype = vta_dtype_option(L, dtype_at, VA_FLOAT64, "eye")};
  if (lua_type(L, 1) != LUA_TNUMBER) number_argument(L, 1, "eye");
  view.shape[0] = integer_argument(L, 1, 0, "eye");
  view.shape[1] = dtype_at > 2 ? integer_argument(L, 2, view.shape[0], "eye") : view.shape[0];
  int64_t k = dtype_at > 3 ? integer_argument(L, 3, 0, "eye") : 0;
  if (view.shape[0] < 0 || view.shape[1] < 0)
    return luaL_error(L, "eye: a length must be at least 0, got %I",
                      (LUAI_UACINT)(view.shape[0] < 0 ? view.shape[0] : view.shape[1]));
  vta_new(L, &view, true);
  _Alignas(16) char element[16];
  lua_pushinteger(L, 1);
  if (view.dtype == VA_BOOL) element[0] = 1;
  else vta_read_element(L, -1, view.dtype, element);
  lua_pop(L, 1);
  va_view diagonal = diagonal_of(&view, k);
  va_fill(&diagonal, element);
  return 1;
}

static int diag(lua_State *L) {
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "diag");
  int64_t k = integer_argument(L, 2, 0, "diag");
  va_view from, view;
  vta_view(L, array, &from);
  if (from.axes == 2) {
    view = diagonal_of(&from, k);
    va_view part = {.dtype = from.dtype, .axes = 1, .shape = {view.shape[0]}};
    vta_new(L, &part, false);
    vta_view(L, array, &from);
    view = diagonal_of(&from, k);
    va_assign(&view, &part);
    return 1;
  }
  if (from.axes != 1)
    return luaL_error(L, "diag: an array of 1 or 2 axes is needed, shape %s",
                      vta_push_shape_text(L, from.axes, from.shape));
  int64_t side;
  if (__builtin_add_overflow(from.shape[0], k < 0 ? -(uint64_t)k : (uint64_t)k, &side))
    return luaL_error(L, "diag: the diagonal is too far from the main one");
  view = (va_view){.dtype = from.dtype, .axes = 2, .shape = {side, side}};
  vta_new(L, &view, true);
  vta_view(L, array, &from);
  va_view diagonal = diagonal_of(&view, k);
  va_assign(&from, &diagonal);
  return 1;
}

/// A copy in which the elements above (or below) a diagonal are 0.
static int triangle(lua_State *L, bool lower, const char *function) {
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, function);
  int64_t k = integer_argument(L, 2, 0, function);
  va_view copy;
  vta_view(L, array, &copy);
  if (copy.axes < 2)
    return luaL_error(L, "%s: at least 2 axes are needed, shape %s", function,
                      vta_push_shape_text(L, copy.axes, copy.shape));
  vta_push_copy(L, array, &copy);
  int64_t rows = copy.shape[copy.axes - 2], columns = copy.shape[copy.axes - 1];
  if (va_count(&copy) == 0) return 1;
  int64_t count = va_count(&copy) / columns;
  size_t size = va_size(copy.dtype);
  if (k > columns) k = columns;
  if (k < -rows) k = -rows;
  for (int64_t line = 0; line < count; line++) {
    int64_t edge = line % rows + k + (lower ? 1 : 0);  // the first column right of the edge
    edge = edge < 0 ? 0 : edge > columns ? columns : edge;
    char *start = copy.data + line * columns * (int64_t)size;
    if (lower) memset(start + edge * (int64_t)size, 0, (size_t)(columns - edge) * size);
    else memset(start, 0, (size_t)edge * size);
  }
  return 1;
}

static int tril(lua_State *L) { return triangle(L, true, "tril"); }
static int triu(lua_State *L) { return triangle(L, false, "triu"); }

static int meshgrid(lua_State *L) {
  int count = lua_gettop(L);
  bool swap = true;
  if (count > 0 && vta_is_options(L, count)) {
    vta_check_options(L, count, "meshgrid", "indexing");
    if (vta_push_option(L, count, "indexing")) {
      const char *order = lua_tostring(L, -1);
      if (!order || (strcmp(order, "xy") != 0 && strcmp(order, "ij") != 0))
        return luaL_error(L, "meshgrid: indexing must be \"xy\" or \"ij\", got %s",
                          luaL_tolstring(L, -1, NULL));
      swap = order[0] == 'x';
    }
    lua_settop(L, --count);
  }
  if (count > VA_MAX_AXES) return luaL_error(L, "meshgrid: at most %d arrays", VA_MAX_AXES);
  va_view shape = {.axes = count}, from;
  for (int i = 0; i < count; i++) {
    vta_view(L, vta_to_array(L, i + 1, VA_DTYPES, "meshgrid"), &from);
    if (from.axes != 1)
      return luaL_error(L, "meshgrid: argument %d must have 1 axis, shape %s", i + 1,
                        vta_push_shape_text(L, from.axes, from.shape));
    int axis = swap && count > 1 && i < 2 ? 1 - i : i;
    shape.shape[axis] = from.shape[0];
  }
  luaL_checkstack(L, count + 8, "arrays");
  for (int i = 0; i < count; i++) {
    vta_array *array = vta_test(L, i + 1);
    int axis = swap && count > 1 && i < 2 ? 1 - i : i;
    va_view grid = shape, wide = shape;
    grid.dtype = (va_dtype)array->dtype;
    vta_new(L, &grid, false);
    vta_view(L, array, &from);
    wide.data = from.data;
    wide.dtype = from.dtype;
    memset(wide.strides, 0, sizeof wide.strides);
    wide.strides[axis] = from.strides[0];
    va_assign(&wide, &grid);
  }
  return count;
}

const luaL_Reg vta_sequence_functions[] = {
    {"arange", arange}, {"range", range}, {"linspace", linspace}, {"eye", eye}, {"diag", diag},
    {"tril", tril},     {"triu", triu},   {"meshgrid", meshgrid}, {NULL, NULL}};
