// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Makes records of values that are on the Lua stack.
package final class ValueRecorder {
    private let digest: ([UInt8]) -> Digest
    /// Made when the first value that is not a scalar is recorded.
    private var encoder: ShippingEncoder?

    package init(digest: @escaping ([UInt8]) -> Digest) { self.digest = digest }

    /// Returns the record of the value at `index`.
    ///
    /// - Parameters:
    ///   - known: the length and the digest of the value's CBOR, where another part of the program
    ///     has made them.
    ///   - digests: whether to encode a long value in full for its digest.
    package func record(
        _ name: String, _ type: String, at index: Int,
        known: (size: Int, digest: Digest)? = nil, digests: Bool = true, _ lua: borrowing Lua
    ) throws -> ValueRecord {
        var record = ValueRecord(name: name, type: type, brief: lua.brief(at: index))
        if let known, known.size > ValueRecord.limit {
            (record.size, record.digest) = (known.size, known.digest)
            return record
        }
        let encoder = self.encoder ?? ShippingEncoder(.canonical)
        self.encoder = encoder
        encoder.truncate(to: 0)
        encoder.limit = ValueRecord.limit
        do {
            try encoder.encode(lua, at: index)
        } catch is ShippingRefusal {
            return record
        } catch is ShippingLimit {
            guard digests else { return record }
            return try finish(record, encoder, index, lua)
        }
        encoder.withBytes { record.value = Array($0) }
        record.size = record.value?.count
        return record.withoutSecrets
    }

    /// Adds the length and the digest of a long value to its record.
    private func finish(
        _ record: ValueRecord, _ encoder: ShippingEncoder, _ index: Int, _ lua: borrowing Lua
    ) throws -> ValueRecord {
        var record = record
        encoder.limit = nil
        do {
            try encoder.encode(lua, at: index)
        } catch is ShippingRefusal {
            return record
        }
        record.size = encoder.count
        if encoder.count <= ValueRecord.limit {
            encoder.withBytes { record.value = Array($0) }
            record = record.withoutSecrets
        } else {
            record.digest = encoder.withBytes { bytes in
                Secrets.name(in: bytes) == nil ? digest(Array(bytes)) : nil
            }
        }
        // The buffer of a long value is not kept.
        _ = encoder.ship()
        return record
    }

    /// Returns the records of a module's annotations.
    package func annotations(
        _ annotations: [(key: String, value: LuaValue)], _ lua: borrowing Lua
    ) throws -> [ValueRecord] {
        try annotations.map { key, value in
            try value.push(onto: lua)
            defer { lua.pop() }
            var record = try record(key, "", at: -1, lua)
            record.brief = value.brief
            return record
        }
    }
}

extension ValueRecord {
    /// The record without the value, its length and its digest if it holds a secret.
    fileprivate var withoutSecrets: ValueRecord {
        guard let value, Secrets.name(in: value) != nil else { return self }
        return ValueRecord(name: name, type: type, brief: brief)
    }
}
