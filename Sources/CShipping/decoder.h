// SPDX-License-Identifier: BSD-3-Clause
//
// The state of a decoder, and the operations that all kinds of items need.
//
// Each item is decoded in one protected call, with a work-list instead of recursion. All memory on
// the heap belongs to the decoder, so that a Lua error leaks nothing. The functions below raise
// an error when the bytes are malformed.

#ifndef VTS_DECODER_H
#define VTS_DECODER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CShipping.h"
#include "bytes.h"
#include "format.h"
#include "shared_string.h"

typedef enum {
  OPEN_ELEMENTS,  ///< values that stay on the stack
  OPEN_LIST,
  OPEN_MAP,
  OPEN_FUNCTION,
  OPEN_OBJECT,  ///< the class lies in `slot`; its table follows
} vts_open_kind;

typedef struct {
  uint8_t kind;
  bool has_key;  ///< the key lies above the table
  int slot;
  uint64_t i, n;
} vts_open_frame;

/// The kind of value that a tag 28 marks: a value, or above 0 the number of an upvalue of the
/// function in the table of shared values.
enum { SHARED_NOT_YET = -1, SHARED_VALUE = 0 };

struct vts_decoder {
  bool trusted, requires, busy;
  bool describes;  ///< names are not looked up; see vts_decoder_describe
  bool partial;    ///< what is missing is left out; see vts_decoder_be_partial
  const uint8_t *begin, *at, *end;
  const vts_references *references;

  vts_open_frame *frames;
  size_t depth, frame_capacity;
  uint64_t expected;  ///< the number of values that the open frames still expect
  int room;       ///< the last stack slot that is reserved
  int elements;   ///< below 0: the item is one value, not the elements of an array

  int roots;  ///< the reference of vts_decoder_roots

  int64_t mark;  ///< the number of the tag 28 that marks the next value, or -1
  bool fill;     ///< the next value is the content of the table on top

  int *shared;
  size_t shared_count, shared_capacity;
  struct {
    const uint8_t *bytes;
    size_t length;
  } *codes;
  size_t code_count, code_capacity;

  vts_shared_string *reading;  ///< its lock is held
  bool postponed;              ///< garbage collection is postponed

  bool malformed, no_memory;
  size_t where;
  char what[96];
  char missing[160];
};

/// Stack slots of the C function that decodes.
enum { SLOT_DECODER = 1, SLOT_SHARED = 2 };

typedef struct {
  unsigned major, info;
  uint64_t number;
} vts_item_head;

/// The number of bytes that are left.
static inline uint64_t vts_left(const vts_decoder *d) { return (uint64_t)(d->end - d->at); }

/// Reads a head. Indefinite lengths are malformed.
vts_item_head vts_read_head(vts_decoder *d, lua_State *L);
/// Returns the bytes of a string of `length` and moves past them.
const uint8_t *vts_read_bytes(vts_decoder *d, lua_State *L, uint64_t length);
/// Raises: the bytes are malformed. The text is formatted as by printf.
__attribute__((noreturn, format(printf, 3, 4))) void vts_malformed(vts_decoder *d, lua_State *L,
                                                                   const char *format, ...);
/// Raises: there is no memory on the heap or for the Lua stack.
__attribute__((noreturn)) void vts_no_memory(vts_decoder *d, lua_State *L);
/// Adds to the number of values that are expected. Each takes at least one byte: a larger number
/// than the bytes that are left is malformed.
void vts_expect(vts_decoder *d, lua_State *L, uint64_t values);
/// Records the value on top as the one that the pending tag 28 marks, if there is one.
void vts_mark(vts_decoder *d, lua_State *L, int what);
/// Pushes a frame, and reserves stack slots for it.
vts_open_frame *vts_open_new(vts_decoder *d, lua_State *L, vts_open_kind kind, int slot,
                             uint64_t n);

#endif
