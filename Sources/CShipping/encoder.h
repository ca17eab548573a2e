// SPDX-License-Identifier: BSD-3-Clause
//
// The encoder: a walk over values with a work-list of its own. Whatever is on its way lies on
// the Lua stack. Nothing here allocates in Lua, so that nothing raises and no finalizer runs;
// the exceptions are protected, and announced by vts_allocates.

#ifndef VTS_ENCODER_H
#define VTS_ENCODER_H

#include "memo.h"

typedef enum {
  FRAME_ELEMENTS,  ///< stack values from `slot` on
  FRAME_LIST,
  FRAME_MAP,     ///< the key lies above the table
  FRAME_SORTED,  ///< as FRAME_MAP, in the order of `keys`
  FRAME_FUNCTION,
} vts_frame_kind;

typedef struct {
  uint8_t kind;
  bool in_key;   ///< what is being written is the present key
  int slot;      ///< of the table or function
  int64_t i, n;  ///< the present element or upvalue, and how many there are
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
  size_t begin;  ///< of the present item
  int rules;
  vts_lender lender;
  bool refers;  ///< something written since the last take goes by reference

  int failure;  ///< a status; the first one stays
  bool again;   ///< the item has to be walked again, for more is known by name
  bool fresh;   ///< names are up to date
  bool thorough;  ///< what modules have got since they were named was looked for
  bool postponed;  ///< no collection runs
  int names;      ///< the stack slot of the index, 0: not pushed
  int room;       ///< stack slots up to this one are there

  vts_frame *frames;
  size_t depth, frame_capacity;
  vts_memo memo;
  vts_code *codes;
  size_t code_count, code_capacity;
  vts_bytes code;  ///< of the function at hand

  vts_key *keys;
  size_t key_count, key_capacity;
  vts_bytes key_bytes;

  vts_refused refused[VTS_OFFENDERS];
  int64_t refusals;
};

/// Keeps the first failure.
static inline void vts_fail(vts_encoder *e, int status) {
  if (!e->failure) e->failure = status;
}

/// Room for `more` bytes, or NULL and a failure.
static inline uint8_t *vts_room(vts_encoder *e, size_t more) {
  if (vts_reserve(&e->out, more)) return e->out.bytes + e->out.count;
  vts_fail(e, VTS_NO_MEMORY);
  return NULL;
}

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

/// Called before anything that allocates in Lua: no finalizer may run while the walk is in
/// tables that it could change.
void vts_allocates(vts_encoder *e, lua_State *L);

/// Writes the value on top if it is no container and goes as it is.
bool vts_scalar(vts_encoder *e, lua_State *L, int type);
/// Takes the value on top, which is no scalar: writes it or begins a frame.
void vts_begin(vts_encoder *e, lua_State *L);
/// A new frame, or NULL and a failure.
vts_frame *vts_push_frame(vts_encoder *e, lua_State *L, vts_frame_kind kind, int slot, int64_t n);
/// Leaves the frame, whose slot is the topmost but for a key.
void vts_pop_frame(vts_encoder *e, lua_State *L);

/// Writes the table on top, or begins its frame.
void vts_begin_table(vts_encoder *e, lua_State *L);
/// Takes the table on top, a map of `pairs`, and begins it with its keys in order.
void vts_begin_sorted(vts_encoder *e, lua_State *L, int64_t pairs);
void vts_step_sorted(vts_encoder *e, lua_State *L);
/// Takes the Lua function on top.
void vts_begin_function(vts_encoder *e, lua_State *L);
void vts_step_function(vts_encoder *e, lua_State *L);

typedef enum {
  WHAT_COROUTINE, WHAT_LIGHT, WHAT_USERDATA, WHAT_C_FUNCTION, WHAT_FUNCTION, WHAT_METATABLE,
  WHAT_KEY,
} vts_what;

/// Notes that the value on top cannot travel.
void vts_refuse(vts_encoder *e, lua_State *L, vts_what what);

#endif
