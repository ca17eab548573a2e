// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays in the format: [shape, typed array] in tag 40 (RFC 8746), in row-major order. An array of
// booleans is one of uint8 in a private tag, and one of complex numbers one of floats with
// another axis.

#include <string.h>

#include "arrays.h"
#include "tagged.h"
#include "values.h"

/// The tags of RFC 8746, little end first. Those of booleans and complex numbers are the tags of
/// what they consist of.
static const uint8_t tags[VTS_ARRAY_TYPES] = {64, 72, 77, 78, 79, 64, 69, 70, 71, 85, 86, 85, 86};
static const uint8_t sizes[VTS_ARRAY_TYPES] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 16};

static bool is_complex(vts_array_type type) { return type >= VTS_COMPLEX64; }

// MARK: Encoding

static bool lend(vts_encoder *e, lua_State *L, const vts_array *array) {
  size_t least = e->rules & VTS_REFERENCES ? SHARED_STRING_LENGTH : LENT_ARRAY_LENGTH;
  if (!(e->rules & (VTS_REFERENCES | VTS_LENT_ARRAYS)) || !e->sink.lend || array->bytes < least)
    return false;
  const vts_array_functions *arrays = vts_arrays();
  const void *bytes;
  void *block = arrays->lend(L, -1, &bytes);
  if (!block) return false;
  int64_t number = e->sink.lend(e->sink.context, bytes, array->bytes, block, arrays->release);
  if (number < 0) {
    arrays->release(block);
    return false;
  }
  e->refers = true;
  vts_head(e, TAG, TAG_SHARED_STRING);
  vts_head(e, UNSIGNED, (uint64_t)number);
  return true;
}

static void put_integer(vts_encoder *e, int64_t value) {
  vts_head(e, value < 0 ? NEGATIVE : UNSIGNED, value < 0 ? ~(uint64_t)value : (uint64_t)value);
}

/// Writes a view of shared memory: [type, shape, strides, offset, number of the memory].
static void write_shared(vts_encoder *e, lua_State *L, const vts_array *array) {
  const vts_array_functions *arrays = vts_arrays();
  if (!(e->rules & VTS_SHARED_MEMORY) || !e->sink.lend)
    return vts_refuse(e, L, WHAT_SHARED_ARRAY);
  vts_array_place place;
  void *block = arrays->hold(L, -1, &place);
  if (!block) return vts_fail(e, VTS_NO_MEMORY);
  int64_t number =
      e->sink.lend(e->sink.context, place.start, place.length, block, arrays->release);
  if (number < 0) {
    arrays->release(block);
    return vts_fail(e, VTS_NO_MEMORY);
  }
  e->refers = true;
  vts_head(e, TAG, TAG_SHARED_ARRAY);
  vts_head(e, ARRAY, 5);
  vts_head(e, UNSIGNED, (uint64_t)array->type);
  vts_head(e, ARRAY, (uint64_t)array->axes);
  for (int axis = 0; axis < array->axes; axis++) put_integer(e, array->shape[axis]);
  vts_head(e, ARRAY, (uint64_t)array->axes);
  for (int axis = 0; axis < array->axes; axis++) put_integer(e, place.strides[axis]);
  put_integer(e, place.offset);
  put_integer(e, number);
}

static void write_array(vts_encoder *e, lua_State *L, const vts_array *array) {
  if (array->is_shared) return write_shared(e, L, array);
  bool complex = is_complex(array->type);
  if (array->type == VTS_BOOL) vts_head(e, TAG, TAG_BOOLEANS);
  if (complex) vts_head(e, TAG, TAG_COMPLEX);
  vts_head(e, TAG, TAG_ARRAY);
  vts_head(e, ARRAY, 2);
  vts_head(e, ARRAY, (uint64_t)array->axes + complex);
  for (int axis = 0; axis < array->axes; axis++)
    vts_head(e, UNSIGNED, (uint64_t)array->shape[axis]);
  if (complex) vts_head(e, UNSIGNED, 2);
  vts_head(e, TAG, tags[array->type]);
  if (lend(e, L, array)) return;
  uint8_t *at = vts_room(e, HEAD_SIZE + array->bytes);
  if (!at) return;
  at = vts_put_head(at, BYTES, array->bytes);
  vts_arrays()->copy(L, -1, at);
  vts_advance(e, at + array->bytes);
}

bool vts_begin_array(vts_encoder *e, lua_State *L) {
  vts_array array;
  if (!vts_describe_array(L, -1, &array)) return false;
  switch (vts_memo_add(&e->memo, lua_topointer(L, -1), e->out.count)) {
    case MEMO_NEW: write_array(e, L, &array); break;
    case MEMO_SEEN: break;
    case MEMO_NO_MEMORY: vts_fail(e, VTS_NO_MEMORY); break;
  }
  // After a failure an error value may lie on top, but not here: nothing above calls Lua.
  lua_settop(L, -2);
  return true;
}

// MARK: Decoding

static vts_array_type type_of(vts_decoder *d, lua_State *L, uint64_t kind, uint64_t tag) {
  if (kind == TAG_BOOLEANS && tag == tags[VTS_BOOL]) return VTS_BOOL;
  for (int type = VTS_INT8; type < VTS_COMPLEX64 && kind == TAG_ARRAY; type++)
    if (tag == tags[type]) return (vts_array_type)type;
  for (int type = VTS_COMPLEX64; type < VTS_ARRAY_TYPES && kind == TAG_COMPLEX; type++)
    if (tag == tags[type]) return (vts_array_type)type;
  vts_malformed(d, L, "an array of elements of an unknown type");
}

static void read_shape(vts_decoder *d, lua_State *L, vts_array *array, bool complex) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != ARRAY) vts_malformed(d, L, "an array without its shape");
  array->is_shared = false;
  if (head.number < (unsigned)complex || head.number - complex > VTS_ARRAY_AXES)
    vts_malformed(d, L, "an array of too many or too few axes");
  array->axes = (int)(head.number - complex);
  for (int axis = 0; axis < array->axes; axis++) {
    head = vts_read_head(d, L);
    if (head.major != UNSIGNED || head.number > INT64_MAX)
      vts_malformed(d, L, "an array with a length that is not an integer");
    array->shape[axis] = (int64_t)head.number;
  }
  if (!complex) return;
  head = vts_read_head(d, L);
  if (head.major != UNSIGNED || head.number != 2)
    vts_malformed(d, L, "complex numbers without their two parts");
}

/// Sets the number of bytes. The product of the other lengths must be small in an empty array, too.
static void set_bytes(vts_decoder *d, lua_State *L, vts_array *array) {
  int64_t bytes = sizes[array->type];
  bool empty = false;
  for (int axis = 0; axis < array->axes; axis++) {
    if (array->shape[axis] == 0) empty = true;
    else if (__builtin_mul_overflow(bytes, array->shape[axis], &bytes) || bytes > (int64_t)1 << 60)
      vts_malformed(d, L, "an array that is too large");
  }
  array->bytes = empty ? 0 : (size_t)bytes;
}

/// The kernels rely on booleans that are 0 or 1.
static void check_booleans(
    vts_decoder *d, lua_State *L, const vts_array *array, const uint8_t *bytes) {
  if (array->type != VTS_BOOL) return;
  uint8_t any = 0;
  for (size_t i = 0; i < array->bytes; i++) any |= bytes[i];
  if (any > 1) vts_malformed(d, L, "a boolean that is neither 0 nor 1");
}

static void push_inline(vts_decoder *d, lua_State *L, const vts_array *array, uint64_t length) {
  const uint8_t *bytes = vts_read_bytes(d, L, length);
  if (length != array->bytes) vts_malformed(d, L, "an array whose bytes do not fit its shape");
  check_booleans(d, L, array, bytes);
  void *to = vts_arrays()->create(L, array);
  if (array->bytes) memcpy(to, bytes, array->bytes);
}

static void push_shared(vts_decoder *d, lua_State *L, const vts_array *array) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major != UNSIGNED) vts_malformed(d, L, "a reference without a number");
  if (!d->references) vts_malformed(d, L, "a reference; none is accepted here");
  vts_shared_string *string = d->references->string(d->references->context, head.number);
  if (!string) vts_malformed(d, L, "a reference to nothing");
  if (string->length != array->bytes)
    vts_malformed(d, L, "an array whose bytes do not fit its shape");
  if (string->block) {
    if (string->is_foreign) check_booleans(d, L, array, (const uint8_t *)string->bytes);
    return vts_arrays()->adopt(L, array, string->block, string->bytes);
  }
  // The memory is made first: no finalizer may run while the string's lock is held.
  void *to = vts_arrays()->create(L, array);
  if (!vts_shared_string_read(string, to)) vts_malformed(d, L, "an array whose memory is gone");
  check_booleans(d, L, array, to);
}

bool vts_read_array_item(vts_decoder *d, lua_State *L, uint64_t tag) {
  if (!vts_arrays()) vts_malformed(d, L, "an array, which this program does not have");
  vts_item_head head;
  if (tag != TAG_ARRAY) {
    head = vts_read_head(d, L);
    if (head.major != TAG || head.number != TAG_ARRAY)
      vts_malformed(d, L, "the mark of an array before something else");
  }
  head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number != 2)
    vts_malformed(d, L, "an array without its shape and elements");
  vts_array array;
  read_shape(d, L, &array, tag == TAG_COMPLEX);
  head = vts_read_head(d, L);
  if (head.major != TAG) vts_malformed(d, L, "an array without its type");
  array.type = type_of(d, L, tag, head.number);
  set_bytes(d, L, &array);
  head = vts_read_head(d, L);
  if (head.major == BYTES) push_inline(d, L, &array, head.number);
  else if (head.major == TAG && head.number == TAG_SHARED_STRING) push_shared(d, L, &array);
  else vts_malformed(d, L, "an array without its bytes");
  return true;
}

static int64_t read_integer(vts_decoder *d, lua_State *L) {
  vts_item_head head = vts_read_head(d, L);
  if (head.major > NEGATIVE || head.number > INT64_MAX)
    vts_malformed(d, L, "a shared array without its place");
  return head.major == NEGATIVE ? ~(int64_t)head.number : (int64_t)head.number;
}

bool vts_read_shared_array(vts_decoder *d, lua_State *L) {
  if (!vts_arrays()) vts_malformed(d, L, "an array, which this program does not have");
  vts_item_head head = vts_read_head(d, L);
  int64_t type = head.major == ARRAY && head.number == 5 ? read_integer(d, L) : -1;
  if (type < 0 || type >= VTS_ARRAY_TYPES)
    vts_malformed(d, L, "an array of elements of an unknown type");
  vts_array array = {.type = (vts_array_type)type};
  read_shape(d, L, &array, false);
  set_bytes(d, L, &array);
  vts_array_place place;
  head = vts_read_head(d, L);
  if (head.major != ARRAY || head.number != (uint64_t)array.axes)
    vts_malformed(d, L, "a shared array without its place");
  for (int axis = 0; axis < array.axes; axis++) place.strides[axis] = read_integer(d, L);
  place.offset = read_integer(d, L);
  vts_shared_string *string = NULL;
  uint64_t number = (uint64_t)read_integer(d, L);
  if (d->references) string = d->references->string(d->references->context, number);
  if (!string || !string->block) vts_malformed(d, L, "a reference to no memory");
  if (!vts_arrays()->adopt_view(L, &array, string->block, &place))
    vts_malformed(d, L, "an array that does not lie in its memory");
  return true;
}
