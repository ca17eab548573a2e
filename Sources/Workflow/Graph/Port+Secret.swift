// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem

// Parameters with `secret = true` and with `env = "NAME"`.

extension Port {
    /// Throws if attributes contradict each other.
    func checkSecret() throws {
        if let name = environmentVariable {
            if name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
                throw WorkflowError(
                    "`env` must be the name of an environment variable, got '\(name)'")
            }
            guard case .string = type else {
                throw WorkflowError("`env` applies to strings, not to \(type)")
            }
        }
        guard isSecret else { return }
        guard case .string = type else {
            throw WorkflowError("`secret` applies to strings, not to \(type)")
        }
        if defaultValue != nil || !choices.isEmpty {
            throw WorkflowError(
                "a secret has no `\(choices.isEmpty ? "default" : "choices")`, which would stand in the "
                    + "script; write env = \"NAME\"")
        }
    }

    /// The advice for a parameter that has no value.
    package var sources: String {
        let variable = environmentVariable.map { "set the environment variable \($0)" }
        if !isSecret {
            return (variable.map { $0 + ", or " } ?? "") + "give it with -p \(name)=..."
        }
        return (variable.map { $0 + ", or " } ?? "") + "give it in a file, with --params FILE or "
            + "-p \(name)=@FILE"
    }

    /// The value that the environment has for the parameter; nil for none.
    package func environmentValue(_ lua: borrowing Lua) throws -> LuaReference? {
        guard let environmentVariable, let value = getenv(environmentVariable), value.pointee != 0
        else { return nil }
        try lua.push(bytes: UnsafeRawBufferPointer(start: value, count: strlen(value)))
        return try lua.takeReference()
    }

    /// Notes the value of a secret parameter, so that it is hidden from now on.
    ///
    /// - Throws: ``WorkflowError`` if it is too short to be hidden.
    package func hide(_ value: LuaReference, _ lua: borrowing Lua) throws {
        guard isSecret else { return }
        try lua.push(value)
        defer { lua.pop() }
        guard lua.type(at: -1) == .string else { return }
        let bytes = lua.withBytes(at: -1) { Array($0) } ?? []
        guard bytes.count >= Secrets.shortest else {
            throw WorkflowError(
                "parameter `\(name)`: a secret must have at least \(Secrets.shortest) characters")
        }
        Secrets.add(bytes, name: name)
    }
}
