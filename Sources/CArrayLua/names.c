// SPDX-License-Identifier: BSD-3-Clause
//
// The names of functions and methods, and what was meant by a name that is none of them.

#include <string.h>

#include "array.h"
#include "compose.h"
#include "open.h"
#include "products.h"

/// The functions, which are also the methods.
const luaL_Reg *const vta_functions[] = {
    vta_creation_functions,    vta_sequence_functions, vta_shaping_functions,
    vta_moving_functions,      vta_joining_functions,  vta_conversion_functions,
    vta_taking_functions,      vta_text_functions,     vta_iteration_functions,
    vta_elementwise_functions, vta_reduction_functions, vta_equality_functions,
    vta_file_functions,        vta_sorting_functions,
    vta_random_functions,      vta_matrix_functions,
    vta_fuse_functions,        vta_statistics_functions,
    vta_sample_functions,      vta_series_functions,   vta_tensor_functions,
    NULL};

/// The functions of array.linalg.
static const luaL_Reg *const linear_functions[] = {
    vta_linear_functions, vta_product_functions, vta_norm_functions, vta_contraction_functions,
    vta_inverse_functions, NULL};

/// The functions of array.fft.
static const luaL_Reg *const fourier_functions[] = {vta_fourier_functions, NULL};

static lua_CFunction named(const luaL_Reg *const *group, const char *name) {
  for (; *group; group++)
    for (const luaL_Reg *row = *group; row->name; row++)
      if (strcmp(row->name, name) == 0) return row->func;
  return NULL;
}

void vta_push_function(lua_State *L, const char *name) {
  static const char prefix[] = "linalg.";
  enum { LENGTH = sizeof prefix - 1 };
  lua_CFunction function = strncmp(name, prefix, LENGTH) == 0
                               ? named(linear_functions, name + LENGTH)
                               : named(vta_functions, name);
  if (!function) luaL_error(L, "array has no function '%s'", name);
  luaL_checkstack(L, 8, "arguments");
  lua_pushcfunction(L, function);
}

void vta_call_function(lua_State *L, const char *name, int arguments, int results) {
  vta_push_function(L, name);
  lua_insert(L, -1 - arguments);
  int status = lua_pcall(L, arguments, results, 0);
  if (status == LUA_OK) return;
  if (status == LUA_ERRRUN && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  lua_error(L);
}

// MARK: Similar names

/// Names of NumPy and of others for functions that are named differently here.
static const char *const other_names[][2] = {
    {"absolute", "abs"},           {"amax", "max"},
    {"amin", "min"},               {"arccos", "acos"},
    {"arccosh", "acosh"},          {"arcsin", "asin"},
    {"arcsinh", "asinh"},          {"arctan", "atan"},
    {"arctan2", "atan2"},          {"arctanh", "atanh"},
    {"argwhere", "nonzero"},       {"array", "from"},
    {"average", "mean"},           {"concatenate", "concat"},
    {"cumprod", "cumulative_prod"}, {"cumsum", "cumulative_sum"},
    {"einsum", "tensordot"},       {"fromfunction", "generate"},
    {"hstack", "concat"},          {"identity", "eye"},
    {"invert", "bitwise_invert"},  {"mod", "remainder"},
    {"norm", "linalg.vector_norm"}, {"percentile", "quantile"},
    {"power", "pow"},              {"ravel", "flatten"},
    {"repeat", "repeat_elements"}, {"sliding_window_view", "windows"},
    {"swapaxes", "moveaxis"},      {"transpose", "permute_dims"},
    {"trapz", "trapezoid"},        {"unique", "unique_values"},
    {"vstack", "concat"},          {NULL, NULL}};

/// The number of letters to insert, remove or replace that make `a` of `b`; at most `limit`.
static int distance(const char *a, const char *b, int limit) {
  enum { LONGEST = 40 };
  int row[LONGEST + 1], length = (int)strlen(b);
  if (length > LONGEST || strlen(a) > LONGEST) return limit;
  for (int j = 0; j <= length; j++) row[j] = j;
  for (int i = 1; a[i - 1]; i++) {
    int corner = row[0];
    row[0] = i;
    for (int j = 1; j <= length; j++) {
      int above = row[j], best = corner + (a[i - 1] != b[j - 1]);
      if (above + 1 < best) best = above + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      corner = above;
      row[j] = best;
    }
  }
  return row[length] < limit ? row[length] : limit;
}

/// Keeps the name of the group that is most like `name`; `best` is its distance.
static void find_similar(
    const luaL_Reg *const *group, const char *name, bool methods, int *best, const char **found) {
  int limit = strlen(name) < 4 ? 2 : 3;
  for (; *group; group++) {
    for (const luaL_Reg *row = *group; row->name; row++) {
      if (row->name[0] == '_' || row->name[0] == '>') continue;
      if (methods && vta_is_maker(row->name)) continue;
      int far = distance(name, row->name, limit);
      if (far < *best) {
        *best = far;
        *found = row->name;
      }
    }
  }
}

/// Pushes "; did you mean 'sum'?", or "".
static const char *push_advice(lua_State *L, const char *name, bool methods) {
  static const luaL_Reg properties[] = {{"shape", NULL},  {"dtype", NULL},  {"ndim", NULL},
                                        {"size", NULL},   {"nbytes", NULL}, {NULL, NULL}};
  const char *form = "; did you mean '%s'?";
  for (int i = 0; other_names[i][0]; i++)
    if (strcmp(other_names[i][0], name) == 0)
      return lua_pushfstring(
          L, strchr(other_names[i][1], '.') ? "; did you mean 'array.%s'?" : form,
          other_names[i][1]);
  if (named(linear_functions, name))
    return lua_pushfstring(L, "; did you mean 'array.linalg.%s'?", name);
  if (named(fourier_functions, name))
    return lua_pushfstring(L, "; did you mean 'array.fft.%s'?", name);
  if (strcmp(name, "random") == 0)
    return lua_pushliteral(L, "; random numbers are in the library random: require \"random\"");
  if (strncmp(name, "nan", 3) == 0 && named(vta_functions, name + 3))
    return lua_pushfstring(L, "; write %s(a, { skipnan = true })", name + 3);
  if (strcmp(name, "len") == 0) return lua_pushliteral(L, "; write #a, or a.size");
  int best = strlen(name) < 4 ? 2 : 3;
  const char *found = NULL;
  find_similar(vta_functions, name, methods, &best, &found);
  if (methods) find_similar((const luaL_Reg *const[]){properties, NULL}, name, true, &best, &found);
  return found ? lua_pushfstring(L, form, found) : lua_pushliteral(L, "");
}

int vta_no_method(lua_State *L, const char *name) {
  return luaL_error(L, "array has no method '%s'%s", name, push_advice(L, name, true));
}

int vta_missing(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING || lua_tostring(L, 2)[0] == '_') return 0;
  const char *name = lua_tostring(L, 2);
  return luaL_error(L, "array has no function '%s'%s", name, push_advice(L, name, false));
}

/// __index of array.linalg and array.fft.
static int missing_in_part(
    lua_State *L, const char *part, const luaL_Reg *const *functions) {
  if (lua_type(L, 2) != LUA_TSTRING || lua_tostring(L, 2)[0] == '_') return 0;
  const char *name = lua_tostring(L, 2), *found = NULL, *form = "; did you mean '%s'?";
  int best = strlen(name) < 4 ? 2 : 3;
  find_similar(functions, name, false, &best, &found);
  if (strcmp(name, "norm") == 0) found = "vector_norm";
  if (!found && named(vta_functions, name)) {
    found = name;
    form = "; did you mean 'array.%s'?";
  }
  const char *advice = found ? lua_pushfstring(L, form, found) : "";
  return luaL_error(L, "array.%s has no function '%s'%s", part, name, advice);
}

int vta_missing_linear(lua_State *L) { return missing_in_part(L, "linalg", linear_functions); }
int vta_missing_fourier(lua_State *L) { return missing_in_part(L, "fft", fourier_functions); }
