// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// The outcome of one combination of a sweep.
struct SweepRow {
    enum Status: String {
        case done, suspended, failed, cancelled
        /// The combination was not started, because another one has failed.
        case skipped
    }

    var number: Int
    var status: Status
    var run: String?
    var seconds = 0.0
    /// The parameters with their values.
    var parameters: [JSON.Member] = []
    var outputs: [JSON.Member] = []
    /// The outputs as they are shown in the table.
    var texts: [String: String] = [:]
    var error: String?
    /// The exit code of a failure.
    var code: Int32 = 0
    /// The files that its modules have made, with the keys of their results.
    var files: [String: String] = [:]

    init(_ number: Int, _ status: Status) {
        self.number = number
        self.status = status
    }

    /// The row as `--json` has it.
    var json: JSON {
        .object([
            ("number", .integer(number)), ("parameters", .object(parameters)),
            ("status", .string(status.rawValue)), ("run", run.map(JSON.string) ?? .null),
            ("seconds", .number(seconds)), ("outputs", .object(outputs)),
            ("error", error.map(JSON.string) ?? .null),
        ])
    }

    // MARK: Between processes

    /// The row as a worker sends it.
    var message: JSON {
        .object([
            ("row", json), ("code", .integer(Int(code))),
            ("texts", .object(texts.map { ($0.key, .string($0.value)) })),
            ("files", .object(files.map { ($0.key, .string($0.value)) })),
        ])
    }

    /// The line by which a worker says that the runs of all rows so far are on record.
    static let written = Array("written".utf8)

    init?(message: JSON) {
        let row = message["row"]
        guard let number = row["number"].int,
            let status = row["status"].string.flatMap(Status.init(rawValue:))
        else { return nil }
        self.number = number
        self.status = status
        run = row["run"].string
        seconds = row["seconds"].double ?? 0
        parameters = row["parameters"].members ?? []
        outputs = row["outputs"].members ?? []
        error = row["error"].string
        code = Int32(message["code"].int ?? 1)
        for (name, text) in message["texts"].members ?? [] { texts[name] = text.string ?? "" }
        for (path, digest) in message["files"].members ?? [] { files[path] = digest.string ?? "" }
    }
}

extension FlowRunner {
    /// Returns true if the run of a row is on record.
    func isOnRecord(_ row: SweepRow) throws -> Bool {
        guard let run = row.run, let store else { return false }
        return try store.isKnown(run: run)
    }
}

/// Runs combinations of a sweep, one after another, in this process.
struct SweepInterpreter {
    var runner: FlowRunner
    /// The parameters that all combinations share.
    var shared: Parameters
    var targets: [String]
    var options: Interpreter.Options

    init(
        _ runner: FlowRunner, sweep: String, shared: Parameters, targets: [String],
        options: Interpreter.Options
    ) {
        self.runner = runner
        self.shared = shared
        self.targets = targets
        self.options = options
        self.options.estimates = false
        runner.store?.setting.sweep = sweep
        runner.store?.setting.groupsWrites = true
    }

    /// Runs one combination. A failure is in the row.
    ///
    /// - Throws: an error of the sweep as a whole: it was cancelled, or the state is unusable.
    func run(_ combination: SweepCombination, _ lua: borrowing Lua) throws -> SweepRow {
        var row = SweepRow(combination.number, .failed)
        row.code = 1
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var parameters = shared
        parameters.assignments += combination.values.map { "\($0.name)=\($0.text)" }
        do {
            row.parameters = try values(of: combination, lua)
            var runner = runner
            let number = combination.number
            runner.environment.observers.append { event in
                guard let text = event.outputBytes else { return }
                report(bytes: Array("[\(number)] ".utf8) + text)
            }
            let plan = try runner.plan(parameters, targets: targets, lua)
            let result = try runner.run(plan, options: options, lua)
            row.run = result.run
            row.seconds = result.seconds
            for (path, digest) in result.files {
                row.files[String(decoding: path, as: UTF8.self)] = Hex.text(digest)
            }
            for ((name, value), (_, source)) in zip(result.outputs, plan.outputs) {
                guard let value else { continue }
                try lua.push(value)
                defer { lua.pop() }
                let isList = plan.isList(source)
                row.outputs.append(
                    (name, try JSON(lua, at: -1, place: name, isList: isList)))
                row.texts[name] = String(
                    decoding: lua.outputText(at: -1, isList: isList), as: UTF8.self)
            }
            if let failure = result.failure {
                row.error = failure.sentence
                row.code = failure.exitCode
                report(ErrorLayout.text(failure, next: nil))
            } else {
                row.status = result.status == .suspended ? .suspended : .done
                row.code = row.status == .suspended ? 8 : 0
            }
        } catch let error as LuaError where error.code == .cancelled {
            throw error
        } catch let invalid as InvalidWorkflow {
            row.error = invalid.problems.map(\.message).joined(separator: "; ")
            row.code = 3
            report(ErrorLayout.text(invalid))
        } catch let mistake as Parameters.Mistake {
            row.error = mistake.message
            row.code = 2
        } catch {
            row.error = "\(error)"
        }
        return row
    }

    /// Writes the runs of short combinations together.
    ///
    /// - Parameter didWrite: called on a thread when the runs of all combinations that have ended are on
    ///   record, while ``exclusively(_:)`` waits.
    func groupRuns(_ didWrite: @escaping @Sendable () -> Void) throws {
        try runner.store?.groupRuns(didWrite)
    }

    /// Calls `body` with true if combinations have ended whose runs are not on record yet.
    func exclusively<R>(_ body: (_ hasUnwrittenRuns: Bool) throws -> R) rethrows -> R {
        guard let store = runner.store else { return try body(false) }
        return try store.exclusively { try body(store.hasUnwrittenRuns) }
    }

    /// Waits until the results of all combinations are on the disk.
    func end() {
        do {
            try runner.store?.endGrouping()
            try runner.store?.sync()
        } catch {
            report("warning: \(error)\n")
        }
    }

    private func values(
        of combination: SweepCombination, _ lua: borrowing Lua
    ) throws -> [JSON.Member] {
        try combination.values.compactMap { name, text in
            guard let port = runner.graph.parameters.first(where: { $0.name == name }) else {
                return nil
            }
            try lua.push(try port.value(parsing: text, lua))
            defer { lua.pop() }
            return (name, try JSON(lua, at: -1, place: name))
        }
    }
}
