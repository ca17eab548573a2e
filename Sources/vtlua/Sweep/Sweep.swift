// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime
import VTSystem
import VTWorkflow

/// A sweep in progress: the rows of combinations that have ended.
final class Sweep {
    let id: String
    private let combinations: [SweepCombination]
    private let keepsGoing: Bool
    private let signals: Signals
    private var found: [Int: SweepRow] = [:]
    /// The combination that has made each file, with the key of the result.
    private var makers: [String: (number: Int, result: String)] = [:]
    private var lastLine: Int64 = 0
    private let began = Clock.now

    init(id: String, combinations: [SweepCombination], keepsGoing: Bool, signals: Signals) {
        self.id = id
        self.combinations = combinations
        self.keepsGoing = keepsGoing
        self.signals = signals
    }

    /// A row for each combination, in their order.
    var rows: [SweepRow] {
        combinations.map { combination in
            found[combination.number]
                ?? SweepRow(combination.number, isStopped ? .cancelled : .skipped)
        }
    }

    private var isStopped: Bool { signals.exitCode != nil }

    private var hasFailed: Bool { found.values.contains { $0.status == .failed } }

    /// The exit code of a sweep that was not stopped.
    var exitCode: Int32 {
        let codes = Set(found.values.filter { $0.status == .failed }.map(\.code))
        let isSuspended = found.values.contains { $0.status == .suspended }
        return codes.count > 1 ? 1 : codes.first ?? (isSuspended ? 8 : 0)
    }

    // MARK: In this process

    /// Runs all combinations in this process.
    func run(by interpreter: SweepInterpreter, _ lua: borrowing Lua) throws {
        for combination in combinations {
            do {
                add(try interpreter.run(combination, lua))
            } catch let error as LuaError where error.code == .cancelled {
                return
            }
            if hasFailed, !keepsGoing { return }
        }
    }

    // MARK: On processes

    /// Runs all combinations on child processes.
    ///
    /// - Parameter isOnRecord: returns true if the run of a row is on record.
    func run(
        workers count: Int, _ arguments: [String], isOnRecord: (SweepRow) throws -> Bool
    ) throws {
        var workers: [SweepWorker] = []
        defer { for worker in workers { worker.end() } }
        var next = combinations[...]
        var sent: [Int: SweepCombination] = [:]
        while true {
            let mayStart = !isStopped && (keepsGoing || !hasFailed)
            while mayStart, !next.isEmpty, workers.count < min(count, next.count + sent.count) {
                workers.append(try SweepWorker(arguments))
            }
            for worker in workers where mayStart && worker.room > 0 {
                // Each worker has a second one waiting, except near the end.
                let most = next.count > 2 * workers.count ? worker.room : max(0, worker.room - 1)
                for combination in next.prefix(most) where worker.send(combination) {
                    sent[combination.number] = combination
                    next = next.dropFirst()
                }
            }
            if sent.isEmpty, next.isEmpty || !mayStart { return }
            if isStopped {
                for worker in workers { worker.stop() }
            } else if !mayStart {
                // Workers end the combinations that they were sent, and get no further one.
                for worker in workers { worker.close() }
            }
            SweepWorker.wait(for: workers, milliseconds: 100)
            for worker in workers {
                for row in worker.takeRows() where sent.removeValue(forKey: row.number) != nil {
                    add(row)
                }
            }
            for worker in workers {
                guard let end = worker.ended else { continue }
                workers.removeAll { $0 === worker }
                for row in worker.unwritten {
                    guard let combination = sent.removeValue(forKey: row.number) else { continue }
                    // It ended without a record: it runs again.
                    if try isOnRecord(row) { add(row) } else { next = [combination] + next }
                }
                lose(worker.sent, end, &sent, &next)
            }
        }
    }

    /// Takes back what a worker that has ended was sent: what it was running has failed.
    private func lose(
        _ numbers: [Int], _ end: ProcessEnd, _ sent: inout [Int: SweepCombination],
        _ next: inout ArraySlice<SweepCombination>
    ) {
        var isFirst = true
        for number in numbers {
            guard let combination = sent.removeValue(forKey: number) else { continue }
            if isStopped {
                continue
            } else if isFirst {
                var row = SweepRow(number, .failed)
                row.code = 5
                row.error = "its process \(end)"
                row.parameters = combination.values.map { ($0.name, .string($0.text)) }
                add(row)
            } else {
                next = [combination] + next
            }
            isFirst = false
        }
    }

    // MARK: Rows

    private func add(_ row: SweepRow) {
        var row = row
        for (file, result) in row.files.sorted(by: { $0.key < $1.key }) {
            guard let (other, key) = makers[file] else {
                makers[file] = (row.number, result)
                continue
            }
            // Combinations that share a result have its key.
            guard key != result, row.status == .done else { continue }
            row.status = .failed
            row.code = 1
            row.error =
                "it writes '\(file)', which combination \(other) (\(combinations[other - 1].label)) "
                + "also writes; put the value of a parameter into the file's name"
        }
        found[row.number] = row
        let now = Clock.now
        let isDue =
            combinations.count <= 100 || row.status == .failed || now - lastLine > Clock.second
        guard isDue else { return }
        lastLine = now
        let outcome =
            switch row.status {
            case .failed: "failed: \(row.error ?? "")"
            case .suspended: "suspended"
            default: Format.duration(row.seconds)
            }
        report(
            "[\(found.count)/\(combinations.count)] \(combinations[row.number - 1].label)  \(outcome)\n"
        )
    }

    /// Reports the numbers of combinations by their outcome.
    func reportEnd(isOnRecord: Bool) {
        var counts: [SweepRow.Status: Int] = [:]
        for row in rows { counts[row.status, default: 0] += 1 }
        let statuses: [SweepRow.Status] = [.done, .suspended, .failed, .cancelled, .skipped]
        let parts = statuses.compactMap { status in
            counts[status].map { "\($0) \(status.rawValue)" }
        }
        report(
            "sweep\(isOnRecord ? " \(id)" : ""): \(parts.joined(separator: ", ")) in "
                + "\(Format.duration(Clock.seconds(since: began)))\n")
    }
}
