// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping

/// The CBOR tags of docs/shipping.md, for readers of shipped bytes in other languages than Lua.
package enum ShippingTag {
    package static let shared = UInt64(VTS_TAG_SHARED)
    package static let reference = UInt64(VTS_TAG_REFERENCE)
    package static let int64 = UInt64(VTS_TAG_INT64)
    package static let float64 = UInt64(VTS_TAG_FLOAT64)
    /// A shape and a typed array; and the marks of booleans and of complex numbers before it.
    package static let array = UInt64(VTS_TAG_ARRAY)
    package static let booleans = UInt64(VTS_TAG_BOOLEANS)
    package static let complex = UInt64(VTS_TAG_COMPLEX)
    /// A typed array that is a list.
    package static let list = UInt64(VTS_TAG_LIST)
    /// A value by the names of its module and field.
    package static let named = UInt64(VTS_TAG_NAMED)
    /// A class and the table of an object.
    package static let object = UInt64(VTS_TAG_OBJECT)
    /// The number of a string that goes with the bytes.
    package static let sharedString = UInt64(VTS_TAG_SHARED_STRING)

    /// The kinds of values that are not data, by their tags, for messages.
    package static let refused: [UInt64: String] = [
        UInt64(VTS_TAG_FUNCTION): "a Lua function", UInt64(VTS_TAG_CODE): "a Lua function",
        UInt64(VTS_TAG_NAMED): "a Lua module",
        UInt64(VTS_TAG_OBJECT): "a Lua table with a metatable",
        UInt64(VTS_TAG_CLASS): "a Lua metatable",
        UInt64(VTS_TAG_SHARED_STRING): "a string without its bytes",
        UInt64(VTS_TAG_HOST): "a host object",
        UInt64(VTS_TAG_SHARED_ARRAY): "a shared array",
    ]

    /// The name of the type of an array's elements, from the tag of RFC 8746 and the mark before the array;
    /// nil if this library does not write them.
    package static func elementType(_ tag: UInt64, _ mark: UInt64?) -> String? {
        switch mark {
        case booleans: return tag == 64 ? "bool" : nil
        case complex: return [85: "complex64", 86: "complex128"][tag]
        default:
            return [
                64: "uint8", 69: "uint16", 70: "uint32", 71: "uint64", 72: "int8", 77: "int16",
                78: "int32", 79: "int64", 85: "float32", 86: "float64",
            ][tag]
        }
    }
}
