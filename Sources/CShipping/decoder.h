// SPDX-License-Identifier: BSD-3-Clause
//
// The decoder: one protected call per item, with a work-list of its own. Whatever it has on the
// heap belongs to the decoder, so that an error of Lua's loses nothing.

#ifndef VTS_DECODER_H
#define VTS_DECODER_H

#include "loan.h"

typedef enum {
  OPEN_ELEMENTS,  ///< values that stay on the stack
  OPEN_LIST,
  OPEN_MAP,
  OPEN_FUNCTION,
  OPEN_OBJECT,  ///< the class lies in `slot`, its table comes
} vts_open_kind;

typedef struct {
  uint8_t kind;
  bool has_key;  ///< the key lies above the table
  int slot;
  uint64_t i, n;
} vts_open_frame;

/// Of what a tag 28 marks: an upvalue of the function in the table of shared values, or a value.
enum { SHARED_NOT_YET = -1, SHARED_VALUE = 0 };

struct vts_decoder {
  bool trusted, requires, busy;
  const uint8_t *begin, *at, *end;
  const vts_references *references;

  vts_open_frame *frames;
  size_t depth, frame_capacity;
  uint64_t owed;  ///< how many values the open frames still expect
  int room;       ///< stack slots up to this one are there
  int elements;   ///< below 0: one value is wanted

  int64_t mark;  ///< the tag 28 that the next value is marked by, or -1
  bool fill;     ///< the next value is the content of the table on top

  int *shared;
  size_t shared_count, shared_capacity;
  struct {
    const uint8_t *bytes;
    size_t length;
  } *codes;
  size_t code_count, code_capacity;

  vts_loan *reading;     ///< its lock is held
  bool postponed;  ///< no collection runs

  bool malformed, no_memory;
  size_t where;
  char what[96];
};

/// In the C function that decodes.
enum { SLOT_DECODER = 1, SLOT_SHARED = 2 };

typedef struct {
  unsigned major, info;
  uint64_t number;
} vts_item_head;

/// Reads a head. Indefinite lengths are refused.
vts_item_head vts_read_head(vts_decoder *d, lua_State *L);
/// Gives the bytes of a string of `length` and steps over them.
const uint8_t *vts_read_bytes(vts_decoder *d, lua_State *L, uint64_t length);
/// Raises. The text is as for printf.
__attribute__((noreturn, format(printf, 3, 4))) void vts_malformed(vts_decoder *d, lua_State *L,
                                                                   const char *format, ...);
/// Raises: there is no memory outside of Lua, or for its stack.
__attribute__((noreturn)) void vts_no_memory(vts_decoder *d, lua_State *L);
/// Keeps the value on top as the one that the pending tag 28 marks, if there is one.
void vts_mark(vts_decoder *d, lua_State *L, int what);
vts_open_frame *vts_open_new(vts_decoder *d, lua_State *L, vts_open_kind kind, int slot,
                             uint64_t n);

/// Each reads what follows a tag of ours. True: the value is complete, and on top.
bool vts_read_list(vts_decoder *d, lua_State *L);
bool vts_read_function(vts_decoder *d, lua_State *L);
bool vts_read_named(vts_decoder *d, lua_State *L);
bool vts_read_object(vts_decoder *d, lua_State *L);
/// False: its content comes, and fills the table on top.
bool vts_read_class(vts_decoder *d, lua_State *L);
bool vts_read_lent(vts_decoder *d, lua_State *L);
bool vts_read_host(vts_decoder *d, lua_State *L);
/// Steps to the next cell of the function whose frame is the innermost: false when the cell is
/// one that was there before, and all is done.
bool vts_open_cell(vts_decoder *d, lua_State *L);

#endif
