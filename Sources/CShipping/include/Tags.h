// SPDX-License-Identifier: BSD-3-Clause
//
// The CBOR tags of docs/shipping.md, for all readers of shipped bytes.

#ifndef VTS_TAGS_H
#define VTS_TAGS_H

/// CBOR's tags for shared values and for typed arrays (RFC 8746), little end first; and for arrays of
/// any number of axes in row-major order.
enum {
  VTS_TAG_SHARED = 28, VTS_TAG_REFERENCE = 29, VTS_TAG_ARRAY = 40, VTS_TAG_INT64 = 79,
  VTS_TAG_FLOAT64 = 86,
};

/// Ours, from the range that is first come, first served: "VT" and a number.
enum {
  VTS_TAG_LIST = 0x56540001,           ///< a typed array that is a Lua list
  VTS_TAG_FUNCTION = 0x56540002,       ///< [code, cell...]
  VTS_TAG_CODE = 0x56540003,           ///< bytecode; the same code again is written as its number
  VTS_TAG_NAMED = 0x56540004,          ///< [module] or [module, field]
  VTS_TAG_OBJECT = 0x56540005,         ///< [class, table]
  VTS_TAG_CLASS = 0x56540006,          ///< name, or [name, content]
  VTS_TAG_SHARED_STRING = 0x56540007,  ///< the number of a string
  VTS_TAG_HOST = 0x56540008,           ///< the number of a host object
  VTS_TAG_ROOT = 0x56540009,           ///< the number of a value that the receiver has
  VTS_TAG_BOOLEANS = 0x5654000A,       ///< an array of uint8 whose elements are 0 or 1
  VTS_TAG_COMPLEX = 0x5654000B,        ///< an array of floats, whose last axis has 2 elements
  VTS_TAG_SHARED_ARRAY = 0x5654000C,   ///< [type, shape, strides, offset, number of the memory]
};

#endif
