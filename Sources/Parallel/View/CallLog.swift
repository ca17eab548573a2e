// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTSystem

/// The calls of views that are made while somebody keeps a log of them: while a module computes.
///
/// A log belongs to one Lua state, as the views do that write to it.
package final class CallLog {
    /// Told of a call's progress, ten times a second at most.
    private var told: (CallProgress) -> Void = { _ in }
    private var isOpen = false
    /// Told of each call, whether the log is open or not: the number of the call, from 1, how far
    /// it is, and the seconds that it has lasted.
    package var watcher: ((Int, CallProgress, Double) -> Void)?
    private var begun = 0
    /// Of a module with more calls, the first are written down.
    private static let most = 10_000
    private var entries: [Entry] = []

    package init() {}

    /// Begins anew.
    package func open(_ told: @escaping (CallProgress) -> Void) {
        self.told = told
        isOpen = true
        entries = []
    }

    /// What was written since; calls that are still under way as they are now.
    package func close() -> [CallRecord] {
        for entry in entries { entry.finish() }
        defer {
            entries = []
            isOpen = false
            told = { _ in }
        }
        return entries.map(\.record)
    }

    func begin(_ call: Call, _ backend: any Backend) {
        begun += 1
        let isKept = isOpen && entries.count < Self.most
        guard isKept || watcher != nil else { return }
        let entry = Entry(
            call, backend, number: entries.count + 1, begun: begun, isKept: isKept, log: self)
        if isKept { entries.append(entry) }
        call.observer = entry
    }

    /// A call, while it lasts.
    final class Entry: CallObserver {
        private(set) var record: CallRecord
        private let number: Int
        private let begun: Int
        /// Whether anybody will read what is written down.
        private let isKept: Bool
        private weak var call: Call?
        private let backend: any Backend
        private unowned let log: CallLog
        /// How many workers had been replaced when the list of them was made.
        private var replaced = -1

        init(
            _ call: Call, _ backend: any Backend, number: Int, begun: Int, isKept: Bool,
            log: CallLog
        ) {
            record = CallRecord(
                backend: backend.kind, label: call.options.label,
                place: call.sender.map { frame in
                    frame.shortSource + (frame.line.map { ":\($0)" } ?? "")
                },
                began: Clock.date(call.began))
            self.call = call
            self.backend = backend
            self.number = number
            self.begun = begun
            self.isKept = isKept
            self.log = log
        }

        func record(_ batches: some Collection<TaskBatch>) {
            guard isKept, let call, !batches.isEmpty else { return }
            let settlements = call.settlements
            for batch in batches { record.add(batch, since: call.began, settlements: settlements) }
            noteWorkers(since: call.began)
        }

        private func noteWorkers(since began: Int64) {
            // Those of a cluster come and go.
            let replaced = backend.isFixed ? backend.replaced : -1
            if replaced >= 0, replaced == self.replaced { return }
            self.replaced = replaced
            for status in backend.status() where status.pid > 0 || status.engine != nil {
                let worker = CallRecord.Worker(
                    number: status.number, pid: status.pid, host: status.host,
                    engine: status.engine, since: Double(status.since - began) * 1e-9)
                // Of an engine more is known when it has answered.
                if let known = record.workers.firstIndex(where: {
                    $0.number == worker.number && $0.since == worker.since
                }) {
                    record.workers[known] = worker
                } else {
                    record.workers.append(worker)
                }
            }
        }

        func report(finished done: Int, of total: Int?) {
            let progress = CallProgress(
                call: number, backend: record.backend, label: record.label, done: done,
                total: total, workers: backend.count)
            if isKept { log.told(progress) }
            if let watcher = log.watcher, let call {
                watcher(begun, progress, Double(Clock.now - call.began) * 1e-9)
            }
        }

        /// What has not ended now is not waited for.
        func finish() {
            guard let call else { return }
            record(call.batches)
            call.observer = nil
            self.call = nil
        }
    }
}

/// How far a call of a view is.
public struct CallProgress: Sendable {
    /// The number of the call in its module, from 1.
    public var call: Int
    /// "serial", "threads", "processes" or "cluster".
    public var backend: String
    public var label: String?
    public var done: Int
    /// Where it is known.
    public var total: Int?
    public var workers: Int
}
