// SPDX-License-Identifier: BSD-3-Clause
//
// The table `array`, the methods of arrays, and names that are not among them.

#include "open.h"

#include <string.h>

#include "CArrayLua.h"
#include "array.h"
#include "compose.h"
#include "products.h"

/// The functions, which are also the methods.
static const luaL_Reg *const functions[] = {
    vta_creation_functions,    vta_sequence_functions, vta_shaping_functions,
    vta_moving_functions,      vta_joining_functions,  vta_conversion_functions,
    vta_taking_functions,      vta_text_functions,     vta_iteration_functions,
    vta_elementwise_functions, vta_reduction_functions, vta_equality_functions,
    vta_file_functions,        vta_sorting_functions,
    vta_random_functions,      vta_matrix_functions,
    vta_fuse_functions,        vta_statistics_functions,
    vta_sample_functions,      vta_series_functions,   vta_tensor_functions};

/// The functions of array.linalg.
static const luaL_Reg *const linear_functions[] = {
    vta_linear_functions, vta_product_functions, vta_norm_functions, vta_contraction_functions,
    vta_inverse_functions};

static lua_CFunction named(const luaL_Reg *const *groups, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    for (const luaL_Reg *row = groups[i]; row->name; row++)
      if (strcmp(row->name, name) == 0) return row->func;
  return NULL;
}

void vta_push_function(lua_State *L, const char *name) {
  static const char prefix[] = "linalg.";
  enum { LENGTH = sizeof prefix - 1 };
  lua_CFunction function =
      strncmp(name, prefix, LENGTH) == 0
          ? named(linear_functions, sizeof linear_functions / sizeof *linear_functions, name + LENGTH)
          : named(functions, sizeof functions / sizeof *functions, name);
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

// MARK: Methods

/// True if the name is a function that makes arrays of other things, and no method.
static bool is_maker(const char *name) {
  for (int group = 0; group < 2; group++)
    for (const luaL_Reg *row = functions[group]; row->name; row++)
      if (strcmp(row->name, name) == 0)
        return !strstr(name, "_like") && strcmp(name, "diag") != 0 && strncmp(name, "tri", 3) != 0;
  return false;
}

/// Adds the functions, or those that are methods, to the table on top.
static void add_functions(lua_State *L, bool methods) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    for (const luaL_Reg *row = functions[i]; row->name; row++) {
      // The kernel of the operator >> is no function: the standard's shift keeps the sign.
      if (row->name[0] == '>' || (methods && is_maker(row->name))) continue;
      lua_pushcfunction(L, row->func);
      lua_setfield(L, -2, row->name);
    }
  }
}

void vta_push_methods(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 160);
  add_functions(L, true);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

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

/// The function or property whose name is most like this one; NULL if none is.
static const char *similar(const char *name, bool methods) {
  static const char *const properties[] = {"shape", "dtype", "ndim", "size", "nbytes", NULL};
  int limit = strlen(name) < 4 ? 2 : 3, best = limit;
  const char *found = NULL;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    for (const luaL_Reg *row = functions[i]; row->name; row++) {
      if (methods && is_maker(row->name)) continue;
      int far = distance(name, row->name, limit);
      if (far < best) {
        best = far;
        found = row->name;
      }
    }
  }
  for (int i = 0; methods && properties[i]; i++) {
    int far = distance(name, properties[i], limit);
    if (far < best) {
      best = far;
      found = properties[i];
    }
  }
  return found;
}

int vta_no_method(lua_State *L, const char *name) {
  const char *other = similar(name, true);
  if (other)
    return luaL_error(L, "array has no method '%s'; did you mean '%s'?", name, other);
  return luaL_error(L, "array has no method '%s'", name);
}

// MARK: The table

/// Makes the table on top a loaded module, so that its functions travel by name.
static void set_part(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/// Fills the table at 1, which is empty until it is first used.
static int fill(lua_State *L) {
  lua_settop(L, 1);
  lua_getmetatable(L, 1);
  for (const char *const *name = (const char *const[]){"__pairs", "__fill", NULL}; *name; name++) {
    lua_pushnil(L);
    lua_setfield(L, -2, *name);
  }
  lua_getfield(L, -1, "missing");
  lua_setfield(L, -2, "__index");
  lua_settop(L, 1);
  add_functions(L, false);
  lua_pushlightuserdata(L, (void *)&vta_newaxis);
  lua_setfield(L, 1, "newaxis");
  lua_pushlightuserdata(L, (void *)&vta_rest);
  lua_setfield(L, 1, "rest");
  vta_push_fourier(L);
  set_part(L, "array.fft");
  lua_setfield(L, 1, "fft");
  vta_push_linear(L);
  lua_getfield(L, -1, "solve");
  lua_setfield(L, 1, "solve");
  lua_getfield(L, -1, "matmul");
  lua_setfield(L, 1, "dot");
  set_part(L, "array.linalg");
  lua_setfield(L, 1, "linalg");
  return 0;
}

/// __index of the empty table.
static int first_index(lua_State *L) {
  lua_settop(L, 2);
  lua_pushcfunction(L, fill);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  lua_gettable(L, 1);
  return 1;
}

/// __index of the filled table.
static int missing(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tostring(L, 2), *other = similar(name, false);
  if (name[0] == '_') return 0;
  if (other)
    return luaL_error(L, "array has no function '%s'; did you mean '%s'?", name, other);
  return luaL_error(L, "array has no function '%s'", name);
}

static int next_entry(lua_State *L) {
  lua_settop(L, 2);
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

static int pairs(lua_State *L) {
  lua_pushcfunction(L, fill);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  lua_pushcfunction(L, next_entry);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

int vta_open(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 4);
  lua_pushcfunction(L, first_index);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, fill);
  lua_setfield(L, -2, "__fill");
  lua_pushcfunction(L, pairs);
  lua_setfield(L, -2, "__pairs");
  lua_pushcfunction(L, missing);
  lua_setfield(L, -2, "missing");
  lua_setmetatable(L, -2);
  return 1;
}

int vta_push_table(lua_State *L) {
  if (!lua_checkstack(L, 1)) return LUA_ERRMEM;
  vta_register();
  lua_pushcfunction(L, vta_open);
  return lua_pcall(L, 0, 1, 0);
}
