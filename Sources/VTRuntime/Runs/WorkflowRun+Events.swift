// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
public import VTWorkflow

extension WorkflowRun {
    /// The events of a run in order. A loop over them starts the run if it was not started, and ends with
    /// it.
    ///
    /// The first loop gets the events from the start of the run on: until then, the last 10,000 are kept, with at
    /// most 16 MiB of text.
    /// Several loops can run at once; a later one gets the events from then on.
    public struct Events: AsyncSequence, Sendable {
        /// An event of a run.
        public typealias Element = RunEvent
        let run: WorkflowRun

        /// Starts the run if it was not started, and returns its events.
        public func makeAsyncIterator() -> Iterator {
            let stream = run.feed.stream()
            run.start()
            return Iterator(base: stream.makeAsyncIterator())
        }

        /// The events that one loop gets.
        public struct Iterator: AsyncIteratorProtocol {
            var base: AsyncStream<RunEvent>.Iterator

            /// The next event; nil at the end of the run.
            public mutating func next() async -> RunEvent? { await base.next() }

            /// The next event; nil at the end of the run.
            public mutating func next(
                isolation actor: isolated (any Actor)?
            ) async -> RunEvent? {
                await base.next(isolation: actor)
            }
        }
    }
}

/// The events of one run, for any number of loops.
final class EventFeed: Sendable {
    private struct State {
        var isFinished = false
        var loops: [AsyncStream<RunEvent>.Continuation] = []
        /// The events before the first loop.
        var early: [RunEvent]? = []
        /// The bytes of text of these.
        var earlySize = 0

        /// Keeps an event for the first loop, and drops old ones.
        mutating func keep(_ event: RunEvent) {
            guard var events = early else { return }
            early = nil
            defer { early = events }
            events.append(event)
            earlySize += event.textSize
            var dropped =
                events.count < 2 * EventFeed.mostEarly ? 0 : events.count - EventFeed.mostEarly
            var size = earlySize - events[..<dropped].reduce(0) { $0 + $1.textSize }
            if earlySize > 2 * EventFeed.largestEarly {
                while size > EventFeed.largestEarly, dropped < events.count - 1 {
                    size -= events[dropped].textSize
                    dropped += 1
                }
            }
            if dropped == 0 { return }
            events.removeFirst(dropped)
            earlySize = size
        }
    }
    private let state = Monitor(State())

    private static let mostEarly = 10_000
    /// The bytes of text of events, at most twice as many.
    private static let largestEarly = 8 << 20

    func stream() -> AsyncStream<RunEvent> {
        let (stream, loop) = AsyncStream.makeStream(of: RunEvent.self)
        state.withLock { state in
            for event in state.early ?? [] { loop.yield(event) }
            state.early = nil
            if state.isFinished { loop.finish() } else { state.loops.append(loop) }
        }
        return stream
    }

    func send(_ event: RunEvent) {
        state.withLock { state in
            if state.early != nil {
                state.keep(event)
                return
            }
            state.loops.removeAll { loop in
                if case .terminated = loop.yield(event) { return true }
                return false
            }
        }
    }

    func finish() {
        let loops = state.withLock { state in
            state.isFinished = true
            defer { state.loops = [] }
            return state.loops
        }
        for loop in loops { loop.finish() }
    }
}
