// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

// Work that ends after the run: a module calls `self:suspend(handle)`, and the next run calls its method
// `resume` with the handle.

/// The end of an attempt by `self:suspend(handle)`, or because a workflow that the module runs is suspended.
struct Suspension: Error {
    /// The handle as CBOR; nil if the nodes of the workflow have handles of their own.
    var handle: [UInt8]?
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

    /// Returns the error that suspends the module that is computing if it is a workflow that has run
    /// with this result; nil if it is not, or has no suspended node.
    package func suspension(by result: RunResult) -> (any Error)? {
        guard result.status == .suspended, current?.definition.workflow != nil else { return nil }
        let record = result.modules.first { $0.status == .suspended }
        return Suspension(handle: nil, shown: record?.skippedBecauseOf ?? record?.node ?? "")
    }
}

extension Run {
    /// Returns the handle with which a module is suspended under a key; nil if it is not.
    ///
    /// - Parameter isForced: true to forget the handle and to cancel the work.
    func handle(
        under key: Digest?, of module: ModuleDefinition, isForced: Bool, _ lua: borrowing Lua
    ) throws -> [UInt8]? {
        guard let key, try module.hasMethod("resume", lua),
            let node = try suspended(under: key)
        else { return nil }
        if !isForced { return node.handle }
        try cancel(node, of: module, lua)
        return nil
    }

    /// Returns the node that is suspended under a key; nil if there is none.
    func suspended(under key: Digest) throws -> SuspendedNode? {
        guard keys?.usesStore == true, environment.store?.isUsable == true else { return nil }
        return try withStore { try $0.suspended(key) }
    }

    /// Cancels the work of a node that was suspended with other inputs or other code.
    ///
    /// - Parameter isTurn: true to cancel that of all other turns of the node, too.
    func cancelOthers(
        than key: Digest?, named name: String, of module: ModuleDefinition, isTurn: Bool = false,
        _ lua: borrowing Lua
    ) throws {
        let name = scope.name(of: name)
        let loop = isTurn ? ElementName(name)?.node : nil
        for node in try suspendedNodes(of: module, lua)
        where node.key != key && !suspended.contains(node.key) {
            guard node.node == name || loop != nil && ElementName(node.node)?.node == loop else {
                continue
            }
            try cancel(node, of: module, lua)
        }
    }

    /// Returns the suspended elements or turns of a node if its module can cancel them.
    func suspendedParts(
        of name: String, _ module: ModuleDefinition, _ lua: borrowing Lua
    ) throws -> [SuspendedNode] {
        let name = scope.name(of: name)
        return try suspendedNodes(of: module, lua).filter { ElementName($0.node)?.node == name }
    }

    /// Returns the suspended nodes that this run may cancel if they belong to a module.
    private func suspendedNodes(
        of module: ModuleDefinition, _ lua: borrowing Lua
    ) throws -> [SuspendedNode] {
        guard keys?.usesStore == true, environment.store?.isUsable == true,
            try module.hasMethod("cancel", lua)
        else { return [] }
        return try withStore { try $0.suspendedNodes(of: scope.workflow) } ?? []
    }

    /// Cancels the work of a node, or warns that it cannot be cancelled.
    func cancel(
        _ node: SuspendedNode, of module: ModuleDefinition, _ lua: borrowing Lua
    ) throws {
        guard try module.hasMethod("cancel", lua),
            let error = try tryToCancel(node, of: module, lua)
        else { return }
        report(
            .logged(
                node: node.node, level: .warn, message: "cannot cancel \(node.shown): \(error)"))
    }

    /// Calls the module's method `cancel` with a handle, if it has one, and forgets the handle then.
    ///
    /// - Returns: the error of `cancel`; nil if the handle is forgotten.
    func tryToCancel(
        _ node: SuspendedNode, of module: ModuleDefinition, _ lua: borrowing Lua
    ) throws -> String? {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        guard case .script(let table) = module.body, try module.hasMethod("cancel", lua) else {
            return "`\(module.name)` has no method `cancel`; write function M:cancel(handle)"
        }
        try lua.push(table)
        try lua.pushField("cancel", of: -1)
        try lua.pushTable()
        try lua.push(try module.instanceMetatable(lua))
        lua.setMetatable(of: -2)
        try push(handle: node.handle, lua)
        try lua.pushTable()
        let context = ModuleContext(
            node: node.node, definition: module, inputs: try lua.takeReference(),
            filesDirectory: environment.filesDirectory, report: { [self] in report($0) })
        do {
            try interpreter.with(context) { try lua.call(arguments: 2, results: 0) }
        } catch let error as LuaError where error.code == .cancelled || error.code == .timedOut {
            throw error
        } catch {
            return error is Suspension
                ? "self:suspend works in `compute` and `resume` only"
                : (error as? LuaError)?.message ?? "\(error)"
        }
        try withStore { try $0.removeSuspended(node.key) }
        return nil
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
        guard let handle = suspension.handle else {
            if let key { suspended.insert(key) }
            return
        }
        guard try attempt.step.definition.hasMethod("resume", lua) else {
            throw fail(
                "the module suspends itself, but it has no method `resume`; write "
                    + "function M:resume(inputs, handle)")
        }
        guard keys?.usesStore == true, environment.store?.isUsable == true else {
            throw fail("self:suspend needs a store; run without --store off and --no-cache")
        }
        if let secret = Secrets.name(in: handle) {
            throw fail(
                "self:suspend: the handle holds the secret `\(secret)`, which must not be kept; "
                    + "take it from the inputs in `resume`")
        }
        guard let key else {
            if case .never = attempt.step.computing.caching {
                throw fail(
                    "self:suspend needs a module whose results are kept; remove cache = false")
            }
            throw fail(
                "self:suspend needs a result that can be kept; for the reason: vtlua why "
                    + "\(scope.run)/\(attempt.step.name)")
        }
        try withStore {
            try $0.keep(
                SuspendedNode(
                    key: key, node: scope.name(of: attempt.name), workflow: scope.workflow,
                    run: scope.run, handle: handle, shown: suspension.shown, since: Clock.wall))
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
