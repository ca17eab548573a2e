// SPDX-License-Identifier: BSD-3-Clause

/// The globals that a function reads by name, found in its bytecode.
///
/// `_ENV.name` is one instruction, with the upvalue and the constant in it; a function inside
/// says which upvalue of the outer one is its own. A dump that is not understood has none.
struct GlobalNames {
    private(set) var names: Set<String> = []
    /// Every string that stands in the code, of functions inside as well.
    private(set) var strings: Set<String> = []

    /// - Parameter upvalues: which of the function's upvalues are the table of globals.
    init(in bytes: UnsafeRawBufferPointer, upvalues: [Bool]) {
        guard let code = try? Bytecode(bytes) else { return }
        look(in: code.main) { upvalues.indices.contains($0) && upvalues[$0] }
    }

    private mutating func look(in function: Bytecode.Function, isGlobals: (Int) -> Bool) {
        let constants = function.constants
        strings.formUnion(constants.compactMap(\.self))
        // Beyond the constants that the instruction can name, a global is read in two steps.
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

    /// Bytecode without the lines at which functions begin: the same wherever in a script they
    /// stand. As they are where they are not understood.
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
