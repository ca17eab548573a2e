// SPDX-License-Identifier: BSD-3-Clause

/// The globals that a function reads by name, found in its bytecode as Lua 5.4 dumps it.
///
/// `_ENV.name` is one instruction, with the upvalue and the constant in it; a function inside
/// says which upvalue of the outer one is its own. A dump that is not understood has none.
struct GlobalNames {
    private(set) var names: Set<String> = []
    /// Every string that stands in the code, of functions inside as well.
    private(set) var strings: Set<String> = []
    /// Where the lines stand at which functions begin and end.
    private(set) var lines: [Range<Int>] = []
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Parameter upvalues: which of the function's upvalues are the table of globals.
    init(in bytecode: UnsafeRawBufferPointer, upvalues: [Bool]) {
        bytes = bytecode
        // Signature, version, format, check bytes, sizes of instruction, integer and float, one
        // of each of the last two; then the number of upvalues.
        position = 4 + 1 + 1 + 6 + 3 + 8 + 8 + 1
        do {
            try readFunction { upvalues.indices.contains($0) && upvalues[$0] }
        } catch {
            names = []
            lines = []
        }
    }

    /// The bytecode without those lines: the same wherever in a script the function stands.
    var withoutLines: [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var position = 0
        for range in lines {
            kept += bytes[position..<range.lowerBound]
            position = range.upperBound
        }
        return kept + bytes[position...]
    }

    private struct Malformed: Error {}

    /// `OP_GETTABUP`: R[A] := UpValue[B][K[C]]
    private static let getFromUpvalue: UInt32 = 11
    private static let deepest = 200

    private mutating func readFunction(depth: Int = 0, isGlobals: (Int) -> Bool) throws {
        guard depth < Self.deepest else { throw Malformed() }
        try skipString()  // source
        let start = position
        _ = try readSize()
        _ = try readSize()
        lines.append(start..<position)
        try skip(3)  // parameters, whether more, stack
        var reads: [(upvalue: Int, constant: Int)] = []
        for _ in 0..<(try readSize()) {
            let instruction = try readInstruction()
            guard instruction & 0x7f == Self.getFromUpvalue else { continue }
            reads.append((Int(instruction >> 16 & 0xff), Int(instruction >> 24)))
        }
        var constants: [String?] = []
        for _ in 0..<(try readSize()) { constants.append(try readConstant()) }
        var own: [(isLocal: Bool, index: Int)] = []
        for _ in 0..<(try readSize()) {
            own.append((try readByte() != 0, Int(try readByte())))
            try skip(1)
        }
        func ownIsGlobals(_ index: Int) -> Bool {
            if depth == 0 { return isGlobals(index) }
            guard own.indices.contains(index), !own[index].isLocal else { return false }
            return isGlobals(own[index].index)
        }
        strings.formUnion(constants.compactMap(\.self))
        // Beyond the constants that the instruction can name, a global is read in two steps.
        if constants.count > 255 { names.formUnion(constants.compactMap(\.self)) }
        for read in reads where ownIsGlobals(read.upvalue) {
            guard constants.indices.contains(read.constant) else { throw Malformed() }
            if let name = constants[read.constant] { names.insert(name) }
        }
        for _ in 0..<(try readSize()) {
            try readFunction(depth: depth + 1, isGlobals: ownIsGlobals)
        }
        try skipDebug()
    }

    private mutating func skipDebug() throws {
        try skip(try readSize())  // lines
        for _ in 0..<(try readSize()) {
            _ = try readSize()
            _ = try readSize()
        }
        for _ in 0..<(try readSize()) {  // locals
            try skipString()
            _ = try readSize()
            _ = try readSize()
        }
        for _ in 0..<(try readSize()) { try skipString() }  // upvalues' names
    }

    private mutating func readConstant() throws -> String? {
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

    private mutating func readByte() throws -> UInt8 {
        guard position < bytes.count else { throw Malformed() }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func readInstruction() throws -> UInt32 {
        guard bytes.count - position >= 4 else { throw Malformed() }
        defer { position += 4 }
        return bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
    }

    /// Seven bits a byte, the highest first; the last has its top bit set.
    private mutating func readSize() throws -> Int {
        var size = 0
        while true {
            let byte = try readByte()
            guard size < 1 << 48 else { throw Malformed() }
            size = size << 7 | Int(byte & 0x7f)
            if byte & 0x80 != 0 { return size }
        }
    }

    private mutating func skip(_ count: Int) throws {
        guard count <= bytes.count - position else { throw Malformed() }
        position += count
    }

    /// A string's size is one more than its length; zero for none.
    private mutating func readString() throws -> String? {
        let length = try readSize() - 1
        guard length >= 0 else { return nil }
        let start = position
        try skip(length)
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipString() throws { try skip(max(0, try readSize() - 1)) }
}
