// SPDX-License-Identifier: BSD-3-Clause
//
// Pushes scalars onto the Lua stack.

#ifndef VTS_PUSH_H
#define VTS_PUSH_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "format.h"

/// Converts an IEEE 754 half-precision number.
static inline lua_Number vts_from_half(uint64_t bits) {
  unsigned exponent = bits >> 10 & 31;
  lua_Number mantissa = (lua_Number)(bits & 1023), value;
  if (exponent == 0) value = mantissa * 0x1p-24;
  else if (exponent < 31) value = (mantissa + 1024) * __builtin_ldexp(1, (int)exponent - 25);
  else value = mantissa == 0 ? __builtin_inf() : __builtin_nan("");
  return bits & 0x8000 ? -value : value;
}

/// Pushes a simple value or float; false, and nothing pushed, if Lua has no such value.
static inline bool vts_push_simple(lua_State *L, unsigned info, uint64_t number) {
  switch (info) {
    case 20: lua_pushboolean(L, 0); return true;
    case 21: lua_pushboolean(L, 1); return true;
    case 22: lua_pushnil(L); return true;
    case 25: lua_pushnumber(L, vts_from_half(number)); return true;
    case 26: {
      uint32_t bits = (uint32_t)number;
      float value;
      memcpy(&value, &bits, 4);
      lua_pushnumber(L, value);
      return true;
    }
    case 27: {
      lua_Number value;
      memcpy(&value, &number, 8);
      lua_pushnumber(L, value);
      return true;
    }
    default: return false;
  }
}

/// Pushes an integer; false, and nothing pushed, if it does not fit into Lua's 64 bits.
static inline bool vts_push_integer(lua_State *L, unsigned major, uint64_t number) {
  if (number > INT64_MAX) return false;
  lua_pushinteger(L, major == UNSIGNED ? (lua_Integer)number : ~(lua_Integer)number);
  return true;
}

#endif
