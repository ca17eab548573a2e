// SPDX-License-Identifier: BSD-3-Clause

/// The fields of a parameter that a function and its inner functions read by name, such as
/// `inputs.radius`, found in the bytecode. There are none where the function may change the
/// parameter or its fields in a way that the bytecode does not show.
struct ParameterFields {
    /// The names, each with the line of the first read.
    private(set) var lines: [(name: String, line: Int)] = []
    private var written: Set<String> = []
    private var isChanged = false

    /// - Parameter index: the index of the parameter, from 0.
    init(of index: Int, in bytes: UnsafeRawBufferPointer) {
        guard let code = try? Bytecode(bytes) else { return }
        look(in: code.main, register: index) { _ in false }
        lines = isChanged ? [] : lines.filter { !written.contains($0.name) }
    }

    /// - Parameters:
    ///   - register: the register of the parameter; nil in an inner function.
    ///   - isParameter: returns true if an upvalue is the parameter.
    private mutating func look(
        in function: Bytecode.Function, register: Int?, isParameter: (Int) -> Bool
    ) {
        for index in 0..<function.instructionCount {
            let instruction = function.instruction(index)
            switch instruction.operation {
            case .getField where instruction.b == register:
                addRead(instruction.c, at: index, in: function)
            case .getFromUpvalue where isParameter(instruction.b):
                addRead(instruction.c, at: index, in: function)
            case .setField where instruction.a == register,
                .setInUpvalue where isParameter(instruction.a):
                if let name = function.constant(instruction.b) { written.insert(name) }
            case .setAtKey where instruction.a == register,
                .setUpvalue where isParameter(instruction.b):
                isChanged = true
            default: break
            }
            if let register, instruction.sets(register) { isChanged = true }
        }
        // A metatable may give fields that the table does not have.
        if function.constants.contains(where: { $0 == "setmetatable" || $0 == "rawset" }) {
            isChanged = true
        }
        for inner in function.functions {
            look(in: inner, register: nil) { index in
                guard inner.upvalues.indices.contains(index) else { return false }
                let upvalue = inner.upvalues[index]
                return upvalue.isLocal
                    ? upvalue.index == register : isParameter(upvalue.index)
            }
        }
    }

    private mutating func addRead(_ constant: Int, at index: Int, in function: Bytecode.Function) {
        guard let name = function.constant(constant), !lines.contains(where: { $0.name == name })
        else { return }
        lines.append((name, function.line(of: index) ?? function.line))
    }
}

extension Bytecode.Function {
    fileprivate func constant(_ index: Int) -> String? {
        constants.indices.contains(index) ? constants[index] : nil
    }
}

extension Bytecode.Instruction {
    /// Returns true if the instruction changes the register of a parameter. Operators and calls use
    /// registers after those of the parameters.
    fileprivate func sets(_ register: Int) -> Bool {
        switch word & 0x7f {
        case 8: (a...a + b).contains(register)  // LOADNIL
        // SETUPVAL, SETTABUP to SETFIELD, MMBIN to MMBINK, CLOSE to TEST, RETURN to RETURN1,
        // SETLIST, VARARGPREP, EXTRAARG: A is a register that is read, or is not a register.
        case 10, 15...18, 46...48, 54...66, 70...72, 78, 81, 82: false
        default: a == register
        }
    }
}
