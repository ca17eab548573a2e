// SPDX-License-Identifier: BSD-3-Clause
//
// Functions of `table` and `string` for restricted states. Lua's own run loops in C that a script can make
// as long as it likes, such as table.move({}, 1, 1 << 60, 2). These look for a stop.

#include <limits.h>
#include <string.h>

#include "restricted.h"

enum { ROUNDS = 1 << 12 };

void vtl_poll_stop(lua_State *L) {
  if (vtl_stopped() != VTL_RUNNING) vtl_raise_stop(L);
}

static void poll(lua_State *L, lua_Integer round) {
  if ((round & (ROUNDS - 1)) == 0) vtl_poll_stop(L);
}

// MARK: Tables

enum { READS = 1, WRITES = 2, HAS_LENGTH = 4 };

static bool has_metamethod(lua_State *L, int index, const char *name) {
  lua_pushstring(L, name);
  bool found = lua_rawget(L, index) != LUA_TNIL;
  lua_pop(L, 1);
  return found;
}

/// Like Lua, accepts any value whose metatable has the operations.
static void check_table(lua_State *L, int index, int operations) {
  if (lua_type(L, index) == LUA_TTABLE) return;
  if (lua_getmetatable(L, index)) {
    int metatable = lua_gettop(L);
    bool is_like = (!(operations & READS) || has_metamethod(L, metatable, "__index")) &&
                   (!(operations & WRITES) || has_metamethod(L, metatable, "__newindex")) &&
                   (!(operations & HAS_LENGTH) || has_metamethod(L, metatable, "__len"));
    lua_pop(L, 1);
    if (is_like) return;
  }
  luaL_checktype(L, index, LUA_TTABLE);
}

static lua_Integer length(lua_State *L, int index, int operations) {
  check_table(L, index, operations | HAS_LENGTH);
  return luaL_len(L, index);
}

static int insert(lua_State *L) {
  lua_Integer end = (lua_Integer)((lua_Unsigned)length(L, 1, READS | WRITES) + 1u);
  lua_Integer position = end;
  switch (lua_gettop(L)) {
    case 2: break;
    case 3:
      position = luaL_checkinteger(L, 2);
      luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2,
                    "position out of bounds");
      for (lua_Integer i = end; i > position; i--) {
        poll(L, i);
        lua_geti(L, 1, i - 1);
        lua_seti(L, 1, i);
      }
      break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_seti(L, 1, position);
  return 0;
}

static int take(lua_State *L) {
  lua_Integer size = length(L, 1, READS | WRITES);
  lua_Integer position = luaL_optinteger(L, 2, size);
  if (position != size)
    luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2,
                  "position out of bounds");
  lua_geti(L, 1, position);
  for (; position < size; position++) {
    poll(L, position);
    lua_geti(L, 1, position + 1);
    lua_seti(L, 1, position);
  }
  lua_pushnil(L);
  lua_seti(L, 1, position);
  return 1;
}

static int move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
  lua_Integer to = luaL_checkinteger(L, 4);
  int target = lua_isnoneornil(L, 5) ? 1 : 5;
  check_table(L, 1, READS);
  check_table(L, target, WRITES);
  if (last >= first) {
    luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    lua_Integer count = last - first + 1;
    luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    bool backward = to > first && to <= last && (target == 1 || lua_compare(L, 1, 5, LUA_OPEQ));
    for (lua_Integer i = 0; i < count; i++) {
      lua_Integer offset = backward ? count - 1 - i : i;
      poll(L, i);
      lua_geti(L, 1, first + offset);
      lua_seti(L, target, to + offset);
    }
  }
  lua_pushvalue(L, target);
  return 1;
}

static void add_element(lua_State *L, luaL_Buffer *text, lua_Integer i) {
  lua_geti(L, 1, i);
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1),
               (LUAI_UACINT)i);
  luaL_addvalue(text);
}

static int join(lua_State *L) {
  lua_Integer last = length(L, 1, READS);
  size_t separator_length;
  const char *separator = luaL_optlstring(L, 2, "", &separator_length);
  lua_Integer i = luaL_optinteger(L, 3, 1);
  last = luaL_optinteger(L, 4, last);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (lua_Integer round = 0; i < last; i++, round++) {
    poll(L, round);
    add_element(L, &text, i);
    luaL_addlstring(&text, separator, separator_length);
  }
  if (i == last) add_element(L, &text, i);
  luaL_pushresult(&text);
  return 1;
}

/// The order of values where the caller gives none. Upvalue: the number of calls.
static int is_less(lua_State *L) {
  lua_Integer round = lua_tointeger(L, lua_upvalueindex(1)) + 1;
  lua_pushinteger(L, round);
  lua_replace(L, lua_upvalueindex(1));
  poll(L, round);
  lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
  return 1;
}

/// Calls a function of C, which runs no hooks. Upvalues: the number of calls, the function.
static int call_polled(lua_State *L) {
  lua_Integer round = lua_tointeger(L, lua_upvalueindex(1)) + 1;
  lua_pushinteger(L, round);
  lua_replace(L, lua_upvalueindex(1));
  poll(L, round);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

void vtl_poll_calls(lua_State *L, int index) {
  if (!lua_iscfunction(L, index)) return;
  lua_pushinteger(L, 0);
  lua_pushvalue(L, index);
  lua_pushcclosure(L, call_polled, 2);
  lua_replace(L, index);
}

/// Upvalue: Lua's own function.
static int sort(lua_State *L) {
  lua_settop(L, 2);
  vtl_poll_calls(L, 2);
  if (lua_isnil(L, 2)) {
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, is_less, 1);
    lua_replace(L, 2);
  }
  return vtl_original(L)(L);
}

const luaL_Reg vtl_table_functions[] = {{"insert", insert}, {"remove", take}, {"move", move},
                                        {"concat", join},   {"sort", sort},   {NULL, NULL}};

// MARK: Strings

/// Upvalue: Lua's own function, which repeats also what is empty.
static int repeat(lua_State *L) {
  size_t text, separator;
  luaL_checklstring(L, 1, &text);
  luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &separator);
  if (text + separator == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  return vtl_original(L)(L);
}

const luaL_Reg vtl_string_functions[] = {{"rep", repeat}, {NULL, NULL}};
