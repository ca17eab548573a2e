// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
public import VTLuaBridge

/// The type and the shape of an array.
public struct ArrayDescription: Sendable, Equatable, CustomStringConvertible {
    /// The name of the type of elements, such as `float64`.
    public var type: String
    /// The length of each axis.
    public var shape: [Int]

    /// The type and the shape, such as `float64 3 x 4`; only the type for an array without axes.
    public var description: String {
        ([type] + (shape.isEmpty ? [] : [shape.map(String.init).joined(separator: " x ")]))
            .joined(separator: " ")
    }
}

extension Lua {
    /// The description of the array at `index`; nil for any other value, and for an array that was
    /// closed.
    public func arrayDescription(at index: Int) -> ArrayDescription? {
        var found = vts_array()
        guard vts_describe_array(L, Int32(index), &found) else { return nil }
        let shape = withUnsafeBytes(of: found.shape) { bytes in
            bytes.bindMemory(to: Int64.self).prefix(Int(found.axes)).map(Int.init)
        }
        return ArrayDescription(
            type: String(cString: vts_array_type_name(found.type)), shape: shape)
    }

    /// True if the value at `index` is an array over memory that all workers of this machine write.
    public func isSharedArray(at index: Int) -> Bool {
        var found = vts_array()
        return vts_describe_array(L, Int32(index), &found) && found.is_shared
    }

    /// True if the value at `index` is an array with one axis or more, so that it has elements as a
    /// list has them.
    public func isSequence(at index: Int) -> Bool {
        type(at: index) == .table || arrayDescription(at: index)?.shape.isEmpty == false
    }

    /// The name, for errors, of a value that is not a sequence: its type, or `an array without axes`.
    public func typeNameOfNoSequence(at index: Int) -> String {
        arrayDescription(at: index) == nil ? typeName(at: index) : "an array without axes"
    }

    /// The number of elements of a table, or of an array's first axis; 0 for any other value.
    public func sequenceLength(at index: Int) -> Int {
        type(at: index) == .userdata
            ? arrayDescription(at: index)?.shape.first ?? 0 : rawLength(at: index)
    }

    /// Returns the place of the first nil in a list; nil where there is none.
    public func firstGap(at index: Int) throws -> Int? {
        guard type(at: index) == .table else { return nil }
        let table = absolute(index)
        for number in 0..<rawLength(at: table) {
            try pushRawElement(number + 1, of: table)
            defer { pop() }
            if isNil(at: -1) { return number + 1 }
        }
        return nil
    }

    /// Pushes the element at `number`, from 1, of a table or of an array's first axis. An element of an
    /// array of several axes is an array of its own.
    ///
    /// - Throws: `LuaError` with code `memory` or `stackOverflow`.
    public func pushSequenceElement(_ number: Int, of index: Int) throws {
        guard type(at: index) == .userdata else {
            return try pushRawElement(number, of: index)
        }
        try checkRun(vts_push_array_element(L, Int32(index), Int64(number - 1)))
    }

    /// Pushes the only element of the array without axes at `index`: a boolean or a number, and a copy of
    /// the array if the element is complex.
    ///
    /// - Throws: `LuaError` with code `memory` or `stackOverflow`.
    public func pushScalar(ofArray index: Int) throws {
        try checkRun(vts_push_array_element(L, Int32(index), 0))
    }

    /// Pushes an independent array with the elements of the one at `index`. A large one shares the memory
    /// until either is written.
    ///
    /// - Throws: `LuaError` with code `memory` or `stackOverflow`.
    public func pushCopyOfArray(at index: Int) throws {
        try checkRun(vts_copy_array(L, Int32(index)))
    }

    /// Pushes an array of its own with `count` places from `number`, from 1, of the first axis of the array
    /// at `index`.
    ///
    /// - Throws: `LuaError` with code `memory` or `stackOverflow`.
    public func pushPart(from number: Int, count: Int, ofArray index: Int) throws {
        try checkRun(vts_push_array_part(L, Int32(index), Int64(number - 1), Int64(count)))
    }

    /// Replaces the array on top, if there is one, by an independent array with the same elements.
    public func replaceArrayByCopy() throws {
        guard type(at: -1) == .userdata, arrayDescription(at: -1) != nil else { return }
        try pushCopyOfArray(at: -1)
        remove(at: -2)
    }

    /// Sets a field of a table to an independent copy of the value on top, if that is an array.
    package func copyArray(inField name: String, of table: Int) throws {
        guard type(at: -1) == .userdata, arrayDescription(at: -1) != nil else { return }
        try pushCopyOfArray(at: -1)
        try setRawField(name, of: table)
    }

    /// Replaces the array at `index`, if it has one axis or more, by a list of its elements along the first
    /// axis; for 2 levels, by a list of such lists. Any other value stays.
    ///
    /// - Throws: `LuaError` with code `memory` or `stackOverflow`.
    public func replaceArrayByList(at index: Int, levels: Int = 1) throws {
        let index = absolute(index)
        guard levels > 0, type(at: index) == .userdata,
            let count = arrayDescription(at: index)?.shape.first
        else { return }
        try reserve(4)
        try pushTable(elements: count)
        if count > 0 {
            for number in 1...count {
                try pushSequenceElement(number, of: index)
                try replaceArrayByList(at: -1, levels: levels - 1)
                try setRawElement(number, of: -2)
            }
        }
        replace(at: index)
    }

    /// Appends the type, the shape and the elements of the array at `index`, in row-major order.
    /// Returns false, and appends nothing, for any other value.
    public func append(array index: Int, to bytes: inout [UInt8]) -> Bool {
        var found = vts_array()
        guard vts_describe_array(L, Int32(index), &found) else { return false }
        bytes.append(UInt8(found.type.rawValue))
        bytes.append(UInt8(found.axes))
        withUnsafeBytes(of: found.shape) { shape in
            bytes.append(contentsOf: shape.prefix(Int(found.axes) * MemoryLayout<Int64>.stride))
        }
        bytes += [UInt8](unsafeUninitializedCapacity: found.bytes) { buffer, count in
            if let base = buffer.baseAddress { vts_read_array(L, Int32(index), base) }
            count = found.bytes
        }
        return true
    }
}
