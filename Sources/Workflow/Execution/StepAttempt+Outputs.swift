// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension StepAttempt {
    /// Throws if the table has more fields than the `declared` ones.
    func refuseUndeclared(
        _ table: Int, declared: Int, _ lua: borrowing Lua, _ wrong: (String) -> ModuleFailure
    ) throws {
        var fields = 0
        try lua.pushNil()
        while try lua.next(of: table) {
            fields += 1
            lua.pop()
        }
        if fields == declared { return }
        var undeclared: String?
        var nameless: String?
        try lua.forEachPair(of: table) {
            guard let name = lua.string(at: -2) else {
                nameless = try lua.display(at: -2)
                return
            }
            if step.definition.outputIndex[name] == nil { undeclared = undeclared ?? name }
        }
        if let nameless, undeclared == nil {
            throw wrong(
                "compute returned the entry [\(nameless)]; every output must have a name, "
                    + "such as { \(step.definition.outputs.first?.name ?? "name") = value }")
        }
        guard let undeclared else { return }
        throw wrong(
            "compute returned `\(undeclared)`, which is not among the outputs"
                + suggestion(for: undeclared, among: step.definition.outputIndex.keys))
    }
}
