// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Runs that a module starts in `compute`, as far as the result of that module is concerned.

extension Run {
    /// Notes the files among the inputs of a step whose cached result this run uses. The module that has
    /// started the run depends on their content: its key does not cover them.
    func noteInputFiles(of step: Plan.Step, _ attempt: StepAttempt, _ lua: borrowing Lua) throws {
        guard !isOutermost, let keys, step.definition.inputs.contains(where: \.type.holdsPaths)
        else { return }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try attempt.pushInputs(lua)
        for file in try inputFiles(of: step, lua.top, lua) where file.comparison != .name {
            note(file.path, isDirectory: file.isDirectory, keys.names)
        }
    }

    private func note(_ path: [UInt8], isDirectory: Bool, _ names: PersistentNames) {
        let log = interpreter.accessLog
        guard isDirectory else {
            return log.add(AccessEvent(.read, path, status: FileStatus(path)))
        }
        log.add(AccessEvent(.list, path, other: Observer.listing(path, names)))
        for name in path.namesInDirectory ?? [] {
            let full = path + [UInt8(ascii: "/")] + name
            guard let status = FileStatus(full) else { continue }
            note(full, isDirectory: status.kind == .directory, names)
        }
    }
}
