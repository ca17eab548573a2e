// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping

/// The kinds of values that an encoder accepts, and the form in which it writes them.
///
/// Without options, an encoder accepts data only: nil, booleans, numbers, strings, and tables of
/// these.
public struct ShippingRules: OptionSet, Sendable {
    /// The options as bits.
    public var rawValue: Int32
    /// Creates options from their bits.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Accepts Lua functions, with their upvalues. Only decoders that trust code accept them.
    public static let functions = ShippingRules(rawValue: Int32(VTS_FUNCTIONS))
    /// Writes strings of at least 64 KiB, and Swift objects that are a ``ShippingReference``, as
    /// references. For other threads of this process.
    public static let references = ShippingRules(rawValue: Int32(VTS_REFERENCES))
    /// Writes strings of at least 64 KiB as references, but no objects. For other processes, which
    /// receive the bytes of the shipment and those of the strings.
    public static let sharedStrings = ShippingRules(rawValue: 1 << 16)
    /// Writes arrays over shared memory as references to it. For other processes of this machine, which
    /// receive the descriptors of the memory; ``references`` includes it.
    public static let sharedMemory = ShippingRules(rawValue: Int32(VTS_SHARED_MEMORY))
    /// Writes arrays of 1 MiB or more as references to their elements, which go with the shipment. For
    /// stores, which keep them by themselves.
    public static let lentArrays = ShippingRules(rawValue: Int32(VTS_LENT_ARRAYS))
    /// Writes equal values as equal bytes, however they were built: map keys are sorted
    /// (RFC 8949, 4.2.1). Tables and functions cannot be keys then.
    public static let canonical = ShippingRules(rawValue: Int32(VTS_CANONICAL))
    /// Leaves out what cannot be encoded, which ``ShippingEncoder/omissions`` describes: nil takes the
    /// place of a value, and an object loses its metatable. For ``ShippingDecoder/partial(trustsCode:)``.
    public static let partial = ShippingRules(rawValue: Int32(VTS_PARTIAL))
}

extension ShippingRules {
    /// True if items may contain references of any kind.
    var mayRefer: Bool {
        allowsReferences || !isDisjoint(with: [.sharedMemory, .lentArrays])
    }
    /// True if items may contain references to strings.
    var allowsReferences: Bool { !isDisjoint(with: [.references, .sharedStrings]) }
    /// The rules of the C encoder.
    var codec: Int32 {
        var rules = contains(.references) ? union(.sharedMemory) : self
        if allowsReferences { rules.insert(.references) }
        return rules.subtracting(.sharedStrings).rawValue
    }
}
