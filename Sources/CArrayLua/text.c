// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays as text, as lists, as bytes, and one element after another.

#include <CLuaGuard.h>
#include <Format.h>
#include <Team.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "elementwise.h"
#include "open.h"
#include "options.h"

// MARK: Text

static int free_text(lua_State *L) {
  char **text = lua_touserdata(L, 1);
  free(*text);
  *text = NULL;
  return 0;
}

/// Pushes the text. It is owned by a userdata until Lua has a copy.
static int push_text(lua_State *L, const vta_array *array, const va_format_options *options) {
  char **owner = lua_newuserdatauv(L, sizeof *owner, 0);
  *owner = NULL;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, free_text);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  va_view view;
  size_t length;
  vta_view(L, array, &view);
  va_format_options stoppable = *options;
  stoppable.stop = vtl_stop_flag();
  *owner = va_format(&view, &stoppable, &length);
  vta_check_stop(L);
  if (!*owner) return vta_no_memory(L);
  lua_pushlstring(L, *owner, length);
  free(*owner);
  *owner = NULL;
  return 1;
}

static const va_format_options standard = {.digits = 8, .width = 75, .threshold = 1000};

static int op_tostring(lua_State *L) {
  vta_array *array = vta_check(L, 1, "tostring");
  if (array->storage) return push_text(L, array, &standard);
  lua_pushliteral(L, "array (closed)");
  return 1;
}

static int integer_option(lua_State *L, int options, const char *name, int least, int otherwise) {
  if (!vta_push_option(L, options, name)) return otherwise;
  int exact;
  lua_Integer value = lua_tointegerx(L, -1, &exact);
  if (!exact || value < least || value > 1000000)
    luaL_error(L, "format: the option '%s' must be an integer of at least %d, got %s", name, least,
               luaL_tolstring(L, -1, NULL));
  lua_pop(L, 1);
  return (int)value;
}

static int format(lua_State *L) {
  lua_settop(L, 2);
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "format");
  vta_check_options(L, 2, "format", "digits all width suppress");
  va_format_options options = standard;
  options.digits = integer_option(L, 2, "digits", 0, options.digits);
  options.width = integer_option(L, 2, "width", 1, options.width);
  if (vta_flag_option(L, 2, "all", false)) options.threshold = INT64_MAX;
  options.suppress = vta_flag_option(L, 2, "suppress", false);
  return push_text(L, array, &options);
}

static int op_concat(lua_State *L) {
  if (vta_test(L, 1) && vta_test(L, 2))
    return luaL_error(L, "a .. b: arrays are joined by array.concat{a, b}");
  for (int i = 1; i <= 2; i++) {
    if (vta_test(L, i) || lua_type(L, i) == LUA_TSTRING) continue;
    return luaL_error(L, "a .. b: an array is joined with a string only, got %s",
                      luaL_typename(L, i));
  }
  luaL_tolstring(L, 1, NULL);
  luaL_tolstring(L, 2, NULL);
  lua_concat(L, 2);
  return 1;
}

// MARK: Lists and bytes

static int tolist(lua_State *L) {
  vta_push_lists(L, vta_to_array(L, 1, VA_DTYPES, "tolist"));
  return 1;
}

static int tobytes(lua_State *L) {
  vta_array *array = vta_to_array(L, 1, VA_DTYPES, "tobytes");
  va_view view, copy;
  vta_view(L, array, &view);
  size_t bytes = vta_bytes(L, &view);
  luaL_Buffer buffer;
  char *to = luaL_buffinitsize(L, &buffer, bytes);
  vta_view(L, array, &view);
  copy = view;
  copy.data = to;
  va_set_strides(&copy);
  va_assign(&view, &copy);
  luaL_pushresultsize(&buffer, bytes);
  return 1;
}

static int is(lua_State *L) {
  lua_pushboolean(L, vta_test(L, 1) != NULL);
  return 1;
}

static int is_shared(lua_State *L) {
  const vta_array *array = vta_check(L, 1, "is_shared");
  lua_pushboolean(L, array->storage && va_block_is_shared(array->storage->block));
  return 1;
}

// MARK: Settings

static int threads(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) {
    int exact;
    lua_Integer count = lua_tointegerx(L, 1, &exact);
    if (!exact || count < 1 || count > 1024)
      return luaL_error(L, "threads: the number must be an integer from 1 to 1024, got %s",
                        luaL_tolstring(L, 1, NULL));
    va_set_threads((int)count);
  }
  lua_pushinteger(L, va_threads());
  return 1;
}

static int config(lua_State *L) {
  const char *failure = NULL;
  lua_createtable(L, 0, 5);
  lua_pushstring(L, va_isa_name());
  lua_setfield(L, -2, "instructions");
  lua_pushinteger(L, va_threads());
  lua_setfield(L, -2, "threads");
  bool found = va_has_sleef(&failure);
  lua_pushstring(L, found ? "libsleef.so.3" : "libm");
  lua_setfield(L, -2, "functions");
  if (!found) {
    lua_pushstring(L, failure ? failure : "libsleef3 is not installed");
    lua_setfield(L, -2, "functions_reason");
  }
  lua_pushinteger(L, (lua_Integer)va_cache_bytes());
  lua_setfield(L, -2, "cached_bytes");
  return 1;
}

const luaL_Reg vta_text_functions[] = {
    {"format", format}, {"tolist", tolist},   {"tobytes", tobytes}, {"is", is},
    {"threads", threads}, {"config", config}, {"is_shared", is_shared}, {NULL, NULL}};
const luaL_Reg vta_text_operators[] = {
    {"__tostring", op_tostring}, {"__concat", op_concat}, {NULL, NULL}};
