// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTShipping

/// A large array among the outputs of a result. A store keeps its elements by themselves, so that they can
/// be mapped, and equal ones once.
public struct StoredArray: Sendable {
    /// The place of the output that has the array, in the bytes of the outputs.
    public var item: Range<Int>
    /// The digest of the elements' bytes.
    public var digest: Digest
    /// The number of the elements' bytes.
    public var size: Int
    /// The elements; nil where they were not read.
    public var elements: ArrayElements?

    /// Creates a description from its fields.
    public init(item: Range<Int>, digest: Digest, size: Int, elements: ArrayElements? = nil) {
        (self.item, self.digest, self.size, self.elements) = (item, digest, size, elements)
    }
}

/// The bytes of an array's elements, in row-major order.
///
/// Sendable: nothing writes to the bytes while their owner lives.
public final class ArrayElements: @unchecked Sendable {
    /// The bytes, which are valid as long as this object.
    public let bytes: UnsafeRawBufferPointer
    private let owner: any Sendable

    /// - Parameter owner: keeps the bytes.
    public init(_ bytes: UnsafeRawBufferPointer, owner: any Sendable) {
        (self.bytes, self.owner) = (bytes, owner)
    }
}

extension ShippingDecoder {
    /// Pushes the item of outputs that begins at `position`, and moves the position past it.
    ///
    /// - Parameters:
    ///   - arrays: the large arrays of the outputs.
    ///   - open: returns the elements of one; nil if they are missing or damaged.
    /// - Throws: `ShippingError` for outputs or arrays that are damaged.
    package func decode(
        _ bytes: [UInt8], at position: inout Int, arrays: [StoredArray],
        _ open: (StoredArray) throws -> ArrayElements?, _ lua: borrowing Lua
    ) throws {
        let start = position
        let inside = arrays.filter { $0.item.lowerBound == start }
        guard let item = inside.first?.item else {
            return try bytes.withUnsafeBytes { try decode($0, at: &position, lua) }
        }
        guard item.upperBound <= bytes.count else {
            throw ShippingError("an array without its item", at: start)
        }
        var elements: [ArrayElements] = []
        for array in inside {
            guard let found = try open(array), found.bytes.count == array.size else {
                throw ShippingError("an array whose elements are missing", at: start)
            }
            elements.append(found)
        }
        let shipment = bytes.withUnsafeBytes { bytes in
            Shipment(
                copying: UnsafeRawBufferPointer(rebasing: bytes[item]),
                sharedStrings: elements.map { ($0.bytes, $0) })
        }
        var offset = 0
        try decode(shipment, at: &offset, lua)
        position = item.upperBound
    }
}
