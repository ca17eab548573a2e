// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers, booleans and nil as CBOR. Inline, for loops over millions of them.

#ifndef VTS_SCALAR_H
#define VTS_SCALAR_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// The size of the longest scalar in bytes.
enum { VTS_SCALAR_SIZE = 9 };

/// Writes an integer and returns its length.
static inline unsigned vts_put_integer(lua_Integer integer, uint8_t *out) {
  uint8_t major = integer < 0 ? 0x20 : 0;
  uint64_t number = integer < 0 ? ~(uint64_t)integer : (uint64_t)integer;
  if (number < 24) {
    out[0] = (uint8_t)(major | number);
    return 1;
  }
  if (number <= UINT8_MAX) {
    out[0] = major | 24;
    out[1] = (uint8_t)number;
    return 2;
  }
  if (number <= UINT16_MAX) {
    uint16_t bits = __builtin_bswap16((uint16_t)number);
    out[0] = major | 25;
    memcpy(out + 1, &bits, 2);
    return 3;
  }
  if (number <= UINT32_MAX) {
    uint32_t bits = __builtin_bswap32((uint32_t)number);
    out[0] = major | 26;
    memcpy(out + 1, &bits, 4);
    return 5;
  }
  number = __builtin_bswap64(number);
  out[0] = major | 27;
  memcpy(out + 1, &number, 8);
  return 9;
}

/// Writes the CBOR of the value at `index` if it is one of those, and returns its length; 0 if it
/// is none. `out` must have room for VTS_SCALAR_SIZE bytes.
static inline unsigned vts_put_scalar(lua_State *L, int index, uint8_t *out) {
  if (lua_isinteger(L, index)) return vts_put_integer(lua_tointegerx(L, index, NULL), out);
  switch (lua_type(L, index)) {
    case LUA_TNUMBER: {
      lua_Number number = lua_tonumberx(L, index, NULL);
      uint64_t bits;
      memcpy(&bits, &number, 8);
      bits = __builtin_bswap64(bits);
      out[0] = 0xfb;
      memcpy(out + 1, &bits, 8);
      return 9;
    }
    case LUA_TNIL: out[0] = 0xf6; return 1;
    case LUA_TBOOLEAN: out[0] = lua_toboolean(L, index) ? 0xf5 : 0xf4; return 1;
    default: return 0;
  }
}

/// Pushes the scalar that begins at `at`, if it has the form that vts_put_scalar writes, and
/// returns its length; otherwise 0. The stack must have room for it.
static inline size_t vts_push_scalar(lua_State *L, const uint8_t *at, const uint8_t *end) {
  if (at == end) return 0;
  unsigned head = *at, major = head >> 5, info = head & 31;
  size_t length = 1;
  uint64_t number = info;
  if (info >= 24) {
    if (info > 27) return 0;
    length += (size_t)1 << (info - 24);
    if ((size_t)(end - at) < length) return 0;
    switch (info) {
      case 24: number = at[1]; break;
      case 25: {
        uint16_t bits;
        memcpy(&bits, at + 1, 2);
        number = __builtin_bswap16(bits);
        break;
      }
      case 26: {
        uint32_t bits;
        memcpy(&bits, at + 1, 4);
        number = __builtin_bswap32(bits);
        break;
      }
      default: {
        uint64_t bits;
        memcpy(&bits, at + 1, 8);
        number = __builtin_bswap64(bits);
      }
    }
  }
  if (major <= 1) {
    if (number > INT64_MAX) return 0;
    lua_pushinteger(L, major ? ~(lua_Integer)number : (lua_Integer)number);
    return length;
  }
  if (head == 0xfb) {
    lua_Number value;
    memcpy(&value, &number, 8);
    lua_pushnumber(L, value);
    return length;
  }
  if (head == 0xf6) lua_pushnil(L);
  else if (head == 0xf5 || head == 0xf4) lua_pushboolean(L, head == 0xf5);
  else return 0;
  return length;
}

#endif
