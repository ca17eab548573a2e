// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

// `vt.sweep`: runs of a workflow for many values of its parameters.

extension Workspace {
    private static let sweepOptions = [
        "zip", "keep_going", "on", "jobs", "targets", "cache", "timeout", "retries", "store",
    ]
    /// The options that `flow:run` has, too.
    private static let passed = ["targets", "cache", "timeout", "retries", "store"]

    /// `vt.sweep(flow, { name = { values }, ... } [, options])`: returns a list of `{ params =, outputs =,
    /// status =, run =, error = }`, one for each combination, those of the last parameter by name
    /// fastest.
    func sweep(_ lua: borrowing Lua) throws -> LuaReturn {
        try lua.setTop(3)
        guard let flow = lua.object(Flow.luaClass, at: 1) else {
            throw WorkflowError(
                "vt.sweep: a workflow expected, got \(lua.typeName(at: 1)); write vt.sweep(flow, "
                    + "{ name = { values } })")
        }
        if isOfWorker { throw lua.error(Self.refusal(of: "vt.sweep")) }
        let values = try valuesOfSweep(flow.graph, lua)
        if lua.isNil(at: 3) {
            try lua.setTop(2)
            try lua.pushTable()
        }
        let options = Declaration(index: 3, keys: Self.sweepOptions, subject: "vt.sweep: options")
        try options.checkKeys(lua)
        let zips = try options.optional("zip", Bool.self, lua) ?? false
        let keepsGoing = try options.optional("keep_going", Bool.self, lua) ?? false
        var jobs = try options.optional("jobs", Int.self, lua)
        let place = try placeOfSweep(options, lua)
        if place == .cluster, !limits.libraries.contains([.network, .workers]) {
            throw WorkflowError(
                LuaLibraries.refusal(
                    of: "vt.sweep: on = \"cluster\"", because: LuaLibraries.noNetwork))
        }
        if place == .processes { jobs = jobs ?? Processors.count }
        let count = try Self.count(values, zips: zips)
        let outer = (name: sweepName, place: sweepPlace)
        sweepName = try interpreter.newID(interpreter.runningEnvironment ?? environment)
        if place == .cluster {
            do {
                _ = try useCluster(sharesEngines: false, lua)
            } catch let absence as NoCluster {
                throw WorkflowError("vt.sweep: there is no cluster: \(absence)")
            }
            sweepPlace = .cluster
        }
        defer {
            (sweepName, sweepPlace) = outer
            if sweepPlace != .cluster { cluster.kept = nil }
            if outer.name.isEmpty { syncStores() }
        }
        try lua.pushTable(elements: count)
        let rows = lua.top
        for index in 0..<count {
            try lua.checkCancellation()
            let hasFailed = try runOfSweep(index, values, zips: zips, jobs: jobs, lua)
            try lua.setRawElement(index + 1, of: rows)
            if hasFailed, !keepsGoing { break }
        }
        return 1
    }

    /// Returns the value of the option `on`.
    private func placeOfSweep(_ options: Declaration, _ lua: borrowing Lua) throws -> Place? {
        guard let given = try options.optional("on", String.self, lua) else { return nil }
        let known: [Place] = [.processes, .cluster]
        if let place = known.first(where: { $0.rawValue == given }) { return place }
        throw WorkflowError(
            "vt.sweep: `on` must be \"processes\" or \"cluster\", got \"\(given)\""
                + suggestion(for: given, among: known.map(\.rawValue)))
    }

    /// Returns the parameters with their lists, by name.
    private func valuesOfSweep(
        _ graph: Graph, _ lua: borrowing Lua
    ) throws -> [(name: String, list: LuaReference, count: Int)] {
        guard lua.type(at: 2) == .table else {
            throw WorkflowError(
                "vt.sweep: a table of lists expected, got \(lua.typeName(at: 2)); write "
                    + "{ name = { values } }")
        }
        var values: [(name: String, list: LuaReference, count: Int)] = []
        try lua.forEachPair(of: 2) {
            let name = try lua.display(at: -2)
            try graph.requireParameters([name])
            guard lua.type(at: -1) == .table, lua.rawLength(at: -1) > 0 else {
                throw WorkflowError(
                    "vt.sweep: `\(name)` must be a list of values, got "
                        + (lua.type(at: -1) == .table
                            ? "a table without elements"
                            : "\(lua.brief(at: -1)); write { \(lua.brief(at: -1)) }"))
            }
            values.append((name, try lua.reference(at: -1), lua.rawLength(at: -1)))
        }
        if values.isEmpty {
            throw WorkflowError("vt.sweep: there is nothing to vary; write { name = { values } }")
        }
        return values.sorted { $0.name < $1.name }
    }

    private static func count(
        _ values: [(name: String, list: LuaReference, count: Int)], zips: Bool
    ) throws -> Int {
        guard zips else { return values.reduce(1) { $0 * $1.count } }
        for other in values where other.count != values[0].count {
            throw WorkflowError(
                "vt.sweep: zip pairs lists of equal length: `\(values[0].name)` has "
                    + "\(values[0].count), `\(other.name)` has \(other.count)")
        }
        return values[0].count
    }

    /// Runs a combination and pushes its row. Returns true if it has failed.
    private func runOfSweep(
        _ index: Int, _ values: [(name: String, list: LuaReference, count: Int)], zips: Bool,
        jobs: Int?, _ lua: borrowing Lua
    ) throws -> Bool {
        try lua.pushTable(fields: 5)
        let row = lua.top
        try lua.pushTable(fields: values.count)
        var rest = index
        for value in values.reversed() {
            try lua.push(value.list)
            try lua.pushRawElement((zips ? index : rest % value.count) + 1, of: -1)
            lua.remove(at: -2)
            try lua.setRawField(value.name, of: -2)
            if !zips { rest /= value.count }
        }
        try lua.pushValue(at: -1)
        try lua.setRawField("params", of: row)
        let parameters = lua.top
        try lua.pushField("run", of: 1)
        try lua.pushValue(at: 1)
        try lua.pushTable(fields: 6)
        for name in Self.passed {
            try lua.pushRawField(name, of: 3)
            try lua.setRawField(name, of: -2)
        }
        try lua.pushValue(at: parameters)
        try lua.setRawField("params", of: -2)
        try lua.push(true)
        try lua.setRawField("keep_going", of: -2)
        if let jobs {
            try lua.push(jobs)
            try lua.setRawField("jobs", of: -2)
        }
        do {
            try lua.call(arguments: 2, results: 1)
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            try lua.setTop(row)
            try lua.push("failed")
            try lua.setRawField("status", of: row)
            try lua.push(error.message)
            try lua.setRawField("error", of: row)
            return true
        }
        for field in ["outputs", "status", "run"] {
            try lua.pushRawField(field, of: -1)
            try lua.setRawField(field, of: row)
        }
        try lua.pushRawField("status", of: -1)
        let hasFailed = lua.string(at: -1) == "failed"
        lua.pop()
        if hasFailed {
            try lua.pushRawField("nodes", of: -1)
            var errors: [String] = []
            try lua.forEachPair(of: -1) {
                try lua.pushRawField("error", of: -1)
                if let error = lua.string(at: -1) { errors.append(error) }
                lua.pop()
            }
            try lua.push(errors.sorted().joined(separator: "\n"))
            try lua.setRawField("error", of: row)
        }
        try lua.setTop(row)
        return hasFailed
    }
}

extension Workspace {
    /// Sends the modules of the runs that follow to the engines of the default profile's cluster.
    ///
    /// - Parameter sharesEngines: true if other programs send tasks to the engines at the same time.
    /// - Returns: the number of engines.
    /// - Throws: ``NoCluster``.
    package func useCluster(sharesEngines: Bool, _ lua: borrowing Lua) throws -> Int {
        try cluster.keepConnection(sharesEngines: sharesEngines, lua)
    }
}
