// SPDX-License-Identifier: BSD-3-Clause

#include "value.h"

#include <CLuaGuard.h>

#include "push.h"
#include "tagged.h"

// MARK: Shared values

static void begin_mark(vts_decoder *d, lua_State *L) {
  if (d->mark >= 0) vts_malformed(d, L, "a value is marked twice as shared");
  if (!VTS_ROOM_FOR_ONE(d->shared, d->shared_count, d->shared_capacity)) vts_no_memory(d, L);
  d->mark = (int64_t)d->shared_count;
  d->shared[d->shared_count++] = SHARED_NOT_YET;
}

static void read_object_reference(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (d->mark >= 0) vts_malformed(d, L, "a reference is marked as shared");
  if (head.major != UNSIGNED || head.number >= d->shared_count ||
      d->shared[head.number] != SHARED_VALUE)
    vts_malformed(d, L, "a reference to nothing");
  lua_rawgeti(L, SLOT_SHARED, (lua_Integer)head.number + 1);
}

// MARK: Containers

static int clamp(uint64_t count) { return count > INT32_MAX / 2 ? INT32_MAX / 2 : (int)count; }

/// Begins a table, or continues with the one that a class definition fills. True: it is empty, and
/// complete.
static bool open_table(vts_decoder *d, lua_State *L, unsigned major, uint64_t n) {
  if (major == MAP && n > UINT64_MAX / 2) n = UINT64_MAX / 2;
  vts_expect(d, L, major == MAP ? 2 * n : n);
  if (d->fill) d->fill = false;
  else lua_createtable(L, major == MAP ? 0 : clamp(n), major == MAP ? clamp(n) : 0);
  vts_mark(d, L, SHARED_VALUE);
  if (n == 0) return true;
  vts_open_new(d, L, major == MAP ? OPEN_MAP : OPEN_LIST, lua_gettop(L), n);
  return false;
}

// MARK: Values

static bool read_tagged(vts_decoder *d, lua_State *L, uint64_t tag) {
  switch (tag) {
    case TAG_LIST: return vts_read_list(d, L);
    case TAG_FUNCTION: return vts_read_function(d, L);
    case TAG_NAMED: return vts_read_named(d, L);
    case TAG_SHARED_STRING: return vts_read_shared_string(d, L);
    case TAG_HOST: return vts_read_host(d, L);
    case TAG_ROOT: return vts_read_root(d, L);
    case TAG_OBJECT: return vts_read_object(d, L);
    case TAG_ARRAY:
    case TAG_BOOLEANS:
    case TAG_COMPLEX: return vts_read_array_item(d, L, tag);
    case TAG_SHARED_ARRAY: return vts_read_shared_array(d, L);
    default: vts_malformed(d, L, "unknown tag %llu", (unsigned long long)tag);
  }
}

/// Raises if the next value, the content of a class or object, is not a table of its own.
static void expect_table(vts_decoder *d, lua_State *L, bool may_be_object) {
  const uint8_t *at = d->at;
  vts_item_head head = vts_read_head(d, L);
  d->at = at;
  if (head.major == ARRAY || head.major == MAP) return;
  if (head.major == TAG && head.number == TAG_LIST) return;
  if (head.major == TAG && head.number == TAG_OBJECT && may_be_object) return;
  vts_malformed(d, L, "a class or an object whose content is not a table");
}

static void push_untagged(vts_decoder *d, lua_State *L, const vts_item_head *head) {
  switch (head->major) {
    case UNSIGNED:
    case NEGATIVE:
      if (vts_push_integer(L, head->major, head->number)) return;
      vts_malformed(d, L, "an integer of more than 64 bits");
    case SIMPLE:
      if (vts_push_simple(L, head->info, head->number)) return;
      vts_malformed(d, L, "a simple value that Lua does not have");
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
      read_object_reference(d, L);
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

/// Moves the value on top into the innermost frame. True: this completes the frame's value, which
/// is on top now.
static bool deliver(vts_decoder *d, lua_State *L) {
  vts_open_frame *frame = &d->frames[d->depth - 1];
  switch ((vts_open_kind)frame->kind) {
    case OPEN_ELEMENTS: frame->i++; return false;
    case OPEN_LIST:
      lua_rawseti(L, frame->slot, (lua_Integer)++frame->i);
      break;
    case OPEN_MAP:
      if (!frame->has_key) {
        if (lua_type(L, -1) == LUA_TNIL && !d->partial) vts_malformed(d, L, "a key that is nil");
        if (lua_type(L, -1) == LUA_TNUMBER && !lua_rawequal(L, -1, -1))
          vts_malformed(d, L, "a key that is NaN");
        frame->has_key = true;
        return false;
      }
      frame->has_key = false;
      frame->i++;
      if (lua_type(L, -2) == LUA_TNIL) lua_settop(L, -3);
      else lua_rawset(L, frame->slot);
      break;
    case OPEN_FUNCTION:
      frame->i++;
      lua_setupvalue(L, frame->slot, (int)frame->i);
      return false;  // vts_run closes the frame
    case OPEN_OBJECT:
      // The table lies above the class.
      lua_rotate(L, -2, 1);
      vtl_set_metatable(L, -2);
      frame->i++;
      break;
  }
  if (frame->i < frame->n) return false;
  close_frame(d);
  return true;
}

void vts_run(vts_decoder *d, lua_State *L) {
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
      d->expected--;
      if (!vts_open_cell(d, L)) continue;
    } else if (frame->kind == OPEN_ELEMENTS) {
      if (frame->i == frame->n) return;
      d->expected--;
    } else {
      d->expected--;
      if (frame->kind == OPEN_OBJECT) expect_table(d, L, false);
    }
    complete = read_value(d, L);
  }
}
