// SPDX-License-Identifier: BSD-3-Clause
//
// Scalars: nil, booleans, numbers and strings.

#ifndef VTS_PUT_H
#define VTS_PUT_H

#include "walk.h"

/// Writes the value at `index`, of this type, if it is a scalar; false if it is none. Strings that
/// may be shared are left to vts_begin.
static inline bool vts_scalar_at(vts_encoder *e, lua_State *L, int index, int type) {
  uint8_t *at;
  switch (type) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
      if (!(at = vts_room(e, 1))) return true;
      *at = type == LUA_TNIL ? 0xF6 : lua_toboolean(L, index) ? 0xF5 : 0xF4;
      e->out.count++;
      return true;
    case LUA_TNUMBER:
      if (!(at = vts_room(e, HEAD_SIZE))) return true;
      if (lua_isinteger(L, index)) {
        lua_Integer value = lua_tointegerx(L, index, NULL);
        at = value < 0 ? vts_put_head(at, NEGATIVE, ~(uint64_t)value)
                       : vts_put_head(at, UNSIGNED, (uint64_t)value);
      } else {
        lua_Number value = lua_tonumberx(L, index, NULL);
        uint64_t bits;
        memcpy(&bits, &value, 8);
        if (value != value && e->rules & VTS_CANONICAL) bits = 0x7FF8000000000000;
        bits = __builtin_bswap64(bits);
        *at++ = 0xFB;
        memcpy(at, &bits, 8);
        at += 8;
      }
      vts_advance(e, at);
      return true;
    case LUA_TSTRING: {
      size_t length;
      const char *bytes = lua_tolstring(L, index, &length);
      if (e->rules & VTS_REFERENCES && length >= SHARED_STRING_LENGTH) return false;
      vts_bytes_item(e, BYTES, bytes, length);
      return true;
    }
    default: return false;
  }
}

/// Like vts_scalar_at, for the value on top.
static inline bool vts_scalar(vts_encoder *e, lua_State *L, int type) {
  return vts_scalar_at(e, L, -1, type);
}

#endif
