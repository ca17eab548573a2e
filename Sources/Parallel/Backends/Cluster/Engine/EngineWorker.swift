// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc
internal import VTShipping
internal import VTSystem

/// The process that runs an engine's tasks, as its supervisor holds it.
///
/// It belongs to the supervisor's thread.
final class EngineWorker {
    /// The standard streams of the process.
    enum Stream: String { case stdout, stderr }

    let queue = TaskQueue(workers: 1)
    private let workerTable = WorkerTable(count: 1)
    let server: ProcessServer
    let child: Child
    private let pipes: [(stream: Stream, descriptor: Int32)]
    private var checkedAt = Clock.now

    /// Starts the process, and waits until it is ready.
    ///
    /// - Throws: ``TaskFailure``.
    init(_ options: WorkerOptions, program: String) throws {
        var options = options
        let standard = try Pipe.make()
        let errors = try Pipe.make()
        defer {
            close(standard.writing)
            close(errors.writing)
        }
        pipes = [(.stdout, standard.reading), (.stderr, errors.reading)]
        options.output = (standard.writing, errors.writing)
        // The workerTable has one entry.
        let runningTask = workerTable.state.withLock { $0.entries[0].runningTask }
        server = ProcessServer(
            number: 1, runningTask: runningTask, queue: queue, workerTable: workerTable,
            options: options,
            program: program)
        do {
            child = try server.start()
        } catch {
            for pipe in pipes { close(pipe.descriptor) }
            throw error
        }
    }

    deinit {
        child.kill()
        for pipe in pipes { close(pipe.descriptor) }
    }

    var pid: Int { Int(child.pid) }
    var done: Int { server.done }
    var isBusy: Bool { !server.inFlight.isEmpty }
    var descriptors: [Int32] { [child.link.socket] + pipes.map(\.descriptor) }
    /// The batch that the process runs now.
    var current: TaskBatch? { server.inFlight.first?.chunk.batch }

    /// Sends queued tasks and takes results, without waiting.
    ///
    /// - Returns: the reason of its end, when the process has ended.
    func step() -> String? {
        do throws(Link.Broken) {
            try server.step(child)
            let now = Clock.now
            if isBusy, now - checkedAt > ProcessServer.slice {
                checkedAt = now
                server.check(child)
            }
            return nil
        } catch {
            server.settle(child, error.reason)
            return "the worker's process \(child.reap()) (pid \(child.pid))"
        }
    }

    /// Calls `body` with the bytes that the process has written to its standard streams since.
    func takeWritten(_ body: (Stream, [UInt8]) -> Void) {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        for pipe in pipes {
            while true {
                let count = read(pipe.descriptor, &bytes, bytes.count)
                guard count > 0 else { break }
                body(pipe.stream, Array(bytes.prefix(count)))
            }
        }
    }

    func signal(_ number: Int32) { child.signal(number) }

    /// Ends the process.
    func end() {
        child.link.shutDown()
        _ = child.wait(until: Clock.now + Clock.second / 5)
    }
}
