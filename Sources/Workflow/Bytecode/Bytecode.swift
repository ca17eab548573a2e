// SPDX-License-Identifier: BSD-3-Clause

/// The parsed bytecode of a function, as Lua 5.4 dumps it. It is valid as long as the bytes are.
///
/// The format is that of `ldump.c` in Lua 5.4.
struct Bytecode {
    struct Function {
        /// The line of the script at which the function starts; 0 for the script itself.
        var line = 0
        fileprivate(set) var instructions = UnsafeRawBufferPointer(start: nil, count: 0)
        /// The constants: strings, and nil for values of other types.
        fileprivate(set) var constants: [String?] = []
        fileprivate(set) var upvalues: [Upvalue] = []
        fileprivate(set) var functions: [Function] = []
        /// For each instruction a byte: the difference of its line and that of the one before.
        fileprivate var lineSteps = UnsafeRawBufferPointer(start: nil, count: 0)
        /// The lines of instructions whose difference does not fit into a byte.
        fileprivate var lines: [Int: Int] = [:]
    }

    /// The origin of an upvalue: a local variable or an upvalue of the enclosing function.
    struct Upvalue {
        var isLocal: Bool
        var index: Int
    }

    struct Instruction {
        let word: UInt32
        var operation: Operation? { Operation(rawValue: UInt8(word & 0x7f)) }
        /// The operands: registers, constants or upvalues.
        var a: Int { Int(word >> 7 & 0xff) }
        var b: Int { Int(word >> 16 & 0xff) }
        var c: Int { Int(word >> 24) }
    }

    /// The operations that the callers look for. R are registers, K constants.
    enum Operation: UInt8 {
        /// R[A] := UpValue[B]
        case getUpvalue = 9
        /// UpValue[B] := R[A]
        case setUpvalue = 10
        /// R[A] := UpValue[B][K[C]]
        case getFromUpvalue = 11
        /// R[A] := R[B][K[C]]
        case getField = 14
        /// R[A+1] := R[B]; R[A] := R[B][RK(C)]
        case getMethod = 20
        /// UpValue[A][K[B]] := RK(C)
        case setInUpvalue = 15
        /// R[A][R[B]] := RK(C)
        case setAtKey = 16
        /// R[A][K[B]] := RK(C)
        case setField = 18
    }

    private(set) var main = Function()
    /// The byte ranges of the lines at which functions start and end.
    private(set) var lineRanges: [Range<Int>] = []
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Throws: ``Malformed`` for bytes that are not bytecode of Lua 5.4.
    init(_ bytes: UnsafeRawBufferPointer) throws(Malformed) {
        self.bytes = bytes
        // Signature, version, format, check bytes, sizes of instruction, integer and float, one
        // of each of the last two; then the number of upvalues.
        position = 4 + 1 + 1 + 6 + 3 + 8 + 8 + 1
        main = try readFunction()
    }

    struct Malformed: Error {}

    private static let deepest = 200

    private mutating func readFunction(depth: Int = 0) throws(Malformed) -> Function {
        guard depth < Self.deepest else { throw Malformed() }
        var function = Function()
        try skipString()  // source
        let start = position
        function.line = try readSize()
        _ = try readSize()
        lineRanges.append(start..<position)
        try skip(3)  // parameters, whether more, stack
        function.instructions = try read(4 * (try readCount()))
        for _ in 0..<(try readCount()) { function.constants.append(try readConstant()) }
        for _ in 0..<(try readCount()) {
            function.upvalues.append(
                Upvalue(isLocal: try readByte() != 0, index: Int(try readByte())))
            try skip(1)
        }
        for _ in 0..<(try readCount()) {
            function.functions.append(try readFunction(depth: depth + 1))
        }
        function.lineSteps = try read(try readCount())
        for _ in 0..<(try readCount()) {
            let instruction = try readSize()
            function.lines[instruction] = try readSize()
        }
        for _ in 0..<(try readCount()) {  // locals
            try skipString()
            _ = try readSize()
            _ = try readSize()
        }
        for _ in 0..<(try readCount()) { try skipString() }  // upvalues' names
        return function
    }

    private mutating func readConstant() throws(Malformed) -> String? {
        switch try readByte() {
        case 0x00, 0x01, 0x11: return nil  // nil, false, true
        case 0x03, 0x13:  // integer, float
            try skip(8)
            return nil
        case 0x04, 0x14: return try readString()
        default: throw Malformed()
        }
    }

    // MARK: Parts

    private mutating func read(_ count: Int) throws(Malformed) -> UnsafeRawBufferPointer {
        let start = position
        try skip(count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    private mutating func readByte() throws(Malformed) -> UInt8 {
        guard position < bytes.count else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads a number: seven bits a byte, the highest first; the last byte has its top bit set.
    private mutating func readSize() throws(Malformed) -> Int {
        var size = 0
        while true {
            let byte = try readByte()
            guard size < 1 << 48 else { throw Malformed() }
            size = size << 7 | Int(byte & 0x7f)
            if byte & 0x80 != 0 { return size }
        }
    }

    /// Reads the number of elements that follow. Each takes at least one byte.
    private mutating func readCount() throws(Malformed) -> Int {
        let count = try readSize()
        guard count <= bytes.count - position else { throw Malformed() }
        return count
    }

    private mutating func skip(_ count: Int) throws(Malformed) {
        guard count <= bytes.count - position else { throw Malformed() }
        position += count
    }

    /// Reads a string. Its size is its length plus one, or zero for no string.
    private mutating func readString() throws(Malformed) -> String? {
        let length = try readSize() - 1
        guard length >= 0 else { return nil }
        return String(decoding: try read(length), as: UTF8.self)
    }

    private mutating func skipString() throws(Malformed) { try skip(max(0, try readSize() - 1)) }
}

extension Bytecode.Function {
    var instructionCount: Int { instructions.count / 4 }

    func instruction(_ index: Int) -> Bytecode.Instruction {
        Bytecode.Instruction(
            word: instructions.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    }

    /// Returns the line of the script to which an instruction belongs; nil in a dump without lines.
    func line(of instruction: Int) -> Int? {
        guard lineSteps.indices.contains(instruction) else { return nil }
        var line = line
        for index in 0...instruction {
            let step = Int8(bitPattern: lineSteps[index])
            line = step == .min ? lines[index] ?? line : line + Int(step)
        }
        return line
    }
}
