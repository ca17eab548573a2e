// SPDX-License-Identifier: BSD-3-Clause

/// Reads pickles of the protocols 0 to 5 as data. No class or function that they name is looked up
/// or called.
///
/// Not copyable, because an accidental copy would copy the whole stack at its next change.
package struct PickleReader: ~Copyable {
    let bytes: UnsafeRawBufferPointer
    let buffers: [UnsafeRawBufferPointer]
    var position = 0
    /// The position of the current instruction.
    var start = 0
    var nextBuffer = 0

    var stack: [PickleSlot] = []
    /// The height of the stack at each open mark.
    var marks: [Int] = []
    var memo: [PickleSlot?] = []
    var memoized = 0
    /// The values that can change after they were referred to.
    var nodes: [PickleNode] = []

    /// The memory that values may still take, in bytes.
    var budget: Int

    private init(
        _ bytes: UnsafeRawBufferPointer, _ buffers: [UnsafeRawBufferPointer], _ budget: Int
    ) {
        self.bytes = bytes
        self.buffers = buffers
        self.budget = budget + buffers.reduce(2 * bytes.count) { $0 + 2 * $1.count }
    }

    /// Returns the value of a pickle. Bytes after the pickle are ignored, as in Python.
    ///
    /// - Parameter buffers: the out-of-band buffers of protocol 5.
    /// - Throws: ``PickleError``.
    package static func value(
        of bytes: UnsafeRawBufferPointer, buffers: [UnsafeRawBufferPointer] = []
    ) throws(PickleError) -> PythonValue {
        var budget = PythonValue.mostWeight
        return try value(of: bytes, buffers: buffers, spending: &budget)
    }

    /// Returns the value of a pickle.
    ///
    /// - Parameter budget: the approximate number of bytes that the values may take in addition to
    ///   the pickle. It is reduced by the number that they took.
    static func value(
        of bytes: UnsafeRawBufferPointer, buffers: [UnsafeRawBufferPointer] = [],
        spending budget: inout Int
    ) throws(PickleError) -> PythonValue {
        var reader = PickleReader(bytes, buffers, budget)
        let slot = try reader.run()
        var assembly = PickleAssembly(nodes: reader.nodes, budget: reader.budget)
        let (value, weight) = try assembly.value(of: slot)
        budget -= min(weight, budget)
        return value
    }

    package static func value(of bytes: [UInt8]) throws(PickleError) -> PythonValue {
        try lending([bytes]) { (all) throws(PickleError) in try value(of: all[0]) }
    }

    func fail(_ message: String, _ code: PickleError.Code = .malformed) -> PickleError {
        PickleError(code: code, offset: start, message: message)
    }

    mutating func spend(_ weight: Int) throws(PickleError) {
        budget -= weight
        if budget < 0 { throw fail("too many values", .limit) }
    }

    private mutating func run() throws(PickleError) -> PickleSlot {
        while true {
            start = position
            let code = try byte()
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw fail(
                    PickleOpcode.refused[code].map { "\($0) cannot be read" }
                        ?? "no instruction has the code \(code)")
            }
            if opcode == .stop {
                let slot = try pop()
                guard stack.isEmpty, marks.isEmpty else { throw fail("more than one value") }
                return slot
            }
            try execute(opcode)
        }
    }

    private mutating func execute(_ opcode: PickleOpcode) throws(PickleError) {
        switch opcode {
        case .proto:
            let version = try byte()
            if version > 5 { throw fail("protocol \(version) is not known") }
        case .frame:
            let length = try integer(UInt64.self)
            if length > left { throw fail("a frame that is longer than the pickle") }
        case .stop: break
        case .mark, .pop, .popMark, .dup: try rearrange(opcode)
        case .get, .binget, .longBinget, .put, .binput, .longBinput, .memoize:
            try remember(opcode)
        case .none: try push(.none)
        case .newtrue: try push(.bool(true))
        case .newfalse: try push(.bool(false))
        case .int, .long, .binint, .binint1, .binint2, .long1, .long4, .float, .binfloat:
            try push(try number(opcode))
        case .unicode, .binunicode, .shortBinunicode, .binunicode8:
            try push(.string(try text(opcode)))
        case .binbytes, .shortBinbytes, .binbytes8, .bytearray8, .nextBuffer, .readonlyBuffer:
            try readBytes(opcode)
        case .emptyList, .list, .append, .appends, .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3,
            .emptyDict, .dict, .setitem, .setitems, .emptySet, .additems, .frozenset:
            try collect(opcode)
        case .global, .stackGlobal, .reduce, .build, .inst, .obj, .newobj, .newobjEx:
            try make(opcode)
        }
    }
}

// MARK: - The stack and the memo

extension PickleReader {
    mutating func push(_ value: PythonValue) throws(PickleError) { try push(.value(value)) }

    mutating func push(_ slot: PickleSlot) throws(PickleError) {
        try spend(PythonValue.weight)
        stack.append(slot)
    }

    /// Pops a value. Values below the last mark are not available.
    mutating func pop() throws(PickleError) -> PickleSlot {
        guard stack.count > marks.last ?? 0, let slot = stack.popLast() else {
            throw fail("a value is missing")
        }
        return slot
    }

    /// Pops the values above the last mark, and the mark.
    mutating func popToMark() throws(PickleError) -> [PickleSlot] {
        guard let height = marks.popLast() else { throw fail("a mark is missing") }
        let items = Array(stack[height...])
        stack.removeLast(items.count)
        return items
    }

    private mutating func rearrange(_ opcode: PickleOpcode) throws(PickleError) {
        switch opcode {
        case .mark:
            try spend(PythonValue.weight)
            marks.append(stack.count)
        case .pop:
            // This instruction also removes a mark in Python.
            if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
        case .popMark: _ = try popToMark()
        default:
            let slot = try pop()
            try push(slot)
            try push(slot)
        }
    }

    private mutating func remember(_ opcode: PickleOpcode) throws(PickleError) {
        switch opcode {
        case .get: try recall(try decimal())
        case .binget: try recall(Int(try byte()))
        case .longBinget: try recall(Int(try integer(UInt32.self)))
        case .put: try store(at: try decimal())
        case .binput: try store(at: Int(try byte()))
        case .longBinput: try store(at: Int(try integer(UInt32.self)))
        default: try store(at: memoized)
        }
    }

    private mutating func recall(_ index: Int) throws(PickleError) {
        guard memo.indices.contains(index), let slot = memo[index] else {
            throw fail("the memo has nothing at \(index)")
        }
        try push(slot)
    }

    /// Stores the value on top of the stack. Each entry takes at least one byte of the pickle, so
    /// that larger indices are invalid.
    private mutating func store(at index: Int) throws(PickleError) {
        guard stack.count > marks.last ?? 0, let slot = stack.last else {
            throw fail("a value is missing")
        }
        guard index >= 0, index <= bytes.count else { throw fail("the memo has no place \(index)") }
        while memo.count <= index {
            try spend(PythonValue.weight)
            memo.append(nil)
        }
        if memo[index] == nil { memoized += 1 }
        memo[index] = slot
    }
}
