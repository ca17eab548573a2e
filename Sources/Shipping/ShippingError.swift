// SPDX-License-Identifier: BSD-3-Clause

/// Bytes that are no message of ours, or none that may come here.
public struct ShippingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was found: "the bytes end too early".
    public var what: String
    /// The byte behind what was read of it.
    public var position: Int

    public init(_ what: String, at position: Int) {
        self.what = what
        self.position = position
    }

    public var description: String { "malformed message: \(what), at byte \(position)" }
}
