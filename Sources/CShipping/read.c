// SPDX-License-Identifier: BSD-3-Clause
//
// Bytes as heads and strings, and what is said of those that are neither.

#include <stdarg.h>
#include <stdio.h>

#include "push.h"

/// What is raised when the decoder says why.
static const char failed;

void vts_malformed(vts_decoder *d, lua_State *L, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(d->what, sizeof d->what, format, arguments);
  va_end(arguments);
  d->malformed = true;
  d->where = (size_t)(d->at - d->begin);
  lua_settop(L, SLOT_SHARED);
  lua_pushlightuserdata(L, (void *)&failed);
  lua_error(L);
  __builtin_unreachable();
}

void vts_no_memory(vts_decoder *d, lua_State *L) {
  d->no_memory = true;
  lua_settop(L, SLOT_SHARED);
  lua_pushlightuserdata(L, (void *)&failed);
  lua_error(L);
  __builtin_unreachable();
}

vts_item_head vts_read_head(vts_decoder *d, lua_State *L) {
  if (d->at == d->end) vts_malformed(d, L, "the bytes end too early");
  vts_item_head head = {*d->at >> 5, *d->at & 31, *d->at & 31};
  if (head.info < 24) {
    d->at++;
    return head;
  }
  if (head.info == 31)
    vts_malformed(d, L, head.major == SIMPLE ? "a break" : "an indefinite length");
  if (head.info > 27) vts_malformed(d, L, "a reserved head");
  unsigned power = head.info - 24;
  if (vts_left(d) < 1 + (1u << power)) {
    d->at = d->end;
    vts_malformed(d, L, "the bytes end too early");
  }
  head.number = vts_read_number(d->at + 1, power);
  d->at += 1 + (1u << power);
  return head;
}

const uint8_t *vts_read_bytes(vts_decoder *d, lua_State *L, uint64_t length) {
  if (length > vts_left(d)) vts_malformed(d, L, "a string is longer than the bytes");
  const uint8_t *bytes = d->at;
  d->at += length;
  return bytes;
}

lua_Number vts_from_half(uint64_t bits) {
  unsigned exponent = bits >> 10 & 31;
  lua_Number mantissa = (lua_Number)(bits & 1023), value;
  if (exponent == 0) value = mantissa * 0x1p-24;
  else if (exponent < 31) value = (mantissa + 1024) * __builtin_ldexp(1, (int)exponent - 25);
  else value = mantissa == 0 ? __builtin_inf() : __builtin_nan("");
  return bits & 0x8000 ? -value : value;
}
