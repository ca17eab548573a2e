// SPDX-License-Identifier: BSD-3-Clause
//
// The state of an encoder's walk: its frame stack, its output and its first failure.
//
// The encoder walks over values with a work-list of its own, and keeps the containers that it is
// inside of on the Lua stack. It does not allocate in Lua, so that nothing raises and no finalizer
// runs. The exceptions run under lua_pcall, after a call of vts_allocates.

#ifndef VTS_WALK_H
#define VTS_WALK_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CShipping.h"
#include "bytes.h"
#include "format.h"
#include "memo.h"

typedef enum {
  FRAME_ELEMENTS,  ///< stack values from `slot` on
  FRAME_LIST,
  FRAME_MAP,     ///< the key lies above the table
  FRAME_SORTED,  ///< like FRAME_MAP, in the order of `keys`
  FRAME_FUNCTION,
} vts_frame_kind;

typedef struct {
  uint8_t kind;
  bool in_key;   ///< the current key is being written
  int slot;      ///< of the table or function
  int64_t i, n;  ///< the current element or upvalue, and their number
} vts_frame;

typedef struct {
  uint64_t hash;
  size_t offset, length;  ///< of the bytecode in `out`
} vts_code;

/// A key's bytes, in `key_bytes`.
typedef struct {
  size_t offset, length;
} vts_key;

typedef struct {
  int64_t element;
  vts_bytes path, what;
  vts_remedy remedy;
} vts_refused;

struct vts_encoder {
  vts_bytes out;
  size_t begin;  ///< of the current item
  size_t limit;  ///< of the bytes of an item; 0: none
  int rules;
  vts_reference_sink sink;
  bool refers;  ///< an item written since the last take refers to a shared string or host object

  int failure;     ///< the first status other than VTS_OK
  bool again;      ///< the item must be walked again, because new names are known
  bool fresh;      ///< the index of names is up to date
  bool thorough;   ///< fields that modules got after they were indexed are in the index
  bool postponed;  ///< garbage collection is postponed
  int names;       ///< the stack slot of the index; 0: not pushed
  int room;        ///< the last stack slot that is reserved

  vts_frame *frames;
  size_t depth, frame_capacity;
  vts_memo memo;
  vts_code *codes;
  size_t code_count, code_capacity;
  vts_bytes code;  ///< bytecode of the current function
  vts_root *roots;
  size_t root_count, root_capacity;
  vts_bytes hidden;  ///< the encoded names of modules whose content is encoded by value

  vts_key *keys;
  size_t key_count, key_capacity;
  vts_bytes key_bytes;

  vts_refused refused[VTS_OFFENDERS];
  int64_t refusals;
};

/// Sets the failure if there is none yet.
static inline void vts_fail(vts_encoder *e, int status) {
  if (!e->failure) e->failure = status;
}

/// Returns room for `more` bytes after the output; NULL and a failure when there is no memory.
static inline uint8_t *vts_room(vts_encoder *e, size_t more) {
  if (e->limit && e->out.count - e->begin + more > e->limit + HEAD_SIZE) {
    vts_fail(e, VTS_TOO_LONG);
    return NULL;
  }
  if (vts_reserve(&e->out, more)) return e->out.bytes + e->out.count;
  vts_fail(e, VTS_NO_MEMORY);
  return NULL;
}

/// Extends the output up to `past`.
static inline void vts_advance(vts_encoder *e, const uint8_t *past) {
  e->out.count = (size_t)(past - e->out.bytes);
}

static inline void vts_head(vts_encoder *e, unsigned major, uint64_t number) {
  uint8_t *at = vts_room(e, HEAD_SIZE);
  if (at) vts_advance(e, vts_put_head(at, major, number));
}

static inline void vts_bytes_item(vts_encoder *e, unsigned major, const void *bytes,
                                  size_t length) {
  uint8_t *at = vts_room(e, HEAD_SIZE + length);
  if (!at) return;
  at = vts_put_head(at, major, length);
  memcpy(at, bytes, length);
  vts_advance(e, at + length);
}

/// Postpones garbage collection until the item is complete. Must be called before anything that
/// allocates in Lua: a finalizer could change the tables that the walk is inside of.
void vts_allocates(vts_encoder *e, lua_State *L);

/// Updates the index of names; false and a failure on an error.
bool vts_need_names(vts_encoder *e, lua_State *L);

/// Pushes a frame and reserves stack slots for it; NULL and a failure when there is no room, or when
/// the value is nested too deeply, which is a refusal.
vts_frame *vts_push_frame(vts_encoder *e, lua_State *L, vts_frame_kind kind, int slot, int64_t n);
/// Pops the innermost frame, and its values from the Lua stack.
void vts_pop_frame(vts_encoder *e, lua_State *L);

#endif
