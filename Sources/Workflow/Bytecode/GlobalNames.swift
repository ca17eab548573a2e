// SPDX-License-Identifier: BSD-3-Clause

/// The globals that a function and its inner functions use, found in the bytecode.
///
/// Reading `_ENV.name` is one instruction that names the upvalue and the constant. An inner
/// function declares which upvalue of the outer one it uses. Malformed bytecode may use all.
struct GlobalNames {
    /// The names of the globals that are read.
    private(set) var names: Set<String> = []
    /// The names of the globals that are set, each with the line of the first place.
    private(set) var written: [String: Int] = [:]
    /// True if the code may use globals whose names the bytecode does not show: it has the table of
    /// globals as a value, or runs other code.
    private(set) var mayUseAll = false

    /// Functions and tables that lead to all globals.
    private static let doors: Set<String> = ["_G", "debug", "load", "loadfile", "dofile"]

    /// The globals of code that uses none.
    init() {}

    /// - Parameter upvalues: true for each upvalue of the function that is the table of globals.
    init(in bytes: UnsafeRawBufferPointer, upvalues: [Bool]) {
        guard let code = try? Bytecode(bytes) else {
            mayUseAll = true
            return
        }
        look(in: code.main) { upvalues.indices.contains($0) && upvalues[$0] }
        if !names.isDisjoint(with: Self.doors) { mayUseAll = true }
    }

    private mutating func look(in function: Bytecode.Function, isGlobals: (Int) -> Bool) {
        let constants = function.constants
        if constants.contains("_G") { mayUseAll = true }
        for index in 0..<function.instructionCount {
            let instruction = function.instruction(index)
            switch instruction.operation {
            case .getFromUpvalue where isGlobals(instruction.b):
                guard constants.indices.contains(instruction.c), let name = constants[instruction.c]
                else { continue }
                names.insert(name)
            case .setInUpvalue where isGlobals(instruction.a):
                guard constants.indices.contains(instruction.b), let name = constants[instruction.b]
                else { continue }
                written[name] = written[name] ?? function.line(of: index) ?? function.line
            // Also with more constants than an instruction can name.
            case .getUpvalue where isGlobals(instruction.b): mayUseAll = true
            case .setUpvalue where isGlobals(instruction.b): mayUseAll = true
            default: break
            }
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
