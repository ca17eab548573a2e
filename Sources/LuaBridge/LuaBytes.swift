// SPDX-License-Identifier: BSD-3-Clause

/// A Lua string: bytes in any encoding.
public struct LuaBytes: Hashable, Sendable {
    /// The bytes of the string.
    public var bytes: [UInt8]

    /// Creates a string from bytes.
    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    /// Creates a string from a text, as UTF-8.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The string as UTF-8, with invalid bytes replaced by U+FFFD.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
