// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import VTSystem

/// The computation of one module: it prepares the inputs, calls `compute`, with retries, and checks
/// the outputs.
struct StepAttempt {
    let run: Run
    let step: Plan.Step
    var count = 0
    var printed = ""
    var annotations: [(key: String, value: LuaValue)] = []
    private(set) var wasStopped = false
    /// The handle of work that goes on since an earlier run: `resume` is called in place of `compute`.
    var handle: [UInt8]?
    /// The element that is computed, for a step with elements.
    var element: (list: any ElementValues, index: Int)?

    /// A result with what its computation has accessed.
    struct Computed {
        var entry: ResultCache.Entry
        var accesses: Accesses
        /// The scratch directory that the module had.
        var scratch: String?
        var observations: [Observation] = []
        var products: [Product] = []
        var notices: [String] = []
        /// The reason why the result must not be used again.
        var obstacle: String?
    }

    init(run: Run, step: Plan.Step, element: (list: any ElementValues, index: Int)? = nil) {
        self.run = run
        self.step = step
        self.element = element
    }

    private var definition: ModuleDefinition { step.definition }

    /// The name of the node, with the place of the element.
    var name: String {
        element.map { step.name + $0.list.label(of: $0.index) } ?? step.name
    }

    // MARK: Inputs

    /// Pushes the table of inputs.
    func pushInputs(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: step.inputs.count)
        let table = lua.top
        for (position, (port, input)) in zip(definition.inputs, step.inputs).enumerated() {
            switch input {
            case .absent: continue
            case .element:
                try pushElement(position, lua)
                if lua.type(at: -1) == .table { try run.interpreter.copyTable(lua) }
            case .value(let value):
                try lua.push(value)
                if port.type.isStream {
                    try pushItems(for: port, lua)
                    lua.remove(at: -2)
                }
                // Each attempt gets a table of its own.
                if lua.type(at: -1) == .table { try run.interpreter.copyTable(lua) }
            case .output(let source): try pushOutput(source, for: position, port, lua)
            case .table(let elements):
                try pushTable(elements, lua)
                if !step.checks.isEmpty { try passChecks(before: position, lua) }
                try checkInput(port, from: nil, lua)
            }
            if case .custom(let type) = port.type, !lua.isNil(at: -1) {
                try calling(.input(port.name), lua) { try type.convertTop(lua) }
            }
            // The module may write to its own array.
            try lua.replaceArrayByCopy()
            try lua.setRawField(port.name, of: table)
        }
    }

    /// Pushes the value of an input that differs from element to element.
    func pushElement(_ position: Int, _ lua: borrowing Lua) throws {
        guard let element else { return try lua.pushNil() }
        let port = definition.inputs[position]
        try element.list.push(position, of: element.index, lua) { check in try pass(check, lua) }
        if lua.isNil(at: -1) {
            try replaceNil(by: port.defaultValue, lua)
            if lua.isNil(at: -1), !port.isRequired { return }
        }
        var origin: Int?
        if case .output(let source) = element.list.step.inputs[position] { origin = source.step }
        try checkInput(port, from: origin, lua)
    }

    /// Pushes a table with values of other steps in it.
    private func pushTable(_ table: Plan.Table, _ lua: borrowing Lua) throws {
        try run.pushTable(table, lua) { element in
            var origin: Int?
            switch element.input {
            case .absent, .element: try lua.pushNil()
            case .value(let value): try lua.push(value)
            case .output(let source):
                try run.pushOutput(source, lua)
                origin = source.step
            case .table(let inner): try pushTable(inner, lua)
            }
            for check in element.checks { try pass(check, lua) }
            if lua.isNil(at: -1), case .name? = element.path.keys.last { return }
            try checkInput(element.port, from: origin, lua)
        }
    }

    /// Pushes the output of an earlier step; the port's default if that is nil.
    private func pushOutput(
        _ source: Plan.StepOutput, for position: Int, _ port: Port, _ lua: borrowing Lua
    ) throws {
        try run.pushOutput(source, lua)
        if !step.checks.isEmpty { try passChecks(before: position, lua) }
        if lua.isNil(at: -1) {
            try replaceNil(by: port.defaultValue, lua)
            if lua.isNil(at: -1), !port.isRequired { return }
        }
        try checkInput(port, from: source.step, lua)
    }

    /// Checks the value on top by the parameters of inner workflows on the way to the input.
    private func passChecks(before position: Int, _ lua: borrowing Lua) throws {
        for check in step.checks where check.input == position { try pass(check, lua) }
    }

    private func pass(_ check: Plan.ParameterCheck, _ lua: borrowing Lua) throws {
        // The values of elements are checked when these are computed.
        if step.each != nil, check.depth > 0 { return }
        if lua.isNil(at: -1) { try replaceNil(by: check.port.defaultValue, lua) }
        if lua.isNil(at: -1) { return }
        if let reason = try check.port.mismatch(lua, at: -1) {
            throw failure(
                .inputs, "parameter `\(check.port.name)` of \(check.workflow): \(reason)",
                inputs: nil, lua)
        }
    }

    private func replaceNil(by value: LuaReference?, _ lua: borrowing Lua) throws {
        guard let value else { return }
        lua.pop()
        try lua.push(value)
    }

    private func checkInput(_ port: Port, from origin: Int?, _ lua: borrowing Lua) throws {
        // The elements of a list are checked when they are computed.
        if step.each != nil { return }
        if port.type.isAny, port.minimum == nil, port.maximum == nil, port.choices.isEmpty {
            return
        }
        if let reason = try port.mismatch(lua, at: -1) {
            let origin = origin.map { " (from \(run.plan.steps[$0].name))" } ?? ""
            throw failure(
                .inputs, "input `\(port.name)`\(origin): \(reason)", inputs: nil, lua)
        }
    }

    // MARK: Computing

    /// Computes the module, whose table of inputs is on top. Repeats the computation if it fails
    /// and retries are left.
    mutating func computeWithRetries(_ lua: borrowing Lua) throws -> Computed {
        let inputs = lua.top
        let attempts = 1 + run.retries(of: step)
        let tables = try InputTables(of: step, inputs: inputs, all: attempts > 1, in: run, lua)
        while true {
            count += 1
            do {
                let result = try computeOnce(inputs, lua)
                for (port, origin) in try restore(tables, inputs, lua) {
                    warnOfChange(to: port, of: origin)
                }
                return result
            } catch var failure as ModuleFailure {
                try lua.checkCancellation()
                // Another attempt, other nodes and the report get the inputs as they were.
                _ = try restore(tables, inputs, lua)
                if count >= attempts {
                    // Streams are not read again.
                    if !failure.inputs.isEmpty, !definition.hasStreamInputs {
                        try pushInputs(lua)
                        failure.inputs = describe(inputs: lua.top, lua)
                        lua.pop()
                    }
                    throw failure
                }
                try pushInputs(lua)
                lua.replace(at: inputs)
            }
        }
    }

    /// Gives other nodes and elements the inputs as they were, and returns those that were changed.
    func restore(
        _ tables: InputTables, _ inputs: Int, _ lua: borrowing Lua
    ) throws -> [(port: String, origin: Int)] {
        let changed = try tables.restore(inputs: inputs, in: run, lua)
        if !changed.isEmpty { try element?.list.readAgain(lua) }
        return changed
    }

    /// Reports that the module has changed an input in place.
    func warnOfChange(to port: String, of origin: Int) {
        let message = Self.change(of: port, from: run.plan.steps[origin].name)
        if element?.list.hasReported(message) ?? false { return }
        run.report(.logged(node: name, level: .warn, message: message))
    }

    /// The beginning of the warning.
    static let changeStart = "changes its input `"

    /// The warning that a module has changed an input in place.
    static func change(of port: String, from origin: String) -> String {
        changeStart
            + "\(port)` in place; other nodes get the value of `\(origin)` as it "
            + "was. Copy the table before changing it"
    }

    private mutating func computeOnce(
        _ inputs: Int, _ lua: borrowing Lua
    ) throws -> Computed {
        let context = ModuleContext(
            node: name, definition: definition, inputs: try lua.reference(at: inputs),
            filesDirectory: run.environment.filesDirectory,
            report: { [run] event in run.report(event) })
        defer { note(context) }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let log = run.interpreter.accessLog
        let accesses = run.keys == nil ? nil : log.begin(lua)
        let receives = run.interpreter.calls.receivesAccesses
        if accesses != nil { run.interpreter.calls.receivesAccesses = true }
        defer {
            if let accesses {
                run.interpreter.calls.receivesAccesses = receives
                log.end(accesses, adding: run.interpreter.calls.accesses.take(), lua)
            }
        }
        var scratch: String?
        let outputs = try run.interpreter.with(context) {
            defer { scratch = context.scratchDirectory }
            try run.closingStreams(of: step, lua) {
                try pushCompute(lua)
                try lua.pushValue(at: inputs)
                try calling(handle == nil ? .compute : .resume, inputs: inputs, lua) {
                    try limited(lua) { lua in
                        if let handle {
                            try run.push(handle: handle, lua)
                            try lua.call(arguments: 3, results: 1)
                        } else {
                            try lua.call(arguments: 2, results: 1)
                        }
                        try lua.checkCancellation()
                    }
                }
                try checkPrograms(of: context, inputs: inputs, lua)
                try checkOutputs(
                    set: context.outputs, scratch: context.scratchDirectory, inputs: inputs, lua)
                if definition.hasStreamOutputs { try endStreams(inputs: inputs, lua) }
            }
            return try lua.takeReference()
        }
        return Computed(
            entry: ResultCache.Entry(
                outputs: outputs, printed: String(decoding: context.printed, as: UTF8.self),
                annotations: context.annotations),
            accesses: accesses ?? Accesses(), scratch: scratch)
    }

    /// The method that is called.
    private var method: String { handle == nil ? "compute" : "resume" }

    /// Keeps what a module has printed and annotated.
    mutating func note(_ context: ModuleContext) {
        printed = String(decoding: context.printed, as: UTF8.self)
        annotations = context.annotations
        wasStopped = context.wasStopped
    }

    /// Pushes the method and its `self`: a new table that inherits from the module's table.
    func pushCompute(_ lua: borrowing Lua) throws {
        guard case .script(let module) = definition.body else { return }
        try lua.push(module)
        let parameters = handle == nil ? "inputs" : "inputs, handle"
        try lua.pushField(method, of: -1)
        guard lua.type(at: -1) == .function else {
            throw failure(
                .compute,
                "the module has no method `\(method)`; write function M:\(method)(\(parameters))",
                inputs: nil, lua)
        }
        lua.insert(at: -2)
        lua.pop()
        try lua.pushTable()
        try lua.push(try definition.instanceMetatable(lua))
        lua.setMetatable(of: -2)
    }

    private func limited(_ lua: borrowing Lua, _ body: (borrowing Lua) throws -> Void) throws {
        guard let timeout = run.timeout(of: step) else {
            return try body(lua)
        }
        do {
            try lua.limited(timeout: timeout, body)
        } catch let error as LuaError where error.code == .timedOut {
            // The time limit of the whole run takes precedence.
            try lua.checkCancellation()
            throw TimedOut(seconds: timeout.inSeconds, traceback: error.traceback)
        }
    }

    struct TimedOut: Error {
        var seconds: Double
        var traceback: [LuaFrame]
    }

    // MARK: Outputs

    /// Checks the value that `compute` returned, and replaces it by the table of outputs.
    ///
    /// - Parameters:
    ///   - set: the table of the values that `self:set_output` received.
    ///   - scratch: the module's scratch directory, if it has used one.
    ///   - isOwn: true if no module has the table: it came from a worker.
    func checkOutputs(
        set: LuaReference?, scratch: String?, inputs: Int?, isOwn: Bool = false,
        _ lua: borrowing Lua
    ) throws {
        func wrong(_ message: String) -> ModuleFailure {
            let place = (try? placeOfMethod(lua)) ?? nil
            return failure(.outputs, message, at: place, inputs: inputs, lua)
        }
        var isSilent = false
        switch lua.type(at: -1) {
        case .table: break
        case .nil:
            isSilent = set == nil
            lua.pop()
            try lua.pushTable(fields: definition.outputs.count)
        default:
            throw wrong(
                "\(method) returned a \(lua.typeName(at: -1)); a table of outputs expected, "
                    + "such as { \(definition.outputs.first?.name ?? "name") = value }")
        }
        if let set { try lua.mergeTop(into: set) }
        let table = lua.top
        var present = 0
        for port in definition.outputs {
            try lua.pushRawField(port.name, of: table)
            defer { lua.pop() }
            if lua.isNil(at: -1) {
                if port.isOptional || port.type.isAny { continue }
                try refuseUndeclared(table, declared: -1, lua, wrong)
                throw wrong(
                    isSilent
                        ? "\(method) returned nothing; end it with return { \(port.name) = value }"
                        : "output `\(port.name)` (\(port.type)) is nil; give it a value, or declare it "
                            + "with optional = true")
            }
            present += 1
            // The scratch directory of a worker is gone by now.
            if let scratch, port.type.holdsFiles || port.type.holdsDirectories,
                let path = lua.text(at: -1), path == scratch || path.hasPrefix(scratch + "/")
            {
                throw wrong(
                    "output `\(port.name)`: '\(path)' is in self.scratch, which is removed when compute ends; "
                        + "write it elsewhere")
            }
            if let reason = try port.mismatch(lua, at: -1) {
                throw wrong("output `\(port.name)`: \(reason)")
            }
        }
        try refuseUndeclared(table, declared: present, lua, wrong)
        if !isOwn { try takeOutputs(inputs: inputs, lua) }
    }

    /// Returns the line at which the method starts.
    func placeOfMethod(_ lua: borrowing Lua) throws -> SourceLocation? {
        guard case .script(let module) = definition.body else { return nil }
        try lua.push(module)
        defer { lua.pop() }
        try lua.pushField(method, of: -1)
        defer { lua.pop() }
        guard let (source, line, _) = try lua.definition(at: -1), source.hasPrefix("@") else {
            return nil
        }
        return SourceLocation(file: String(source.dropFirst()), line: line)
    }
}
