// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTSystem

/// The record of calls of views that are made while a module computes.
///
/// A log belongs to one Lua state, as do the views that write to it.
package final class CallLog {
    /// Called with a call's progress, at most ten times a second.
    private var listener: (CallProgress) -> Void = { _ in }
    /// True while a module computes that the calls belong to.
    package private(set) var isOpen = false
    /// Called with the progress of each call, even while the log is closed: the number of the call,
    /// from 1, its progress, and the seconds since it began.
    package var watcher: ((Int, CallProgress, Double) -> Void)?
    /// Draws a line of progress of a call with `progress = true`; nil where there is no terminal.
    package var drawProgress: ((String) -> Void)?
    /// The reason why no view may be made or called now; nil if they may.
    package var objection: String?
    private var begun = 0
    /// The accesses of tasks on their workers, while ``receivesAccesses`` is true.
    package let accesses = AccessBuffer()
    /// True while a module computes whose accesses count.
    package var receivesAccesses = false
    /// The largest number of calls of a module that are recorded.
    private static let most = 10_000
    private var entries: [Entry] = []

    /// A closed log.
    package init() {}

    /// Throws if no view may be made or called now.
    package func requirePermission(_ lua: borrowing Lua) throws {
        if let objection { throw lua.error(objection) }
    }

    /// Starts an empty record.
    ///
    /// - Parameter listener: called with the progress of calls, at most ten times a second.
    package func open(_ listener: @escaping (CallProgress) -> Void) {
        self.listener = listener
        isOpen = true
        entries = []
    }

    /// Ends the record and returns it. Calls that are still running are recorded as they are now.
    package func close() -> [CallRecord] {
        for entry in entries { entry.finish() }
        defer {
            entries = []
            isOpen = false
            listener = { _ in }
        }
        return entries.map(\.record)
    }

    func begin(_ call: Call, _ backend: any Backend) {
        begun += 1
        if receivesAccesses { call.receiveAccesses(accesses) }
        let isKept = isOpen && entries.count < Self.most
        guard isKept || watcher != nil else { return }
        let entry = Entry(
            call, backend, number: entries.count + 1, begun: begun, isKept: isKept, log: self)
        if isKept { entries.append(entry) }
        call.observer = entry
    }

    /// The record of a call while it lasts.
    final class Entry: CallObserver {
        private(set) var record: CallRecord
        private let number: Int
        private let begun: Int
        /// True if the log is open, and has room for the call.
        private let isKept: Bool
        private weak var call: Call?
        private let backend: any Backend
        private unowned let log: CallLog
        /// The number of workers that had been replaced when the list of them was made.
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
            // Engines of a cluster join and leave.
            let replaced = backend.isFixed ? backend.replaced : -1
            if replaced >= 0, replaced == self.replaced { return }
            self.replaced = replaced
            for status in backend.status() where status.pid > 0 || status.engine != nil {
                let worker = CallRecord.Worker(
                    number: status.number, pid: status.pid, host: status.host,
                    engine: status.engine, since: Double(status.since - began) * 1e-9)
                // The process of an engine is known once it has answered.
                if let known = record.workers.firstIndex(where: {
                    $0.number == worker.number && $0.startedAt == worker.startedAt
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
            if isKept { log.listener(progress) }
            if let watcher = log.watcher, let call {
                watcher(begun, progress, Double(Clock.now - call.began) * 1e-9)
            }
        }

        /// Records the tasks as they are now, and ends the record.
        func finish() {
            guard let call else { return }
            record(call.batches)
            call.observer = nil
            self.call = nil
        }
    }
}

/// The progress of a call of a view.
public struct CallProgress: Sendable {
    /// The number of the call in its module, from 1.
    public var call: Int
    /// The kind of workers that run its tasks.
    public var backend: BackendKind
    /// The name of the call, from its options.
    public var label: String?
    /// The number of tasks that have ended.
    public var done: Int
    /// The number of tasks, where it is known.
    public var total: Int?
    /// The number of workers.
    public var workers: Int

    package init(
        call: Int, backend: BackendKind, label: String?, done: Int, total: Int?, workers: Int
    ) {
        self.call = call
        self.backend = backend
        self.label = label
        self.done = done
        self.total = total
        self.workers = workers
    }
}
