// SPDX-License-Identifier: BSD-3-Clause

/// The value of a parameter, an input, an output or an annotation, as a record has it.
public struct ValueRecord: Sendable, Equatable {
    /// The name of the parameter, the port or the annotation.
    public var name: String
    /// The declared type of the port, such as `list<number>`; empty for annotations, and in
    /// records of versions that did not write it.
    public var type: String
    /// A short text for the value.
    public var brief: String
    /// The value as CBOR; nil for a value that is longer than ``limit``, and for one that is not
    /// data.
    public var value: [UInt8]?
    /// The length of the value as CBOR, in bytes; nil where it is not known.
    public var size: Int?
    /// The digest of the CBOR of a value that is longer than ``limit``.
    public var digest: Digest?

    /// The length, in bytes, up to which a record has the value itself.
    public static let limit = 4096

    /// Creates a record from its fields.
    public init(
        name: String, type: String = "", brief: String, value: [UInt8]? = nil, size: Int? = nil,
        digest: Digest? = nil
    ) {
        self.name = name
        self.type = type
        self.brief = brief
        self.value = value
        self.size = size
        self.digest = digest
    }
}

extension ValueRecord {
    /// True if the type is that of a file, or of a list of files.
    public var holdsFiles: Bool {
        var inner = Substring(type)
        while inner.hasPrefix("list<"), inner.hasSuffix(">") {
            inner = inner.dropFirst(5).dropLast()
        }
        return inner == "file"
    }

    /// True if the value is nil.
    public var isNil: Bool { value == [0xF6] || value == nil && brief == "nil" }

    /// Returns true if both records are of the same value, as far as they have it.
    public func hasSameValue(as other: ValueRecord) -> Bool {
        if let value, let second = other.value { return value == second }
        if let digest, let second = other.digest { return digest == second }
        // A length that is known on both sides is that of the same form.
        if let size, let second = other.size, size != second { return false }
        return brief == other.brief
    }
}
