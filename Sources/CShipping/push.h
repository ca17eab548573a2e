// SPDX-License-Identifier: BSD-3-Clause
//
// Scalars onto the stack.

#ifndef VTS_PUSH_H
#define VTS_PUSH_H

#include "decoder.h"

static inline uint64_t vts_left(const vts_decoder *d) { return (uint64_t)(d->end - d->at); }

/// The number of 1 << `power` bytes.
static inline uint64_t vts_read_number(const uint8_t *at, unsigned power) {
  uint64_t number = 0;
  memcpy(&number, at, 1u << power);
  return __builtin_bswap64(number) >> (64 - (8u << power));
}

lua_Number vts_from_half(uint64_t bits);

/// Pushes a simple value or float; false when it is none that Lua has.
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

/// Pushes an integer; false when Lua has none so large.
static inline bool vts_push_integer(lua_State *L, unsigned major, uint64_t number) {
  if (number > INT64_MAX) return false;
  lua_pushinteger(L, major == UNSIGNED ? (lua_Integer)number : ~(lua_Integer)number);
  return true;
}

#endif
