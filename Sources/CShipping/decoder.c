// SPDX-License-Identifier: BSD-3-Clause
//
// Items: from bytes to stack slots. An item that fails leaves no values.

#include "decoder.h"

#include <lauxlib.h>
#include <lua_internals.h>
#include <stdlib.h>
#include <string.h>

#include "push.h"
#include "value.h"

static int decode_item(lua_State *L) {
  vts_decoder *d = lua_touserdata(L, SLOT_DECODER);
  lua_settop(L, SLOT_DECODER);
  lua_pushnil(L);
  d->room = SLOT_SHARED + LUA_MINSTACK - 2;
  if (d->elements < 0) {
    vts_run(d, L);
    return 1;
  }
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY) vts_malformed(d, L, "expected an array of values");
  vts_expect(d, L, head.number);
  if (head.number >= LUAI_MAXSTACK || vtl_stack_is_full(L, (int)head.number + 16))
    vts_malformed(d, L, "more values than the Lua stack can hold");
  if (!lua_checkstack(L, (int)head.number + 16)) vts_no_memory(d, L);
  d->elements = (int)head.number;
  d->room = lua_gettop(L) + d->elements + 16;
  vts_open_new(d, L, OPEN_ELEMENTS, SLOT_SHARED, head.number);
  vts_run(d, L);
  return d->elements;
}

// MARK: Scalars, without a protected call

/// Pushes the scalar at `*at` and moves past it; false, and nothing pushed, if it is none.
static inline bool push_scalar(lua_State *L, const uint8_t **at, const uint8_t *end) {
  if (*at == end) return false;
  unsigned major = **at >> 5, info = **at & 31;
  if ((major > NEGATIVE && major != SIMPLE) || info > 27) return false;
  uint64_t number = info;
  size_t length = 1;
  if (info >= 24) {
    length += 1u << (info - 24);
    if ((size_t)(end - *at) < length) return false;
    number = vts_read_number(*at + 1, info - 24);
  }
  if (!(major == SIMPLE ? vts_push_simple(L, info, number) : vts_push_integer(L, major, number)))
    return false;
  *at += length;
  return true;
}

/// Arrays with more elements take a protected call.
enum { FEW = 8 };

/// Pushes the elements of the array at `*at`, if they are few scalars.
static bool push_scalars(lua_State *L, const uint8_t **at, const uint8_t *end, int *count) {
  if (*at == end || **at >> 5 != ARRAY || (**at & 31) > FEW) return false;
  const uint8_t *next = *at + 1;
  int n = **at & 31, top = lua_gettop(L);
  for (int i = 0; i < n; i++) {
    if (!push_scalar(L, &next, end)) {
      lua_settop(L, top);
      return false;
    }
  }
  *at = next;
  *count = n;
  return true;
}

// MARK: Items

static void release(vts_decoder *d, lua_State *L) {
  if (d->reading) pthread_rwlock_unlock(&d->reading->lock);
  d->reading = NULL;
  bool postponed = d->postponed;
  d->postponed = false;
  if (postponed) vtl_resume_collector(L);
}

static int decode_protected(vts_decoder *d, lua_State *L, const uint8_t *at, const uint8_t *end,
                            const vts_references *references, int results) {
  d->at = at;
  d->end = end;
  d->references = references;
  d->depth = d->shared_count = d->code_count = 0;
  d->expected = 0;
  d->mark = -1;
  d->fill = d->malformed = d->no_memory = false;
  d->missing[0] = '\0';
  d->elements = results == 1 ? -1 : 0;
  d->busy = true;
  lua_pushcfunction(L, decode_item);
  lua_pushlightuserdata(L, d);
  int status = lua_pcall(L, 1, results, 0);
  d->busy = false;
  release(d, L);
  if (status != LUA_OK && (d->malformed || d->no_memory)) {
    lua_settop(L, -2);
    return d->malformed ? VTS_MALFORMED : VTS_NO_MEMORY;
  }
  return status;
}

/// Uses a decoder of its own where this one is busy: modules that an item requires, and finalizers,
/// may decode too.
static int decode(vts_decoder *d, lua_State *L, const uint8_t *bytes, size_t count,
                  size_t *position, const vts_references *references, int results) {
  vts_decoder *own = d;
  if (d->busy && !(own = vts_decoder_new(d->trusted, d->requires))) return VTS_NO_MEMORY;
  own->describes = d->describes;
  own->partial = d->partial;
  own->begin = bytes;
  int status =
      decode_protected(own, L, bytes + *position, bytes + count, references, results);
  if (status == LUA_OK) *position = (size_t)(own->at - bytes);
  if (own != d) {
    d->where = own->where;
    memcpy(d->what, own->what, sizeof d->what);
    memcpy(d->missing, own->missing, sizeof d->missing);
    vts_decoder_free(own);
  }
  return status;
}

int vts_decode(vts_decoder *d, lua_State *L, const uint8_t *bytes, size_t count, size_t *position,
               const vts_references *references) {
  if (!lua_checkstack(L, 4)) return VTS_NO_STACK;
  if (*position > count) *position = count;
  const uint8_t *at = bytes + *position;
  if (push_scalar(L, &at, bytes + count)) {
    *position = (size_t)(at - bytes);
    return VTS_OK;
  }
  return decode(d, L, bytes, count, position, references, 1);
}

int vts_decode_elements(vts_decoder *d, lua_State *L, const uint8_t *bytes, size_t count,
                        size_t *position, const vts_references *references, int *elements) {
  if (!lua_checkstack(L, FEW + 4)) return VTS_NO_STACK;
  if (*position > count) *position = count;
  const uint8_t *at = bytes + *position;
  if (push_scalars(L, &at, bytes + count, elements)) {
    *position = (size_t)(at - bytes);
    return VTS_OK;
  }
  int top = lua_gettop(L);
  int status = decode(d, L, bytes, count, position, references, LUA_MULTRET);
  *elements = status == VTS_OK ? lua_gettop(L) - top : 0;
  return status;
}

const char *vts_malformation(const vts_decoder *d, size_t *position) {
  *position = d->where;
  return d->what;
}

vts_decoder *vts_decoder_new(bool trusted, bool requires) {
  vts_decoder *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  d->trusted = trusted;
  d->requires = requires;
  d->roots = LUA_NOREF;
  return d;
}

void vts_decoder_describe(vts_decoder *d) { d->describes = true; }

void vts_decoder_be_partial(vts_decoder *d) { d->partial = true; }

void vts_decoder_roots(vts_decoder *d, int reference) { d->roots = reference; }

const char *vts_missing(const vts_decoder *d) { return d->missing; }

void vts_decoder_free(vts_decoder *d) {
  free(d->frames);
  free(d->shared);
  free(d->codes);
  free(d);
}
