// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension StepAttempt {
    /// Throws if the run is being stopped, or if a signal ended a program of the module. The output
    /// of such a program looks complete to the module, so that no result of it may be kept.
    func checkPrograms(
        of context: ModuleContext, inputs: Int, _ lua: borrowing Lua
    ) throws {
        try lua.checkCancellation()
        try run.meetCancellation(lua)
        lua.settlePrograms()
        guard let program = context.endedProgram, let signal = program.signal else { return }
        var place: SourceLocation?
        if let source = program.source, let line = program.line {
            place = SourceLocation(chunk: source, line: line)
        }
        throw failure(
            .compute,
            "the program `\(program.shortCommand)` was ended by \(ProcessEnd.signalName(signal)); "
                + "its output may be incomplete", at: place, inputs: inputs, lua)
    }
}

extension LuaProgram {
    /// The command in one line of at most 80 characters.
    fileprivate var shortCommand: String {
        let line = String(command.map { $0.isNewline ? " " : $0 })
        return line.count <= 80 ? line : line.prefix(79) + "…"
    }
}
