// SPDX-License-Identifier: BSD-3-Clause

/// Malformed bytes, or an item that this decoder does not accept.
public struct ShippingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The malformation, such as "the bytes end too early".
    public var what: String
    /// The offset in bytes at which decoding ended.
    public var position: Int

    /// Creates an error.
    public init(_ what: String, at position: Int) {
        self.what = what
        self.position = position
    }

    /// A message such as "malformed message: a reserved head, at byte 3".
    public var description: String { "malformed message: \(what), at byte \(position)" }
}
