// SPDX-License-Identifier: BSD-3-Clause
//
// Lua values as CBOR (RFC 8949), encoded from a Lua stack and decoded onto one.
//
// No function of this header raises a Lua error: operations that may raise run under lua_pcall.
// They return a status. 0 is success. Above 0 it is one of Lua's, with the error value on top of
// the stack. Below 0 it is one of the following, and the stack is unchanged.

#ifndef VTS_SHIPPING_H
#define VTS_SHIPPING_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  VTS_OK = 0,
  VTS_NO_STACK = -1,   ///< no room on the Lua stack; equals VTL_ERRSTACK
  VTS_REFUSED = -2,    ///< a value cannot be encoded; see vts_offenders
  VTS_NO_MEMORY = -4,  ///< malloc failed
  VTS_MALFORMED = -5,  ///< see vts_malformation
  VTS_TOO_LONG = -6,   ///< more bytes than vts_encoder_limit allows
};

/// The largest number of nested values.
enum { VTS_MAX_DEPTH = 190000 };

// MARK: Names and classes

/// Prepares the registry and indexes the loaded modules, whose values are encoded by name. Cheap
/// when nothing was loaded since the last call.
int vts_open(lua_State *L);
/// True if the value at `index` was in the index of names when that was last updated.
bool vts_is_named(lua_State *L, int index);
/// Takes the metatable on top and registers it as the class `name`.
int vts_register_class(lua_State *L, const char *name, size_t length);
/// Removes the class of that name. Returns Lua's status, with an error value on top.
int vts_forget_class(lua_State *L, const char *name, size_t length);
/// Pushes a list of the registered metatables that are not fields of a module.
int vts_push_classes(lua_State *L);

// MARK: Encoding

enum {
  VTS_FUNCTIONS = 1,   ///< Lua functions are encoded
  VTS_REFERENCES = 2,  ///< large strings and host objects are encoded as references
  VTS_CANONICAL = 4,   ///< equal values have equal bytes, however they were built
  VTS_PARTIAL = 8,     ///< nil takes the place of a value that cannot be encoded, and an object that
                       ///< cannot be encoded loses its metatable; see vts_offenders
  VTS_LENT_ARRAYS = 32,  ///< arrays of 1 MiB or more are encoded as references to their elements
  VTS_SHARED_MEMORY = 16,  ///< arrays over shared memory are encoded as references to it
};

/// The host's functions that receive what is encoded as a reference. They must neither run Lua code
/// nor raise.
typedef struct {
  void *context;
  /// Keeps the string at `index` and returns its number; below 0 to copy it instead.
  int64_t (*share)(void *context, lua_State *L, int index, const char *bytes, size_t length);
  /// Keeps the host object at `index` and returns its number; below 0 if it cannot be encoded.
  int64_t (*refer)(void *context, lua_State *L, int index);
  /// Keeps the bytes of a block, whose count it takes, and returns their number, which is one of a
  /// string; below 0, and takes nothing, when there is no memory. May be NULL.
  int64_t (*lend)(
      void *context, const void *bytes, size_t length, void *block, void (*release)(void *block));
} vts_reference_sink;

typedef struct vts_encoder vts_encoder;

/// Returns NULL when there is no memory.
vts_encoder *vts_encoder_new(int rules, vts_reference_sink sink);
void vts_encoder_free(vts_encoder *encoder);
/// Limits the bytes of each further item; 0: no limit. The work for a longer item is bounded, too,
/// except for a table whose keys are not 1 to n.
void vts_encoder_limit(vts_encoder *encoder, size_t most);
/// Encodes the module of that name, and what it contains, by value in all further items.
bool vts_encoder_hide(vts_encoder *encoder, const char *module, size_t length);
/// A table or function that the receiver has, under a number.
typedef struct {
  const void *address;  ///< as lua_topointer returns it
  uint64_t number;
} vts_root;

/// Encodes these values by their numbers in all further items. The values must stay alive. False when
/// there is no memory.
bool vts_encoder_roots(vts_encoder *encoder, const vts_root *roots, size_t count);
/// Finds the next name of a module, or of a field of one, in encoded bytes from `*position` on, and
/// moves the position past it. Strings and bytecode may contain what looks like one. NULL: there are no
/// more.
const char *vts_next_module(const uint8_t *bytes, size_t count, size_t *position, size_t *length);
/// Appends the value at `index` as one item; nothing on failure.
int vts_encode(vts_encoder *encoder, lua_State *L, int index);
/// Appends an array of the `count` stack values from `first` on; nothing on failure.
int vts_encode_elements(vts_encoder *encoder, lua_State *L, int first, int count);
/// The bytes of all items, and their number.
const uint8_t *vts_encoded(const vts_encoder *encoder, size_t *count);
/// Removes the bytes from `count` on.
void vts_encoder_truncate(vts_encoder *encoder, size_t count);
/// Returns room for `more` bytes after the last item, for the caller to write; NULL when there is
/// no memory. vts_encoder_advance then appends them.
uint8_t *vts_encoder_room(vts_encoder *encoder, size_t more);
void vts_encoder_advance(vts_encoder *encoder, size_t count);
/// True if an item that was encoded since the last take contains a reference.
bool vts_encoder_refers(const vts_encoder *encoder);
/// Removes all items and returns their bytes, for the caller to free; NULL when there are none.
uint8_t *vts_encoder_take(vts_encoder *encoder, size_t *count);

typedef enum { VTS_REMEDY_CREATE, VTS_REMEDY_OPEN, VTS_REMEDY_REGISTER, VTS_REMEDY_RETURN,
               VTS_REMEDY_KEY, VTS_REMEDY_FLATTEN, VTS_REMEDY_COPY } vts_remedy;

enum { VTS_OFFENDERS = 5 };

/// A value that cannot be encoded. The texts are valid until the next item.
typedef struct {
  int64_t element;  ///< the element of vts_encode_elements, from 1; otherwise 0
  const char *path, *what;
  size_t path_length, what_length;
  vts_remedy remedy;
} vts_offender;

/// Copies the offenders of the last item, at most VTS_OFFENDERS, and returns their number. `total`
/// counts all of them.
int vts_offenders(const vts_encoder *encoder, vts_offender *offenders, int64_t *total);

// MARK: Decoding

/// A string that several states read without a copy. Its bytes belong to an owner, such as a Lua
/// state, until vts_shared_string_copy_out.
typedef struct vts_shared_string vts_shared_string;
/// Returns NULL when there is no memory.
vts_shared_string *vts_shared_string_new(const char *bytes, size_t length);
/// Replaces the owner's bytes by a copy, so that the owner may release them. False when there is no
/// memory: then the string is gone for its readers.
bool vts_shared_string_copy_out(vts_shared_string *string);
/// Copies the bytes to `to`, which must have room for all of them; false when the string is gone.
bool vts_shared_string_read(vts_shared_string *string, char *to);
/// Sets the block that the bytes lie in; the owner of the string keeps it. `foreign`: the bytes are those of
/// another process.
void vts_shared_string_set_block(vts_shared_string *string, void *block, bool foreign);
void *vts_shared_string_block(const vts_shared_string *string);
/// True if the strings have the same bytes. Those that are gone have none.
bool vts_shared_string_equal(vts_shared_string *one, vts_shared_string *other);
void vts_shared_string_free(vts_shared_string *string);
/// The bytes, which must belong to a block.
const void *vts_shared_string_bytes(const vts_shared_string *string);
size_t vts_shared_string_length(const vts_shared_string *string);

/// The host's functions that resolve references.
typedef struct {
  void *context;
  /// Returns the shared string of this number; NULL when there is none.
  vts_shared_string *(*string)(void *context, uint64_t number);
  /// Pushes the host object of this number and returns 0. Below 0 when there is none; above 0 with
  /// an error value on top.
  int (*push)(void *context, lua_State *L, uint64_t number);
} vts_references;

typedef struct vts_decoder vts_decoder;

/// With `trusted`, the decoder accepts functions and class definitions; with `requires`, it
/// requires modules that are not loaded. Without both, it accepts only data: a name must not be that of
/// a function or a standard library. Returns NULL when there is no memory.
vts_decoder *vts_decoder_new(bool trusted, bool requires);
/// From now on, the decoder looks up no module and no class. A value that was encoded by name
/// becomes a userdata, and an object gets a new metatable; both have the name as `__name`.
void vts_decoder_describe(vts_decoder *decoder);
/// From now on, the decoder reads what VTS_PARTIAL has written: a pair whose key is nil is left out. A
/// value whose name is unknown here becomes nil, and an object whose class is unknown gets a metatable
/// with the name of the class.
void vts_decoder_be_partial(vts_decoder *decoder);
/// Looks up values of vts_encoder_roots in the table of that reference in the registry; LUA_NOREF:
/// there are none.
void vts_decoder_roots(vts_decoder *decoder, int reference);
/// The first reason why the last item is not complete; "" where it is.
const char *vts_missing(const vts_decoder *decoder);
void vts_decoder_free(vts_decoder *decoder);
/// Pushes the value that begins at `*position`, and moves the position past it. `references` may be
/// NULL.
int vts_decode(vts_decoder *decoder, lua_State *L, const uint8_t *bytes, size_t count,
               size_t *position, const vts_references *references);
/// Pushes the elements of the array that begins at `*position`, and sets their number.
int vts_decode_elements(vts_decoder *decoder, lua_State *L, const uint8_t *bytes, size_t count,
                        size_t *position, const vts_references *references, int *elements);
/// The reason and the position of the last VTS_MALFORMED.
const char *vts_malformation(const vts_decoder *decoder, size_t *position);

#endif
