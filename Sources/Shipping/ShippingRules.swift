// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping

/// What an encoder lets travel, and in which form.
public struct ShippingRules: OptionSet, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Lua functions, with what they hold.
    public static let functions = ShippingRules(rawValue: Int32(VTS_FUNCTIONS))
    /// Large strings, and objects of Swift that are a ``ShippingReference``, by reference: for
    /// another thread of this process.
    public static let references = ShippingRules(rawValue: Int32(VTS_REFERENCES))
    /// Large strings by reference, but no objects: for another process, which gets the bytes of
    /// the shipment and those of its loans.
    public static let loans = ShippingRules(rawValue: 1 << 16)
    /// One form for each value, whichever way it was built: map keys are sorted (RFC 8949,
    /// 4.2.1). Tables and functions cannot be keys then.
    public static let canonical = ShippingRules(rawValue: Int32(VTS_CANONICAL))
}

extension ShippingRules {
    /// Whether something goes by reference.
    var lends: Bool { !isDisjoint(with: [.references, .loans]) }
    /// As the codec knows them.
    var codec: Int32 {
        (lends ? rawValue | ShippingRules.references.rawValue : rawValue)
            & ~ShippingRules.loans.rawValue
    }
}
