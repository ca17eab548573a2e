// SPDX-License-Identifier: BSD-3-Clause

/// The variables outside of a function that it and its inner functions set: upvalues, by their positions
/// from 0, and globals. Found in the bytecode.
struct OutsideVariables {
    /// The positions of upvalues, each with the line of the first place.
    private(set) var upvalues: [Int: Int] = [:]
    /// The names of globals, each with the line of the first place.
    private(set) var globals: [String: Int] = [:]

    /// - Parameter isGlobals: returns true for the position of the upvalue that is the table of globals.
    init(setBy bytes: UnsafeRawBufferPointer, isGlobals: (Int) -> Bool) {
        guard let code = try? Bytecode(bytes) else { return }
        look(in: code.main, isGlobals: isGlobals) { $0 }
    }

    /// - Parameter outer: returns the position among the upvalues of the outermost function; nil for a
    ///   local variable.
    private mutating func look(
        in function: Bytecode.Function, isGlobals: (Int) -> Bool, outer: (Int) -> Int?
    ) {
        for index in 0..<function.instructionCount {
            let instruction = function.instruction(index)
            let line = function.line(of: index) ?? function.line
            switch instruction.operation {
            case .setUpvalue:
                guard let position = outer(instruction.b), !isGlobals(position) else { continue }
                upvalues[position] = upvalues[position] ?? line
            case .setInUpvalue:
                guard let position = outer(instruction.a), isGlobals(position),
                    function.constants.indices.contains(instruction.b),
                    let name = function.constants[instruction.b]
                else { continue }
                globals[name] = globals[name] ?? line
            default: break
            }
        }
        for inner in function.functions {
            look(in: inner, isGlobals: isGlobals) { index in
                guard inner.upvalues.indices.contains(index) else { return nil }
                let upvalue = inner.upvalues[index]
                return upvalue.isLocal ? nil : outer(upvalue.index)
            }
        }
    }
}
