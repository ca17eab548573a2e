// SPDX-License-Identifier: BSD-3-Clause

/// The fields that a function reads of one of its parameters by name, `inputs.radius`, found in its
/// bytecode; in functions inside it as well. None where the parameter, or what it has, may be
/// changed in a way that is not understood.
struct ParameterFields {
    /// Names, and the lines where they are first read.
    private(set) var lines: [(name: String, line: Int)] = []
    private var written: Set<String> = []
    private var isChanged = false

    /// - Parameter index: the parameter's, from 0.
    init(of index: Int, in bytes: UnsafeRawBufferPointer) {
        guard let code = try? Bytecode(bytes) else { return }
        look(in: code.main, register: index) { _ in false }
        lines = isChanged ? [] : lines.filter { !written.contains($0.name) }
    }

    /// - Parameters:
    ///   - register: where the parameter is; nil: it is none of the function's own.
    ///   - isParameter: whether an upvalue is.
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
        // What is not there may come from somewhere else.
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
    /// Whether it gives a parameter's register another value. Those of operators and calls lie
    /// behind the parameters.
    fileprivate func sets(_ register: Int) -> Bool {
        switch word & 0x7f {
        case 8: (a...a + b).contains(register)  // LOADNIL
        // SETUPVAL, SETTABUP to SETFIELD, MMBIN to MMBINK, CLOSE to TEST, RETURN to RETURN1,
        // SETLIST, VARARGPREP, EXTRAARG: what they name is read, or no register.
        case 10, 15...18, 46...48, 54...66, 70...72, 78, 81, 82: false
        default: a == register
        }
    }
}
