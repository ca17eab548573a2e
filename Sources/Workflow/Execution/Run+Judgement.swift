// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// The decision whether the result of a computation may be used again, by its accesses and changes.

/// A file or directory that an input names, as it was before the computation.
struct InputFile {
    var path: [UInt8]
    var isDirectory: Bool
    var comparison: Port.Comparison
    var port: String
    var status: FileStatus?
    /// The bytes that the key has of it.
    var bytes: [UInt8]
}

extension Run {
    /// Decides whether the result of a computation may be used again, and what must hold then.
    ///
    /// - Parameters:
    ///   - step: the step, or the element of a step, that was computed.
    ///   - index: the index of the step in the plan.
    ///   - isHere: false for a computation on a worker, which has an environment of its own, and for one
    ///     whose effect on the environment is judged later.
    func judge(
        _ result: inout StepAttempt.Computed, of step: Plan.Step, at index: Int,
        inputFiles: [InputFile], isHere: Bool = true, _ lua: borrowing Lua
    ) throws {
        guard let keys else { return }
        if result.accesses.isEmpty, inputFiles.isEmpty,
            !step.definition.outputs.contains(where: { $0.type.holdsPaths })
        {
            if isHere { result.obstacle = try judgeEnvironment(after: index, lua) }
            return
        }
        let directory = [UInt8].workingDirectory
        let files = Set(
            inputFiles.filter { $0.comparison == .content && !$0.isDirectory }.map {
                $0.path.absolutePath(in: directory)
            })
        let directories = inputFiles.filter { $0.isDirectory && $0.comparison == .content }.map {
            $0.path.absolutePath(in: directory) + [UInt8(ascii: "/")]
        }
        let scratches =
            ((result.scratch.map { [$0] } ?? []) + (streamGroups[index]?.scratches ?? [])).map {
                Array($0.utf8)
            }
        let outcome = try result.accesses.outcome(
            covered: { path in
                files.contains(path) || directories.contains { (path + [47]).starts(with: $0) }
            },
            isScratch: { path in scratches.contains { path.starts(with: $0) } },
            observe: { try keys.observer.observations(of: $0, lua) })
        result.observations = outcome.observations
        var obstacle = outcome.obstacle
        try addProducts(
            outcome.products, to: &result, of: step, inputs: inputFiles.map(\.path), lua)
        result.notices = outcome.notices.map { what, place in
            (place.isEmpty ? "" : "\(place): ") + what
        }
        if isHere, let changed = try judgeEnvironment(after: index, lua) {
            obstacle = obstacle ?? changed
        }
        if let changed = changedInput(inputFiles, products: outcome.products) {
            obstacle = obstacle ?? changed
        }
        result.obstacle = obstacle
    }

    // MARK: Files

    /// Returns the files and directories that the inputs of a step name.
    func inputFiles(
        of step: Plan.Step, _ inputs: Int, _ lua: borrowing Lua
    ) throws -> [InputFile] {
        guard let keys else { return [] }
        var files: [InputFile] = []
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            func collect(_ type: PortType) throws {
                try forEachPath(type, lua) { path, isDirectory in
                    var bytes: [UInt8] = []
                    try? keys.names.append(
                        path: path, isDirectory: isDirectory, port.comparison, to: &bytes)
                    files.append(
                        InputFile(
                            path: path, isDirectory: isDirectory, comparison: port.comparison,
                            port: port.name, status: FileStatus(path), bytes: bytes))
                }
            }
            if port.type.holdsPaths {
                try lua.pushRawField(port.name, of: inputs)
                defer { lua.pop() }
                try collect(port.type)
                continue
            }
            try input.forEachOutput(of: port) { source, place in
                let type = plan.steps[source.step].definition.outputs[source.output].type
                guard type.holdsPaths, !place.type.holdsPaths else { return }
                try pushOutput(source, lua)
                defer { lua.pop() }
                try collect(type)
            }
        }
        return files
    }

    /// Returns the input that was changed while the module computed, in words.
    private func changedInput(_ files: [InputFile], products: [[UInt8]]) -> String? {
        guard let keys else { return nil }
        for file in files where file.comparison != .name {
            if !file.isDirectory, FileStatus(file.path) == file.status { continue }
            var bytes: [UInt8] = []
            try? keys.names.append(
                path: file.path, isDirectory: file.isDirectory, file.comparison, to: &bytes)
            if bytes == file.bytes { continue }
            let name = "its input `\(file.port)` ('\(file.path.text)')"
            guard file.isDirectory else { return "\(name) was changed while it computed" }
            let start = file.path.absolutePath(in: .workingDirectory) + [UInt8(ascii: "/")]
            let isOwn = products.contains {
                $0.absolutePath(in: .workingDirectory).starts(with: start)
            }
            return isOwn
                ? "it writes into \(name); declare the port with compare = \"name\""
                : "\(name) was changed while it computed"
        }
        return nil
    }

    /// Adds the digests of what the module has made, and of the files among its outputs.
    ///
    /// - Parameter inputs: the paths of files and directories among its inputs.
    private func addProducts(
        _ made: [[UInt8]], to result: inout StepAttempt.Computed, of step: Plan.Step,
        inputs: [[UInt8]], _ lua: borrowing Lua
    ) throws {
        guard let keys else { return }
        let hasRunPrograms = result.accesses.events.contains {
            $0.kind == .program || $0.kind == .tool
        }
        // The time of a file may be that of the last tick of the system's clock.
        let start = Int((beganAt - 0.01) * 1e9)
        var products: Set<Product> = []
        for path in made {
            guard let status = FileStatus(path) else { continue }
            let name = keys.names.paths.name(ofGiven: path)
            switch status.kind {
            case .regular:
                try claim(path, for: step, lua)
                if let digest = try? keys.names.digest(ofFile: path) {
                    products.insert(Product(name: name, digest: digest.bytes))
                }
            case .directory: products.insert(Product(name: name, digest: []))
            case .other: continue
            }
        }
        try lua.push(result.entry.outputs)
        defer { lua.pop() }
        for port in step.definition.outputs where port.type.holdsPaths {
            try lua.pushRawField(port.name, of: -1)
            defer { lua.pop() }
            try forEachPath(port.type, lua) { path, isDirectory in
                let name = keys.names.paths.name(ofPort: path)
                let digest =
                    port.comparison != .content
                    ? nil
                    : isDirectory
                        ? try? keys.names.digest(ofDirectory: path)
                        : try? keys.names.digest(ofFile: path)
                guard isDirectory || digest != nil else { return }
                let found = Product(name: name, digest: digest?.bytes ?? [])
                guard !products.contains(found) else { return }
                // The files that programs write are not observed: the time of the file decides.
                let isMade =
                    hasRunPrograms && !inputs.contains(path)
                    && FileStatus(path).map { $0.modified >= start } ?? false
                products.insert(Product(name: name, digest: found.digest, isMade: isMade))
                if isMade, !isDirectory {
                    self.made[path.absolutePath(in: .workingDirectory)] = (
                        step.name, Array(id.utf8)
                    )
                }
            }
        }
        result.products = Array(products)
    }

    /// Notes that a step has made a file.
    ///
    /// - Throws: ``ModuleFailure`` if another step of the run has made it, too: which content stays
    ///   would depend on what is cached.
    private func claim(_ path: [UInt8], for step: Plan.Step, _ lua: borrowing Lua) throws {
        let whole = path.absolutePath(in: .workingDirectory)
        let node = step.name
        guard let other = made.updateValue((node, Array(id.utf8)), forKey: whole)?.node,
            other != node
        else { return }
        throw StepAttempt(run: self, step: step).failure(
            .outputs,
            "it writes '\(path.text)', which `\(other)` has written in this run; give each node a "
                + "file of its own", inputs: nil, lua)
    }

    // MARK: The environment

    /// Notes the state of the environment before the first computation.
    func beginWatchingEnvironment(_ lua: borrowing Lua) throws {
        guard environmentState.hash == nil else { return }
        let hash = lua.environmentHash
        if interpreter.knownEnvironment.hash != hash {
            interpreter.knownEnvironment = EnvironmentState(
                hash: hash, changes: try lua.environmentChanges())
        }
        environmentState = interpreter.knownEnvironment
    }

    /// Returns the reason why a result must not be used again if the module has changed the
    /// environment; no result that depends on the change is kept either.
    func judgeEnvironment(after index: Int, _ lua: borrowing Lua) throws -> String? {
        guard let keys else { return nil }
        let hash = lua.environmentHash
        if hash == environmentState.hash { return nil }
        environmentState.hash = hash
        let before = environmentState.changes
        let now = try lua.environmentChanges()
        environmentState.changes = now
        let node = plan.steps[index].name
        var reason: String?
        for name in Set(before.keys).union(now.keys).sorted()
        where try !lua.areEqual(before[name], now[name]) {
            guard name.hasPrefix("_G.") else {
                reason = reason ?? "it sets `\(name)`; pass the value through a port"
                keys.addTaint(
                    global: nil, "it runs after `\(node)`, which sets `\(name)`")
                continue
            }
            let global = String(name.dropFirst(3))
            var place = ""
            // The code of the steps whose streams this one reads has run, too.
            for writer in [index] + (streams?.parts[index] ?? []) where place.isEmpty {
                if let found = try keys.placesOfGlobals(setBy: writer, lua)[global] {
                    place = " (\(found))"
                }
            }
            reason =
                reason ?? "it sets the global `\(global)`\(place); pass the value through a port"
            keys.addTaint(
                global: global,
                "it may read the global `\(global)`, which `\(node)` sets\(place)")
        }
        if reason == nil {
            reason = "it changes the metatable of a basic type or of the globals"
            keys.addTaint(global: nil, "it runs after `\(node)`, which changes such a metatable")
        }
        return reason
    }
}

extension Lua {
    /// Returns the fields of the environment that differ from those of a fresh state.
    fileprivate func environmentChanges() throws -> [String: LuaReference] {
        var found: [String: LuaReference] = [:]
        try forEachEnvironmentTable { table, index, copy in
            if table == "loaded" { return }
            for change in try changes(of: index, from: copy) {
                found["\(table).\(change.name)"] = change.value
            }
        }
        return found
    }

    fileprivate func areEqual(_ first: LuaReference?, _ second: LuaReference?) throws -> Bool {
        guard let first, let second else { return first == nil && second == nil }
        try push(first)
        try push(second)
        defer { pop(2) }
        return rawEqual(-1, -2)
    }
}
