// SPDX-License-Identifier: BSD-3-Clause

import VTRunReport
import VTRuntime
import VTStore
import VTSystem

/// The store of a sandboxed run: a thread of the parent uses it for the child, and writes the report.
///
/// The thread may read what the child may read, and the store: no request, and no path in a record, can
/// make it read another file.
final class SandboxStore: Sendable {
    /// The end of the connection that the child inherits; nil after its start.
    private let childEnd: Monitor<LocalSocket?>
    private let parentEnd: LocalSocket
    private let options: StoreServer.Options
    private let sandbox: Sandbox
    private let reportsRun: Bool
    private let outcome = Monitor<Outcome?>(nil)

    /// The end of the work.
    struct Outcome: Sendable {
        /// The page of the run; nil: none was wanted, or nothing has run.
        var page: String?
        /// The reason why there is no page.
        var error: String?
    }

    /// - Parameters:
    ///   - sandbox: the rights of the thread.
    ///   - reportsRun: whether to make the page of the run.
    /// - Throws: `SystemError`.
    init(
        _ options: StoreServer.Options, _ sandbox: Sandbox, reportsRun: Bool
    ) throws(SystemError) {
        self.options = options
        self.sandbox = sandbox
        self.reportsRun = reportsRun
        let ends = try LocalSocket.pair()
        parentEnd = ends.0
        childEnd = Monitor(ends.1)
    }

    /// Closes the end in this process.
    func closeChildEnd() { childEnd.withLock { $0 = nil } }

    /// The descriptor of the end that the child inherits.
    var childDescriptor: Int32? { childEnd.withLock { $0?.descriptor } }

    /// Starts to answer requests. The child must have its end by now.
    ///
    /// - Throws: `SystemError`.
    func start() throws(SystemError) {
        try startThread("vtlua-store", stackSize: 8 << 20) { [self] in
            let end = work()
            outcome.withLock { $0 = end }
            outcome.notifyAll()
        }
    }

    private func work() -> Outcome {
        do {
            try sandbox.restrictThread()
        } catch {
            parentEnd.end()
            return Outcome(error: "\(error)")
        }
        let server = StoreServer(options)
        if let problem = server.serve(parentEnd) {
            report(
                "error: the connection of the sandboxed run to its store was ended (\(problem)); "
                    + "nothing more is stored\n")
        }
        guard reportsRun, let store = server.store, let run = server.firstRun else {
            return Outcome()
        }
        do {
            let page = try ReportReader.page(of: run, in: store)
            return Outcome(page: page, error: page == nil ? "run \(run) is not recorded" : nil)
        } catch {
            return Outcome(error: "\(error)")
        }
    }

    /// Waits for the end of the work, after that of the child. A program that the child has left may hold
    /// the connection: it is ended after two seconds.
    func finish() -> Outcome {
        if let end = outcome.wait(until: Clock.now + 2 * Clock.second, { $0 }) { return end }
        parentEnd.end()
        return outcome.wait(until: .max) { $0 } ?? Outcome()
    }
}
