// SPDX-License-Identifier: BSD-3-Clause

/// The names of the globals that a function reads, found in its bytecode.
///
/// Reading `_ENV.name` is one instruction that names the upvalue and the constant. An inner
/// function declares which upvalue of the outer one it uses. Malformed bytecode has no names.
struct GlobalNames {
    private(set) var names: Set<String> = []
    /// The string constants of the function and its inner functions.
    private(set) var strings: Set<String> = []

    /// - Parameter upvalues: true for each upvalue of the function that is the table of globals.
    init(in bytes: UnsafeRawBufferPointer, upvalues: [Bool]) {
        guard let code = try? Bytecode(bytes) else { return }
        look(in: code.main) { upvalues.indices.contains($0) && upvalues[$0] }
    }

    private mutating func look(in function: Bytecode.Function, isGlobals: (Int) -> Bool) {
        let constants = function.constants
        strings.formUnion(constants.compactMap(\.self))
        // With more constants than the instruction can name, reading a global takes two instructions.
        if constants.count > 255 { names.formUnion(constants.compactMap(\.self)) }
        for index in 0..<function.instructionCount {
            let instruction = function.instruction(index)
            guard instruction.operation == .getFromUpvalue, isGlobals(instruction.b),
                constants.indices.contains(instruction.c), let name = constants[instruction.c]
            else { continue }
            names.insert(name)
        }
        for inner in function.functions {
            look(in: inner) { index in
                guard inner.upvalues.indices.contains(index) else { return false }
                let upvalue = inner.upvalues[index]
                return !upvalue.isLocal && isGlobals(upvalue.index)
            }
        }
    }

    /// Returns bytecode without the lines at which functions start and end, so that it does not depend
    /// on the position in the script. Malformed bytecode is returned unchanged.
    static func withoutLines(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        guard let code = try? Bytecode(bytes) else { return Array(bytes) }
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var position = 0
        for range in code.lineRanges {
            kept += bytes[position..<range.lowerBound]
            position = range.upperBound
        }
        return kept + bytes[position...]
    }
}
