// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

// Work that ends after the run: a module calls `self:suspend(handle)`, and the next run calls its method
// `resume` with the handle.

/// The end of an attempt by `self:suspend(handle)`.
struct Suspension: Error {
    /// The handle as CBOR.
    var handle: [UInt8]
    /// A short text for the handle.
    var shown: String
}

extension Interpreter {
    /// Returns the error that suspends the module that is computing, with the handle on top.
    ///
    /// - Parameter shown: a short text for the handle.
    /// - Throws: ``WorkflowError`` if the handle is not data.
    package func suspension(shown: String, _ lua: borrowing Lua) throws -> any Error {
        switch lua.type(at: -1) {
        case .string, .number, .table: break
        default:
            throw WorkflowError(
                "self:suspend: the handle must be a string, a number or a table of data, got "
                    + lua.typeName(at: -1))
        }
        let encoder = ShippingEncoder(.canonical)
        do {
            try encoder.encode(lua, at: -1)
        } catch let refusal as ShippingRefusal {
            throw WorkflowError("self:suspend: the handle cannot be kept: \(refusal.summary)")
        }
        return Suspension(handle: encoder.withBytes { Array($0) }, shown: shown)
    }
}

extension Run {
    /// Returns the handle with which a module is suspended under a key; nil if it is not.
    ///
    /// - Parameter isForced: true to forget the handle and to cancel the work.
    func handle(
        under key: Digest?, of step: Plan.Step, isForced: Bool, _ lua: borrowing Lua
    ) throws -> [UInt8]? {
        guard let key, keys?.usesStore == true else { return nil }
        guard let node = try withStore({ try $0.suspended(key) }) else { return nil }
        if !isForced { return node.handle }
        try cancel(node, of: step, lua)
        return nil
    }

    /// Cancels the work of a node that was suspended with other inputs or other code.
    func cancelOthers(than key: Digest?, of step: Plan.Step, _ lua: borrowing Lua) throws {
        guard keys?.usesStore == true else { return }
        let others =
            try withStore { try $0.suspended(node: step.name, workflow: workflow) } ?? []
        for node in others where node.key != key { try cancel(node, of: step, lua) }
    }

    /// Calls the module's method `cancel` with a handle, if it has one, and forgets the handle then.
    private func cancel(
        _ node: SuspendedNode, of step: Plan.Step, _ lua: borrowing Lua
    ) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        guard case .script(let module) = step.computing.body else { return }
        try lua.push(module)
        try lua.pushField("cancel", of: -1)
        guard lua.type(at: -1) == .function else { return }
        try lua.pushTable()
        try lua.push(try step.computing.instanceMetatable(lua))
        lua.setMetatable(of: -2)
        try push(handle: node.handle, lua)
        try lua.pushTable()
        let context = ModuleContext(
            node: step.name, definition: step.computing, inputs: try lua.takeReference(),
            filesDirectory: environment.filesDirectory, report: { [self] in report($0) })
        do {
            try interpreter.with(context) { try lua.call(arguments: 2, results: 0) }
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            report(
                .logged(
                    node: step.name, level: .warn,
                    message: "cannot cancel \(node.shown): \(error.message)"))
            return
        }
        try withStore { try $0.removeSuspended(node.key) }
    }

    /// Pushes the value of a handle.
    func push(handle: [UInt8], _ lua: borrowing Lua) throws {
        try handle.withUnsafeBytes { bytes in
            var position = 0
            try interpreter.decoder.decode(bytes, at: &position, lua)
        }
    }

    /// Keeps the handle of a module that has suspended itself.
    ///
    /// - Throws: ``ModuleFailure`` if the module cannot be resumed.
    func keep(
        _ suspension: Suspension, under key: Digest?, of attempt: StepAttempt,
        _ lua: borrowing Lua
    ) throws {
        func fail(_ message: String) -> ModuleFailure {
            attempt.failure(.compute, message, inputs: nil, lua)
        }
        guard try attempt.step.definition.hasMethod("resume", lua) else {
            throw fail(
                "the module suspends itself, but it has no method `resume`; write "
                    + "function M:resume(inputs, handle)")
        }
        guard keys?.usesStore == true, environment.store?.isUsable == true else {
            throw fail("self:suspend needs a store; run without --store off and --no-cache")
        }
        if let secret = Secrets.name(in: suspension.handle) {
            throw fail(
                "self:suspend: the handle holds the secret `\(secret)`, which must not be kept; "
                    + "take it from the inputs in `resume`")
        }
        guard let key else {
            throw fail("self:suspend needs a result that can be kept; `vtlua why` has the reason")
        }
        try withStore {
            try $0.keep(
                SuspendedNode(
                    key: key, node: attempt.name, workflow: workflow, run: id,
                    handle: suspension.handle, shown: suspension.shown, since: Clock.wall))
        }
        suspended.insert(key)
    }

    /// Forgets a handle after its work has ended.
    func endSuspension(under key: Digest?) throws {
        guard let key else { return }
        try withStore { try $0.removeSuspended(key) }
    }
}

extension ModuleDefinition {
    /// True if the module has a method of a name.
    func hasMethod(_ name: String, _ lua: borrowing Lua) throws -> Bool {
        guard case .script(let module) = body else { return false }
        try lua.push(module)
        try lua.pushField(name, of: -1)
        defer { lua.pop(2) }
        return lua.type(at: -1) == .function
    }
}
