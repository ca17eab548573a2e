// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The steps whose streams one step reads, directly or through others, while an attempt of it computes.
///
/// They compute in turns on the interpreter's thread: a step computes when its first item is wanted, and
/// goes on when the next one is. All they access belongs to the computation of the step that reads in the
/// end: its result is kept, and no item is.
final class StreamGroup: OpenStreams {
    unowned let run: Run
    /// The index of the step that reads in the end.
    let end: Int
    private var parts: [Int: StreamPart] = [:]
    /// The first failure, with the index of the step that has failed.
    private(set) var failure: (index: Int, failure: ModuleFailure)?
    /// The scratch directories of the steps.
    private(set) var scratches: [String] = []
    private(set) var isClosed = false
    var isOpen = false
    /// The step whose code runs now; nil for the one that reads in the end.
    private weak var running: StreamPart?
    private var since = Clock.now

    init(_ run: Run, end: Int) {
        self.run = run
        self.end = end
    }

    deinit { for part in parts.values { part.abandon() } }

    /// The time that the steps have taken, without the one that reads in the end, in seconds.
    var seconds: Double { Double(parts.values.reduce(0) { $0 + $1.time }) / 1e9 }
    /// True if the user stopped one of the steps at a breakpoint.
    var wasStopped: Bool { parts.values.contains { $0.attempt.wasStopped } }

    func work(of index: Int) -> StreamWork? { parts[index]?.work }

    /// Pushes the function that reads a stream.
    func push(_ source: Plan.StepOutput, _ lua: borrowing Lua) throws {
        let part = parts[source.step] ?? StreamPart(source.step, of: self)
        parts[source.step] = part
        try part.push(source.output, lua)
    }

    /// Notes a failure.
    ///
    /// - Parameter index: the step that has failed.
    func note(_ failure: ModuleFailure, of index: Int) {
        if self.failure == nil { self.failure = (index, failure) }
    }

    /// Runs code of a step. Its time, what it prints and what it calls on `self` belong to the step.
    func entering<R>(_ part: StreamPart, _ body: () throws -> R) rethrows -> R {
        let outer = running
        let context = run.interpreter.exchange(part.context)
        charge(to: part)
        defer {
            charge(to: outer)
            _ = run.interpreter.exchange(context)
        }
        return try body()
    }

    private func charge(to next: StreamPart?) {
        let now = Clock.now
        running?.time += now - since
        since = now
        running = next
    }

    /// Closes all streams, those that are read last first.
    ///
    /// - Parameter quietly: true if the computation has failed: errors of closing are ignored.
    func close(quietly: Bool, _ lua: borrowing Lua) throws {
        guard !isClosed else { return }
        isClosed = true
        var stopped: (any Error)?
        for (_, part) in parts.sorted(by: { $0.key > $1.key }) {
            do {
                try part.close(lua)
            } catch let error as LuaError {
                // The run is being stopped.
                stopped = stopped ?? error
            } catch {}
            if let scratch = part.scratch { scratches.append(scratch) }
        }
        if let stopped, !quietly { throw stopped }
    }
}

@available(*, unavailable)
extension StreamGroup: Sendable {}
