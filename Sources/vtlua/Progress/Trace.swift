// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTRuntime
import VTSystem
import VTWorkflow

/// `--trace`: writes every event of a run with its time, and the parallel tasks of each module when
/// the module has ended, as lines of JSON.
final class Trace {
    private let path: String
    private var file: UnsafeMutablePointer<FILE>?

    /// - Throws: ``WorkflowError``
    init(_ path: String) throws {
        self.path = path
        file = fopen(path, "we")
        guard file != nil else { throw failure() }
    }

    deinit { if let file { fclose(file) } }

    func write(_ event: RunEvent) {
        var line: [(key: String, value: JSON)] = [("time", .number(Clock.wall))]
        if case .object(let fields) = event.json { line += fields }
        write(line)
        guard case .moduleFinished(let record) = event else { return }
        for (number, call) in record.calls.enumerated() {
            let about: [(key: String, value: JSON)] = [
                ("event", .string("task")), ("node", .string(record.node)),
                ("call", .integer(number + 1)), ("backend", .string(call.backend.rawValue)),
                ("label", call.label.map(JSON.string) ?? .null),
            ]
            for task in call.tasks { write(about + call.fields(of: task)) }
        }
    }

    private func write(_ fields: [(key: String, value: JSON)]) {
        guard let file else { return }
        let text = Secrets.masked(JSON.object(fields).text) + "\n"
        guard fputs(text, file) < 0 else { return }
        report("warning: \(failure().message); continuing without a trace\n")
        close()
    }

    /// Flushes and closes the file.
    func finish() {
        guard let file else { return }
        if fflush(file) != 0 { report("warning: \(failure().message)\n") }
        close()
    }

    private func close() {
        if let file { fclose(file) }
        file = nil
    }

    private func failure() -> WorkflowError {
        WorkflowError("cannot write the trace '\(path)': \(String(cString: strerror(errno)))")
    }
}
