// SPDX-License-Identifier: BSD-3-Clause

/// Reads objects from the buffers of an ipyparallel message. Each object is a pickle, followed by
/// the data of its large arrays and strings, as `deserialize_object` expects them.
struct Canned {
    /// Containers with more items hold no canned objects.
    static let mostItems = 64
    private static let module = "ipyparallel.serialize.canning"

    private(set) var buffers: ArraySlice<UnsafeRawBufferPointer>
    /// The weight that may still be visited inside canned objects. The same object may be referred
    /// to many times.
    private var budget = 8 << 20

    /// The memory that all objects together may still take, in bytes.
    private var memory = PythonValue.mostWeight

    init(_ buffers: ArraySlice<UnsafeRawBufferPointer>) { self.buffers = buffers }

    mutating func next() throws(PythonError) -> PythonValue {
        guard let pickle = buffers.popFirst() else {
            throw PythonError(.malformed, "a buffer is missing")
        }
        let value: PythonValue
        do throws(PickleError) {
            value = try PickleReader.value(of: pickle, spending: &memory)
        } catch { throw PythonError(error) }
        return try uncanned(value)
    }

    private mutating func uncanned(_ value: PythonValue) throws(PythonError) -> PythonValue {
        switch value {
        case .list(let items) where items.count < Self.mostItems:
            return .list(try each(items))
        case .tuple(let items) where items.count < Self.mostItems:
            return .tuple(try each(items))
        case .set(let items) where items.count < Self.mostItems:
            return .set(try each(items))
        case .dict(var entries) where entries.contains { Self.isCanned($0.value) }:
            // The buffers are in the order of the keys.
            let inOrder = entries.indices.sorted { Self.precedes(entries[$0], entries[$1]) }
            for index in inOrder { entries[index].value = try item(entries[index].value) }
            return .dict(entries)
        default: return try item(value)
        }
    }

    private mutating func each(_ items: [PythonValue]) throws(PythonError) -> [PythonValue] {
        var all: [PythonValue] = []
        for value in items { all.append(try item(value)) }
        return all
    }

    private static func precedes(_ one: PythonEntry, _ other: PythonEntry) -> Bool {
        switch (one.key, other.key) {
        case (.string(let one), .string(let other)):
            one.utf8.lexicographicallyPrecedes(other.utf8)
        case (.bytes(let one), .bytes(let other)): one.lexicographicallyPrecedes(other)
        case (.int(let one), .int(let other)): one < other
        case (.float(let one), .float(let other)): one < other
        case (.int(let one), .float(let other)): Double(one) < other
        case (.float(let one), .int(let other)): one < Double(other)
        default: false
        }
    }

    // MARK: One object

    private static func isCanned(_ value: PythonValue) -> Bool {
        guard case .object(let object) = value else { return false }
        return object.module == module && object.arguments != nil
    }

    private mutating func item(_ value: PythonValue) throws(PythonError) -> PythonValue {
        guard Self.isCanned(value), case .object(let canned) = value, let state = canned.state,
            case .dict(let entries) = state
        else { return value }
        try spend(entries.count)
        let data = try data(of: state)
        switch canned.name {
        case "Reference":
            guard let name = state["name"]?.string else { break }
            return .reference(name)
        case "CannedBytes", "CannedBuffer", "CannedMemoryView":
            guard let bytes = data.first else { break }
            return .bytes(bytes)
        case "CannedArray":
            guard let bytes = data.first else { break }
            return try array(state, bytes)
        case "CannedFunction":
            guard let name = state["__name__"]?.string else { break }
            return .object(PythonObject(module: state["module"]?.string ?? "", name: name))
        case "CannedClass":
            guard let name = state["name"]?.string else { break }
            return .object(PythonObject(module: "__main__", name: name))
        case "CannedPartial":
            guard let function = state["func"] else { break }
            return .object(
                PythonObject(
                    module: "functools", name: "partial", arguments: .tuple([try item(function)])))
        case "CannedObject":
            // Such as a function with dependencies.
            guard case .object(var object) = state["obj"] else { break }
            if let function = object.state?["f"] { object.arguments = .tuple([try item(function)]) }
            object.state = nil
            return .object(object)
        default: return value
        }
        throw PythonError(.malformed, "a \(canned.name) without its content")
    }

    /// Returns the buffers of a canned object. A buffer that is None stands for the next one of the
    /// message.
    private mutating func data(of state: PythonValue) throws(PythonError) -> [[UInt8]] {
        let buffersOfState = state["buffers"]?.elements ?? []
        try spend(buffersOfState.count)
        var data: [[UInt8]] = []
        for buffer in buffersOfState {
            switch buffer {
            case .bytes(let bytes): data.append(bytes)
            case .none:
                guard let next = buffers.popFirst() else {
                    throw PythonError(.malformed, "a buffer is missing")
                }
                data.append(Array(next))
            default: throw PythonError(.malformed, "a buffer that is \(buffer.kind)")
            }
        }
        return data
    }

    private mutating func spend(_ weight: Int) throws(PythonError) {
        budget -= weight
        if budget < 0 { throw PythonError(.malformed, "too much in canned objects") }
    }

    private mutating func array(
        _ state: PythonValue, _ data: [UInt8]
    ) throws(PythonError) -> PythonValue {
        let shape = state["shape"]?.elements ?? []
        try spend(shape.count)
        let type = state["dtype"] ?? .none
        var array: PythonArray?
        if let dtype = type.string, PythonArray.Element(dtype) != nil {
            let isPickled = state["pickled"] == .bool(true)
            if isPickled, shape.isEmpty {
                array = try number(data)
            } else {
                let lengths = shape.compactMap(\.int)
                guard lengths.count == shape.count else { throw Self.misshapen }
                array = PythonArray(dtype: dtype, shape: lengths, data: isPickled ? [] : data)
            }
            if array == nil { throw Self.misshapen }
        }
        if let array { return .array(array) }
        return .object(
            PythonObject(
                module: "numpy", name: "ndarray", arguments: .tuple([.tuple(shape), type])))
    }

    private static let misshapen = PythonError(
        .malformed, "an array whose data does not fit its shape")

    /// Reads an array without dimensions, which is pickled as a whole.
    private mutating func number(_ pickle: [UInt8]) throws(PythonError) -> PythonArray? {
        try spend(pickle.count)
        do throws(PickleError) {
            let value = try lending([pickle]) { (all) throws(PickleError) in
                var memory = 16 << 10
                return try PickleReader.value(of: all[0], spending: &memory)
            }
            if case .array(let array) = value { return array }
            return nil
        } catch { throw PythonError(error) }
    }
}
