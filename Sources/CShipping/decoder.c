// SPDX-License-Identifier: BSD-3-Clause

#include "decoder.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>

// MARK: Bytes

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

static inline uint64_t left(const vts_decoder *d) { return (uint64_t)(d->end - d->at); }

static inline uint64_t read_number(const uint8_t *at, unsigned power) {
  uint64_t number = 0;
  memcpy(&number, at, 1u << power);
  return __builtin_bswap64(number) >> (64 - (8u << power));
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
  if (left(d) < 1 + (1u << power)) {
    d->at = d->end;
    vts_malformed(d, L, "the bytes end too early");
  }
  head.number = read_number(d->at + 1, power);
  d->at += 1 + (1u << power);
  return head;
}

const uint8_t *vts_read_bytes(vts_decoder *d, lua_State *L, uint64_t length) {
  if (length > left(d)) vts_malformed(d, L, "a string is longer than the bytes");
  const uint8_t *bytes = d->at;
  d->at += length;
  return bytes;
}

// MARK: Shared values

void vts_mark(vts_decoder *d, lua_State *L, int what) {
  if (d->mark < 0) return;
  if (lua_type(L, SLOT_SHARED) != LUA_TTABLE) {
    lua_createtable(L, 4, 0);
    lua_replace(L, SLOT_SHARED);
  }
  lua_pushvalue(L, -1);
  lua_rawseti(L, SLOT_SHARED, d->mark + 1);
  d->shared[d->mark] = what;
  d->mark = -1;
}

static void begin_mark(vts_decoder *d, lua_State *L) {
  if (d->mark >= 0) vts_malformed(d, L, "a value is marked twice as shared");
  if (!VTS_ROOM_FOR_ONE(d->shared, d->shared_count, d->shared_capacity))
    vts_no_memory(d, L);
  d->mark = (int64_t)d->shared_count;
  d->shared[d->shared_count++] = SHARED_NOT_YET;
}

static void read_reference(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (d->mark >= 0) vts_malformed(d, L, "a reference is marked as shared");
  if (head.major != UNSIGNED || head.number >= d->shared_count ||
      d->shared[head.number] != SHARED_VALUE)
    vts_malformed(d, L, "a reference to nothing");
  lua_rawgeti(L, SLOT_SHARED, (lua_Integer)head.number + 1);
}

// MARK: Containers

vts_open_frame *vts_open_new(vts_decoder *d, lua_State *L, vts_open_kind kind, int slot,
                             uint64_t n) {
  if (d->depth >= VTS_MAX_DEPTH) vts_malformed(d, L, "values are nested too deeply");
  if (slot + 12 > d->room) {
    if (!lua_checkstack(L, 256)) {
      if (vts_stack_is_full(L, 256)) vts_malformed(d, L, "values are nested too deeply");
      vts_no_memory(d, L);
    }
    d->room = lua_gettop(L) + 256;
  }
  if (!VTS_ROOM_FOR_ONE(d->frames, d->depth, d->frame_capacity))
    vts_no_memory(d, L);
  vts_open_frame *frame = &d->frames[d->depth++];
  *frame = (vts_open_frame){.kind = (uint8_t)kind, .slot = slot, .n = n};
  return frame;
}

/// Every value that is expected takes a byte: so no count can claim more than there is.
static void owe(vts_decoder *d, lua_State *L, uint64_t values) {
  if (values > left(d) || d->owed > left(d) - values)
    vts_malformed(d, L, "more values are promised than there are bytes");
  d->owed += values;
}

static int clamp(uint64_t count) { return count > INT32_MAX / 2 ? INT32_MAX / 2 : (int)count; }

/// Begins a table, or goes on with the one that is to be filled. True: there is nothing in it.
static bool open_table(vts_decoder *d, lua_State *L, unsigned major, uint64_t n) {
  if (major == MAP && n > UINT64_MAX / 2) n = UINT64_MAX / 2;
  owe(d, L, major == MAP ? 2 * n : n);
  if (d->fill) d->fill = false;
  else lua_createtable(L, major == MAP ? 0 : clamp(n), major == MAP ? clamp(n) : 0);
  vts_mark(d, L, SHARED_VALUE);
  if (n == 0) return true;
  vts_open_new(d, L, major == MAP ? OPEN_MAP : OPEN_LIST, lua_gettop(L), n);
  return false;
}

bool vts_read_object(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number != 2) vts_malformed(d, L, "an object without a class");
  owe(d, L, 1);
  int64_t mark = d->mark;
  d->mark = -1;
  bool fill = d->fill;
  d->fill = false;
  head = vts_read_head(d, L);
  if (head.major == TAG && head.number == TAG_NAMED) {
    vts_read_named(d, L);
  } else if (head.major == TAG && head.number == TAG_CLASS) {
    if (!vts_read_class(d, L)) vts_malformed(d, L, "an object with a class in the place of its name");
  } else {
    vts_malformed(d, L, "an object without a class");
  }
  if (lua_type(L, -1) != LUA_TTABLE) vts_malformed(d, L, "an object whose class is no table");
  if (fill) lua_rotate(L, -2, 1);
  d->fill = fill;
  d->mark = mark;
  vts_open_new(d, L, OPEN_OBJECT, lua_gettop(L) - fill, 1);
  return false;
}

// MARK: Values

static lua_Number from_half(uint64_t bits) {
  unsigned exponent = bits >> 10 & 31;
  lua_Number mantissa = (lua_Number)(bits & 1023), value;
  if (exponent == 0) value = mantissa * 0x1p-24;
  else if (exponent < 31) value = (mantissa + 1024) * __builtin_ldexp(1, (int)exponent - 25);
  else value = mantissa == 0 ? __builtin_inf() : __builtin_nan("");
  return bits & 0x8000 ? -value : value;
}

/// Pushes a simple value or float; false when it is none that Lua has.
static inline bool push_simple(lua_State *L, unsigned info, uint64_t number) {
  switch (info) {
    case 20: lua_pushboolean(L, 0); return true;
    case 21: lua_pushboolean(L, 1); return true;
    case 22: lua_pushnil(L); return true;
    case 25: lua_pushnumber(L, from_half(number)); return true;
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
static inline bool push_integer(lua_State *L, unsigned major, uint64_t number) {
  if (number > INT64_MAX) return false;
  lua_pushinteger(L, major == UNSIGNED ? (lua_Integer)number : ~(lua_Integer)number);
  return true;
}

static bool read_tagged(vts_decoder *d, lua_State *L, uint64_t tag) {
  switch (tag) {
    case TAG_LIST: return vts_read_list(d, L);
    case TAG_FUNCTION: return vts_read_function(d, L);
    case TAG_NAMED: return vts_read_named(d, L);
    case TAG_LENT: return vts_read_lent(d, L);
    case TAG_HOST: return vts_read_host(d, L);
    case TAG_OBJECT: return vts_read_object(d, L);
    default: vts_malformed(d, L, "the tag %llu is not known", (unsigned long long)tag);
  }
}

/// What comes has to be a table of its own: a class's or an object's content.
static void expect_table(vts_decoder *d, lua_State *L, bool may_be_object) {
  const uint8_t *at = d->at;
  vts_item_head head = vts_read_head(d, L);
  d->at = at;
  if (head.major == ARRAY || head.major == MAP) return;
  if (head.major == TAG && head.number == TAG_LIST) return;
  if (head.major == TAG && head.number == TAG_OBJECT && may_be_object) return;
  vts_malformed(d, L, "a class or an object whose content is no table");
}

static void push_untagged(vts_decoder *d, lua_State *L, const vts_item_head *head) {
  switch (head->major) {
    case UNSIGNED:
    case NEGATIVE:
      if (push_integer(L, head->major, head->number)) return;
      vts_malformed(d, L, "an integer of more than 64 bits");
    case SIMPLE:
      if (push_simple(L, head->info, head->number)) return;
      vts_malformed(d, L, "a simple value that Lua has not");
    default:
      lua_pushlstring(L, (const char *)vts_read_bytes(d, L, head->number), head->number);
  }
}

/// Reads a value. True: it is complete, and on top. False: a frame was opened.
static bool read_value(vts_decoder *d, lua_State *L) {
  bool complete = true;
  for (;;) {
    vts_item_head head = vts_read_head(d, L);
    if (head.major == ARRAY || head.major == MAP)
      return open_table(d, L, head.major, head.number);
    if (head.major != TAG) {
      push_untagged(d, L, &head);
      break;
    }
    if (head.number == TAG_SHARED) {
      begin_mark(d, L);
      continue;
    }
    if (head.number == TAG_REFERENCE) {
      read_reference(d, L);
      break;
    }
    if (head.number == TAG_CLASS) {
      if (vts_read_class(d, L)) break;
      expect_table(d, L, true);
      continue;
    }
    complete = read_tagged(d, L, head.number);
    break;
  }
  if (complete) vts_mark(d, L, SHARED_VALUE);
  return complete;
}

static void close_frame(vts_decoder *d) { d->depth--; }

/// Takes the value on top into the innermost frame. True: that is complete by it, and on top.
static bool deliver(vts_decoder *d, lua_State *L) {
  vts_open_frame *frame = &d->frames[d->depth - 1];
  switch ((vts_open_kind)frame->kind) {
    case OPEN_ELEMENTS: frame->i++; return false;
    case OPEN_LIST:
      lua_rawseti(L, frame->slot, (lua_Integer)++frame->i);
      break;
    case OPEN_MAP:
      if (!frame->has_key) {
        if (lua_type(L, -1) == LUA_TNIL) vts_malformed(d, L, "a key that is nil");
        if (lua_type(L, -1) == LUA_TNUMBER && !lua_rawequal(L, -1, -1))
          vts_malformed(d, L, "a key that is NaN");
        frame->has_key = true;
        return false;
      }
      frame->has_key = false;
      frame->i++;
      lua_rawset(L, frame->slot);
      break;
    case OPEN_FUNCTION:
      frame->i++;
      lua_setupvalue(L, frame->slot, (int)frame->i);
      return false;  // closed when the next cell is looked for
    case OPEN_OBJECT:
      // Above the class: the table.
      lua_rotate(L, -2, 1);
      lua_setmetatable(L, -2);
      frame->i++;
      break;
  }
  if (frame->i < frame->n) return false;
  close_frame(d);
  return true;
}

static void run(vts_decoder *d, lua_State *L) {
  bool complete = d->elements < 0 && read_value(d, L);
  for (;;) {
    while (complete) {
      if (!d->depth) return;
      complete = deliver(d, L);
    }
    vts_open_frame *frame = &d->frames[d->depth - 1];
    if (frame->kind == OPEN_FUNCTION) {
      if (frame->i == frame->n) {
        close_frame(d);
        complete = true;
        continue;
      }
      d->owed--;
      if (!vts_open_cell(d, L)) continue;
    } else if (frame->kind == OPEN_ELEMENTS) {
      if (frame->i == frame->n) return;
      d->owed--;
    } else {
      d->owed--;
      if (frame->kind == OPEN_OBJECT) expect_table(d, L, false);
    }
    complete = read_value(d, L);
  }
}

static int decode_item(lua_State *L) {
  vts_decoder *d = lua_touserdata(L, SLOT_DECODER);
  lua_settop(L, SLOT_DECODER);
  lua_pushnil(L);
  d->room = SLOT_SHARED + LUA_MINSTACK - 2;
  if (d->elements < 0) {
    run(d, L);
    return 1;
  }
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY) vts_malformed(d, L, "no array, where one of values is expected");
  owe(d, L, head.number);
  if (head.number >= LUAI_MAXSTACK || vts_stack_is_full(L, (int)head.number + 16))
    vts_malformed(d, L, "more values than the Lua stack can hold");
  if (!lua_checkstack(L, (int)head.number + 16)) vts_no_memory(d, L);
  d->elements = (int)head.number;
  d->room = lua_gettop(L) + d->elements + 16;
  vts_open_new(d, L, OPEN_ELEMENTS, SLOT_SHARED, head.number);
  run(d, L);
  return d->elements;
}

// MARK: Scalars, without a protected call

/// Pushes the scalar at `*at` and steps over it; false when it is anything else.
static inline bool push_scalar(lua_State *L, const uint8_t **at, const uint8_t *end) {
  if (*at == end) return false;
  unsigned major = **at >> 5, info = **at & 31;
  if ((major > NEGATIVE && major != SIMPLE) || info > 27) return false;
  uint64_t number = info;
  size_t length = 1;
  if (info >= 24) {
    length += 1u << (info - 24);
    if ((size_t)(end - *at) < length) return false;
    number = read_number(*at + 1, info - 24);
  }
  if (!(major == SIMPLE ? push_simple(L, info, number) : push_integer(L, major, number)))
    return false;
  *at += length;
  return true;
}

enum { FEW = 8 };

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
  if (postponed) vts_resume_collector(L);
}

static int decode_protected(vts_decoder *d, lua_State *L, const uint8_t *at, const uint8_t *end,
                            const vts_references *references, int results) {
  d->at = at;
  d->end = end;
  d->references = references;
  d->depth = d->shared_count = d->code_count = 0;
  d->owed = 0;
  d->mark = -1;
  d->fill = d->malformed = d->no_memory = false;
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

/// The module that an item requires, and finalizers, may decode with the same decoder.
static int decode(vts_decoder *d, lua_State *L, const uint8_t *bytes, size_t count,
                  size_t *position, const vts_references *references, int results) {
  vts_decoder *own = d;
  if (d->busy && !(own = vts_decoder_new(d->trusted, d->requires))) return VTS_NO_MEMORY;
  own->begin = bytes;
  int status =
      decode_protected(own, L, bytes + *position, bytes + count, references, results);
  if (status == LUA_OK) *position = (size_t)(own->at - bytes);
  if (own != d) {
    d->where = own->where;
    memcpy(d->what, own->what, sizeof d->what);
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
  return d;
}

void vts_decoder_free(vts_decoder *d) {
  free(d->frames);
  free(d->shared);
  free(d->codes);
  free(d);
}
