// SPDX-License-Identifier: BSD-3-Clause
//
// Lua values as CBOR (RFC 8949), straight from a Lua stack and straight onto one.
//
// No function here lets a Lua error out: what may raise runs under lua_pcall. A status is 0 when
// all went well; above 0 it is one of Lua's, with the error value on top of the stack; below 0
// it is one of the following, and the stack is as before.

#ifndef VTS_SHIPPING_H
#define VTS_SHIPPING_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  VTS_OK = 0,
  VTS_NO_STACK = -1,   ///< no room on the Lua stack; as VTL_ERRSTACK
  VTS_REFUSED = -2,    ///< something cannot travel: see vts_offenders
  VTS_TOO_DEEP = -3,   ///< more levels than VTS_MAX_DEPTH
  VTS_NO_MEMORY = -4,  ///< malloc gave none
  VTS_MALFORMED = -5,  ///< see vts_malformation
};

enum { VTS_MAX_DEPTH = 190000 };

// MARK: What a state has to know

/// Prepares the registry, and knows by name what is loaded by now. Cheap when done before.
int vts_open(lua_State *L);
/// Registers the metatable on top, which is taken, as the class `name`.
int vts_register_class(lua_State *L, const char *name, size_t length);
/// Pushes a list of the registered metatables that no module has by name.
int vts_push_classes(lua_State *L);

// MARK: Encoding

enum {
  VTS_FUNCTIONS = 1,   ///< Lua functions may travel
  VTS_REFERENCES = 2,  ///< large strings and host objects go by reference
  VTS_CANONICAL = 4,   ///< one form for each value, whichever way it was built
};

/// What goes by reference is kept by the host. It must neither run Lua code nor raise.
typedef struct {
  void *context;
  /// Keeps the string at `index`; its number, or below 0 when it is to be copied after all.
  int64_t (*lend)(void *context, lua_State *L, int index, const char *bytes, size_t length);
  /// The number of the host object at `index`, or below 0 when it is none that may travel.
  int64_t (*refer)(void *context, lua_State *L, int index);
} vts_lender;

typedef struct vts_encoder vts_encoder;

/// NULL when there is no memory.
vts_encoder *vts_encoder_new(int rules, vts_lender lender);
void vts_encoder_free(vts_encoder *encoder);
/// Appends the value at `index` as one item. Not on the way: nothing is appended on failure.
int vts_encode(vts_encoder *encoder, lua_State *L, int index);
/// Appends an array of the `count` stack values from `first` on.
int vts_encode_elements(vts_encoder *encoder, lua_State *L, int first, int count);
const uint8_t *vts_encoded(const vts_encoder *encoder, size_t *count);
void vts_encoder_truncate(vts_encoder *encoder, size_t count);
/// Room for `more` bytes behind the last item, to be written by the caller; NULL when there is no
/// memory. vts_encoder_advance says how many were.
uint8_t *vts_encoder_room(vts_encoder *encoder, size_t more);
void vts_encoder_advance(vts_encoder *encoder, size_t count);
/// Whether something since the last take goes by reference.
bool vts_encoder_refers(const vts_encoder *encoder);
/// Hands the bytes over, for the caller to free; NULL when there are none.
uint8_t *vts_encoder_take(vts_encoder *encoder, size_t *count);

typedef enum { VTS_REMEDY_CREATE, VTS_REMEDY_OPEN, VTS_REMEDY_REGISTER, VTS_REMEDY_RETURN,
               VTS_REMEDY_KEY } vts_remedy;

enum { VTS_OFFENDERS = 5 };

/// Something that cannot travel. The texts are valid until the next item.
typedef struct {
  int64_t element;  ///< of vts_encode_elements, from 1; else 0
  const char *path, *what;
  size_t path_length, what_length;
  vts_remedy remedy;
} vts_offender;

/// The offenders of the last item, at most VTS_OFFENDERS, and how many there were.
int vts_offenders(const vts_encoder *encoder, vts_offender *offenders, int64_t *total);

// MARK: Decoding

/// A string that belongs to a Lua state, or to nobody but its readers.
typedef struct vts_loan vts_loan;
vts_loan *vts_loan_new(const char *bytes, size_t length);
/// Copies the bytes, so that their owner may go. False when there is no memory: then readers
/// find no string.
bool vts_loan_redeem(vts_loan *loan);
/// Copies the bytes to where there is room for them; false when they are gone.
bool vts_loan_copy(vts_loan *loan, char *to);
void vts_loan_free(vts_loan *loan);
size_t vts_loan_length(const vts_loan *loan);

/// Finds what the bytes refer to.
typedef struct {
  void *context;
  /// NULL when there is none of this number.
  vts_loan *(*lent)(void *context, uint64_t number);
  /// Pushes the host object: 0. Below 0 when there is none; above 0 with an error value on top.
  int (*push)(void *context, lua_State *L, uint64_t number);
} vts_references;

typedef struct vts_decoder vts_decoder;

/// With `trusted`, functions and definitions of classes are taken; with `requires`, a module
/// that is not loaded is required. NULL when there is no memory.
vts_decoder *vts_decoder_new(bool trusted, bool requires);
void vts_decoder_free(vts_decoder *decoder);
/// Pushes the value that begins at `*position`, and moves it behind. `references` may be NULL.
int vts_decode(vts_decoder *decoder, lua_State *L, const uint8_t *bytes, size_t count,
               size_t *position, const vts_references *references);
/// Pushes the elements of the array that begins at `*position`, and says how many.
int vts_decode_elements(vts_decoder *decoder, lua_State *L, const uint8_t *bytes, size_t count,
                        size_t *position, const vts_references *references, int *elements);
/// What was wrong with the bytes, and where.
const char *vts_malformation(const vts_decoder *decoder, size_t *position);

#endif
