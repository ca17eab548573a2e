// SPDX-License-Identifier: BSD-3-Clause
//
// A fuzzer for the codec, for libFuzzer; scripts/fuzz builds and runs it.
//
// The first byte selects the use of the others: a message from an untrusted source, or instructions
// that build a value. A value that was decoded or built is encoded and decoded again; its canonical
// form must not change.

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CShipping.h"
#include "arrays.h"

static lua_State *L;
static vts_encoder *plain, *canonical, *partial;
static vts_decoder *untrusted, *trusted, *gaps, *untrusted_gaps;

static void fail(const char *text) {
  fprintf(stderr, "shipping: %s\n", text);
  abort();
}

/// Closures for the instructions: with shared upvalues, recursion, and _ENV at several positions.
static const char closures[] =
    "local n, log = 0, {}\n"
    "local function count() n = n + 1; log[n] = count; return n end\n"
    "local function even(i) return i == 0 or count(i - 1) end\n"
    "local function quiet() return 1 end\n"
    "local function late(x) return x, log, print end\n"
    "return {count, function() return n, even end, quiet, late,\n"
    "  function(...) local f = function() return n, quiet end return f, ... end}";

/// Opens a new state. Instructions may add fields to `string`, so that a state is used for a
/// limited number of inputs.
static void prepare(void) {
  if (L) lua_close(L);
  L = luaL_newstate();
  luaL_openlibs(L);
  if (vts_open(L) != VTS_OK) fail("no registry");
  lua_createtable(L, 0, 0);
  if (vts_register_class(L, "Point", 5) != VTS_OK) fail("no class");
  if (luaL_dostring(L, closures) != LUA_OK) fail(lua_tostring(L, -1));
  lua_setfield(L, LUA_REGISTRYINDEX, "closures");
  if (plain) return;
  vts_register_arrays(&fuzz_arrays);
  plain = vts_encoder_new(VTS_FUNCTIONS, (vts_reference_sink){0});
  canonical = vts_encoder_new(VTS_FUNCTIONS | VTS_CANONICAL, (vts_reference_sink){0});
  partial = vts_encoder_new(VTS_FUNCTIONS | VTS_PARTIAL, (vts_reference_sink){0});
  untrusted = vts_decoder_new(false, false);
  trusted = vts_decoder_new(true, false);
  gaps = vts_decoder_new(true, false);
  untrusted_gaps = vts_decoder_new(false, false);
  vts_decoder_be_partial(gaps);
  vts_decoder_be_partial(untrusted_gaps);
}

static uint8_t *encoded(vts_encoder *encoder, int index, size_t *count, bool must) {
  int top = lua_gettop(L);
  int status = vts_encode(encoder, L, index);
  if (status == VTS_OK) {
    if (lua_gettop(L) != top) fail("the encoder has changed the stack");
    return vts_encoder_take(encoder, count);
  }
  if (must) fail("a decoded value cannot be encoded");
  if (status != VTS_REFUSED) fail("the encoder failed");
  if (lua_gettop(L) != top) fail("a refusal has changed the stack");
  return NULL;
}

static void decode_again(const uint8_t *bytes, size_t count) {
  size_t position = 0;
  int status = vts_decode(trusted, L, bytes, count, &position, NULL);
  if (status == VTS_MALFORMED) fail(vts_malformation(trusted, &position));
  if (status != VTS_OK) fail("an encoded value cannot be decoded");
  if (position != count) fail("an encoded value was not read to its end");
}

/// Encodes the value on top without what cannot be encoded, and decodes it.
static void partial_round_trip(void) {
  size_t count, position = 0;
  uint8_t *bytes = encoded(partial, -1, &count, false);
  if (!bytes) return;
  int status = vts_decode(gaps, L, bytes, count, &position, NULL);
  if (status == VTS_MALFORMED) fail(vts_malformation(gaps, &position));
  if (status != VTS_OK) fail("an incomplete value cannot be decoded");
  lua_settop(L, -2);
  free(bytes);
}

static void same(const uint8_t *one, size_t one_count, const uint8_t *other, size_t count) {
  if (one_count != count || memcmp(one, other, count) != 0) fail("the canonical form has changed");
}

/// Encodes and decodes the value on top, in both forms.
static void round_trip(void) {
  partial_round_trip();
  size_t count, first_count, second_count;
  uint8_t *bytes = encoded(plain, -1, &count, false);
  uint8_t *first = encoded(canonical, -1, &first_count, false);
  if (bytes) {
    decode_again(bytes, count);
    uint8_t *second = encoded(canonical, -1, &second_count, first);
    if (first) same(first, first_count, second, second_count);
    free(second);
    lua_settop(L, -2);
  }
  if (first) {
    decode_again(first, first_count);
    uint8_t *second = encoded(canonical, -1, &second_count, true);
    same(first, first_count, second, second_count);
    free(second);
    lua_settop(L, -2);
  }
  free(bytes);
  free(first);
}

static void decode_untrusted(const uint8_t *bytes, size_t count, bool elements) {
  size_t position = 0;
  int with_gaps = vts_decode(untrusted_gaps, L, bytes, count, &position, NULL);
  if (lua_gettop(L) != (with_gaps >= 0)) fail("the decoder with gaps has changed the stack");
  lua_settop(L, 0);
  position = 0;
  int pushed = 1, status;
  if (elements) status = vts_decode_elements(untrusted, L, bytes, count, &position, NULL, &pushed);
  else status = vts_decode(untrusted, L, bytes, count, &position, NULL);
  if (status == VTS_OK) {
    if (lua_gettop(L) != pushed) fail("the decoder has changed the stack");
    if (position > count) fail("the decoder has read past the end");
    if (pushed) round_trip();
    return;
  }
  if (lua_gettop(L) != (status > 0)) fail("a decoder's error has changed the stack");
  if (position != 0) fail("a decoder's error has changed the position");
}

// MARK: Instructions

enum { LARGEST_STACK = 100 };

static int64_t take(const uint8_t **at, const uint8_t *end, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size && *at < end; i++) value = value << 8 | *(*at)++;
  return (int64_t)value;
}

static void make_number(const uint8_t **at, const uint8_t *end, bool is_float) {
  int64_t bits = take(at, end, 8);
  lua_Number number;
  memcpy(&number, &bits, 8);
  if (is_float) lua_pushnumber(L, number);
  else lua_pushinteger(L, bits);
}

static void make_list(const uint8_t **at, const uint8_t *end) {
  int64_t how = take(at, end, 1);
  lua_createtable(L, 0, 0);
  for (int64_t i = 1; i <= how % 40; i++) {
    if (how & 0x80 && i == how % 37) lua_pushboolean(L, 1);
    else if (how & 0x40) lua_pushinteger(L, i * how);
    else lua_pushnumber(L, (lua_Number)i / 2);
    lua_rawseti(L, -2, how & 1 ? how % 40 + 1 - i : i);
  }
}

/// Pushes a value of the stack again, so that it is shared.
static void make_copy(const uint8_t **at, const uint8_t *end) {
  lua_pushvalue(L, 1 + (int)(take(at, end, 1) % lua_gettop(L)));
}

static void make(const uint8_t **at, const uint8_t *end) {
  switch (take(at, end, 1) % 14) {
    case 0: lua_pushnil(L); break;
    case 1: lua_pushboolean(L, (int)take(at, end, 1) & 1); break;
    case 2: lua_pushinteger(L, (int8_t)take(at, end, 1)); break;
    case 3: make_number(at, end, false); break;
    case 4: make_number(at, end, true); break;
    case 5: {
      size_t length = (size_t)take(at, end, 1);
      if (length > (size_t)(end - *at)) length = (size_t)(end - *at);
      lua_pushlstring(L, (const char *)*at, length);
      *at += length;
      break;
    }
    case 6: make_list(at, end); break;
    case 7: make_copy(at, end); break;
    case 8:
      lua_getfield(L, LUA_REGISTRYINDEX, "closures");
      lua_rawgeti(L, -1, 1 + take(at, end, 1) % 5);
      lua_replace(L, -2);
      break;
    case 9:
      lua_createtable(L, 0, 0);
      vts_push_classes(L);
      lua_rawgeti(L, -1, 1);
      lua_replace(L, -2);
      lua_setmetatable(L, -2);
      break;
    case 10: lua_getglobal(L, take(at, end, 1) & 1 ? "string" : "print"); break;
    default: lua_createtable(L, 0, 0);
  }
}

/// Joins an upvalue, or sets one.
static void change_function(int64_t how) {
  if (lua_type(L, 1) != LUA_TFUNCTION || lua_iscfunction(L, 1)) return;
  int upvalue = 1 + (int)(how % 3);
  lua_pushvalue(L, -1);
  if (how & 1 && lua_type(L, -1) == LUA_TFUNCTION && !lua_iscfunction(L, -1)) {
    if (lua_upvalueid(L, 1, upvalue) && lua_upvalueid(L, -1, 1))
      lua_upvaluejoin(L, 1, upvalue, -1, 1);
    lua_settop(L, -2);
  } else if (!lua_setupvalue(L, 1, upvalue)) {
    lua_settop(L, -2);
  }
}

static void follow(const uint8_t *at, const uint8_t *end) {
  lua_checkstack(L, LARGEST_STACK + 20);
  lua_createtable(L, 0, 0);
  while (at < end) {
    int64_t how = take(&at, end, 1);
    make(&at, end);
    int top = lua_gettop(L);
    if (how & 0x80) change_function(how);
    int table = 1 + (int)(how % top);
    if (lua_type(L, table) == LUA_TTABLE && table != top && how & 0x40) {
      if (how & 0x20 || top < 3 || lua_type(L, -2) == LUA_TNIL ||
          !lua_rawequal(L, -2, -2)) {
        lua_rawseti(L, table, (lua_Integer)lua_rawlen(L, table) + 1);
      } else if (table < top - 1) {
        lua_rawset(L, table);
      }
    }
    if (lua_gettop(L) > LARGEST_STACK) lua_settop(L, LARGEST_STACK / 2);
  }
  lua_settop(L, 1);
  round_trip();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static int times;
  if (times++ % 2000 == 0) prepare();
  if (count < 1) return 0;
  lua_settop(L, 0);
  if (bytes[0] & 1) {
    // Instructions change closures: each input begins with new ones.
    if (luaL_dostring(L, closures) != LUA_OK) fail(lua_tostring(L, -1));
    lua_setfield(L, LUA_REGISTRYINDEX, "closures");
    follow(bytes + 1, bytes + count);
  } else {
    decode_untrusted(bytes + 1, count - 1, bytes[0] & 2);
  }
  lua_settop(L, 0);
  return 0;
}
