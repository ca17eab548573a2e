// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// The large arrays of a result, as a column of its row: for each the place of its item, the size and the
/// digest, in 56 bytes.
enum ArrayRows {
    private static let length = 56

    static func bytes(of arrays: [StoredArray]) -> [UInt8] {
        var bytes: [UInt8] = []
        for array in arrays {
            for number in [array.item.lowerBound, array.item.upperBound, array.size] {
                withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
            }
            bytes += array.digest.bytes
        }
        return bytes
    }

    /// Returns the arrays in the column; those that are damaged have no place.
    static func arrays(in bytes: [UInt8]) -> [StoredArray] {
        stride(from: 0, to: bytes.count - length + 1, by: length).map { start in
            func number(_ index: Int) -> Int {
                let bits = bytes.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: start + 8 * index, as: Int64.self)
                }
                return max(0, Int(Int64(littleEndian: bits)))
            }
            let first = number(0)
            return StoredArray(
                item: first..<max(first, number(1)),
                digest: Digest(bytes: Array(bytes[start + 24..<start + length])), size: number(2))
        }
    }
}
