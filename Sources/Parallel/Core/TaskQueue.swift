// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem

/// The tasks that wait for the workers of a pool.
///
/// A worker keeps the batch that it takes from, so that taking is one atomic addition most of the
/// time; the lock is for new batches.
final class TaskQueue: Sendable {
    fileprivate struct State {
        var batches: Deque<TaskBatch> = []
        /// Batches for one worker alone, by its number.
        var own: [Deque<TaskBatch>]
        /// Chunks that were taken and not run: their worker has died.
        var returned: [Chunk] = []
        var isClosed = false
        var sleeping = 0
        /// The number of workers that are awake and look for work.
        var looking = 0
    }

    private let state: Monitor<State>
    private let workers: Counter
    /// The time that a chunk should take.
    private let span: ChunkSpan
    /// The number of batches and chunks that need the lock: own batches and returned chunks.
    private let special = Counter()
    /// A number that changes whenever something is added.
    private let version = Counter()

    /// The longest sleep of a worker, in nanoseconds.
    private let nap: Int64

    init(workers: Int, nap: Int64 = 2 * Clock.second, span: ChunkSpan = .here) {
        self.workers = Counter(workers)
        self.nap = nap
        self.span = span
        state = Monitor(State(own: Array(repeating: [], count: workers + 1)))
    }

    /// The number of tasks that no worker has taken.
    var waiting: Int {
        state.withLock { state in
            state.batches.reduce(0) { $0 + $1.left } + state.own.joined().reduce(0) { $0 + $1.left }
                + state.returned.reduce(0) { $0 + $1.range.count }
        }
    }

    // MARK: Adding

    /// - Parameter worker: its number, from 1, if the batch is for that one alone.
    func add(_ batch: TaskBatch, to worker: Int? = nil) {
        state.withLock { state in
            if let worker {
                state.own[worker].append(batch)
                special.add(1)
                version.add(1)
                // A monitor cannot wake one particular worker.
                state.notifyAll(of: self.state)
            } else {
                state.batches.append(batch)
                version.add(1)
                state.notify(self.state)
            }
        }
    }

    /// Returns tasks that a worker took and did not run.
    func giveBack(_ chunk: Chunk) {
        state.withLock { state in
            state.returned.append(chunk)
            special.add(1)
            version.add(1)
            state.notify(self.state)
        }
    }

    /// Ends the queue: workers stop when all tasks are taken.
    func close() {
        state.withLock { state in
            state.isClosed = true
            version.add(1)
            state.notifyAll(of: self.state)
        }
    }

    /// Drops batches of which all was taken: each holds its call, and that the queue's owner.
    func forgetTaken() {
        state.withLock { $0.batches.removeAll { $0.left == 0 } }
    }

    /// Makes room for workers up to this number.
    func grow(to count: Int) {
        state.withLock { state in
            while state.own.count <= count { state.own.append([]) }
            workers.set(max(workers.value, count))
        }
    }

    // MARK: Taking

    /// The next chunk for one worker alone; nil when there is none.
    func takeOwn(of worker: Int) -> Chunk? {
        if special.value == 0 { return nil }
        return state.withLock { state in takeOwn(of: worker, &state) }
    }

    private func takeOwn(of worker: Int, _ state: inout State) -> Chunk? {
        while let own = state.own[worker].first {
            state.own[worker].removeFirst()
            special.add(-1)
            // A batch for one worker is taken whole.
            if let chunk = own.take(own.count) { return chunk }
        }
        return nil
    }

    /// Takes all tasks that no worker has taken.
    ///
    /// - Parameter call: the only call whose tasks are taken; nil: all calls.
    func takeAll(of call: Call? = nil) -> [Chunk] {
        state.withLock { state in
            takeAll(&state) { batch, _ in call == nil || batch.call === call }
        }
    }

    /// Takes the tasks for which `isMeant` returns true for their batch, and the first of them.
    private func takeAll(
        _ state: inout State, where isMeant: (TaskBatch, _ first: Int) -> Bool
    ) -> [Chunk] {
        var chunks = state.returned.filter { isMeant($0.batch, $0.first) }
        state.returned.removeAll { isMeant($0.batch, $0.first) }
        special.add(-chunks.count)
        for worker in state.own.indices {
            let mine = state.own[worker].filter { isMeant($0, $0.first) }
            state.own[worker].removeAll { isMeant($0, $0.first) }
            special.add(-mine.count)
            chunks += mine.compactMap { $0.take($0.count) }
        }
        // The tasks that are left of a batch are its last ones.
        func isMeantInPart(_ batch: TaskBatch) -> Bool {
            isMeant(batch, batch.first + batch.count - batch.left)
        }
        let batches = state.batches.filter(isMeantInPart)
        state.batches.removeAll { batch in batches.contains { $0 === batch } }
        return chunks + batches.compactMap { $0.take($0.count) }
    }

    /// Cancels the tasks of a call that are not wanted any more and that no worker has taken.
    func cancelUnwanted(of call: Call) {
        let chunks = state.withLock { state in
            takeAll(&state) { batch, first in batch.call === call && call.isUnwanted(first) }
        }
        for chunk in chunks { chunk.batch.cancel(chunk.range) }
    }

    /// Returns the next chunk without waiting; nil when there is none now.
    ///
    /// - Parameters:
    ///   - batch: the batch that the worker took from last.
    ///   - most: the largest number of tasks in the chunk, at least 1.
    func takeNow(_ worker: Int, from batch: inout TaskBatch?, most: Int = .max) -> Chunk? {
        if special.value == 0, let chunk = take(from: &batch, most) { return chunk }
        return state.withLock { state in take(worker, from: &batch, most, &state) }
    }

    /// Waits for the next chunk; nil when the queue was closed and is empty, or the worker is not
    /// wanted any more.
    func take(
        _ worker: Int, from batch: inout TaskBatch?, most: Int = .max, isWanted: () -> Bool
    ) -> Chunk? {
        while true {
            // Read before the check, so that what is added after it is not missed.
            let seen = version.value
            if let chunk = takeNow(worker, from: &batch, most: most) { return chunk }
            if lookFor(Self.spin, { version.value != seen }) { continue }
            if state.withLock({ $0.isClosed }) { return takeNow(worker, from: &batch, most: most) }
            state.withLock { $0.sleeping += 1 }
            _ = state.wait(until: Clock.now + nap) { state -> Void? in
                version.value != seen || state.isClosed ? () : nil
            }
            state.withLock { $0.sleeping -= 1 }
            if !isWanted() { return nil }
        }
    }

    /// The time that a worker without work stays awake, in nanoseconds.
    private static let spin: Int64 = 60_000

    private func lookFor(_ nanoseconds: Int64, _ isThere: () -> Bool) -> Bool {
        state.withLock { $0.looking += 1 }
        defer { state.withLock { $0.looking -= 1 } }
        let end = Clock.now + nanoseconds
        repeat {
            Processors.relax()
            if isThere() { return true }
        } while Clock.now < end
        return false
    }

    private func take(from batch: inout TaskBatch?, _ most: Int) -> Chunk? {
        guard let current = batch else { return nil }
        let share = current.call.share(of: current, among: max(1, workers.value), span)
        if let chunk = current.take(min(share, most)) {
            return chunk
        }
        batch = nil
        return nil
    }

    private func take(
        _ worker: Int, from batch: inout TaskBatch?, _ most: Int, _ state: inout State
    ) -> Chunk? {
        if let chunk = takeOwn(of: worker, &state) { return chunk }
        if var chunk = state.returned.popLast() {
            guard chunk.range.count > most else {
                special.add(-1)
                return chunk
            }
            let end = chunk.range.lowerBound + most
            state.returned.append(Chunk(batch: chunk.batch, range: end..<chunk.range.upperBound))
            chunk.range = chunk.range.lowerBound..<end
            return chunk
        }
        if let chunk = take(from: &batch, most) { return chunk }
        while let first = state.batches.first {
            batch = first
            if let chunk = take(from: &batch, most) { return chunk }
            state.batches.removeFirst()
        }
        return nil
    }
}

extension TaskQueue.State {
    /// Wakes as many workers as are needed besides those that are awake. Tasks that were added
    /// before and not taken yet count, too: each worker looks for one chunk only.
    fileprivate func notify(_ monitor: Monitor<Self>) {
        guard sleeping > 0 else { return }
        var waiting = returned.count
        for batch in batches.reversed() where waiting < sleeping + looking { waiting += batch.left }
        let needed = min(sleeping, waiting - looking)
        if needed == 1 { monitor.notifyOne() } else if needed > 1 { monitor.notifyAll() }
    }

    fileprivate func notifyAll(of monitor: Monitor<Self>) {
        if sleeping > 0 { monitor.notifyAll() }
    }
}

/// A number that several threads change.
///
/// Unchecked: atomic.
final class Counter: @unchecked Sendable {
    private let word = UnsafeMutablePointer<Int64>.allocate(capacity: 1)

    init(_ value: Int = 0) { word.initialize(to: Int64(value)) }
    deinit { word.deallocate() }

    var value: Int { Int(vtp_load(word)) }
    func set(_ value: Int) { vtp_store(word, Int64(value)) }
    @discardableResult
    func add(_ amount: Int) -> Int { Int(vtp_add(word, Int64(amount))) }
}

/// The time that a chunk of tasks should take, in nanoseconds: much longer than taking one costs,
/// and too short to notice.
struct ChunkSpan: Sendable {
    var shortest: Int64
    var longest: Int64

    /// On this machine.
    static let here = ChunkSpan(shortest: 10_000, longest: 500_000)
    /// Through the controller of a cluster.
    static let elsewhere = ChunkSpan(shortest: 1_000_000, longest: 5_000_000)
}

extension Call {
    /// The number of tasks of a batch that a worker takes at a time.
    func share(of batch: TaskBatch, among workers: Int, _ span: ChunkSpan = .here) -> Int {
        if isStopped { return max(1, batch.left) }
        if let size = options.chunkSize { return size }
        guard let mean = meanTime else { return 1 }
        // Near the end chunks get smaller, so that all workers end together.
        let left = (total ?? 0) - batch.first - batch.count + batch.left
        let fair = (total == nil ? batch.left : left) / (2 * workers)
        let largest = Int(span.longest / max(1, mean))
        return min(largestShare, max(1, Int(span.shortest / max(1, mean)), min(fair, largest)))
    }
}
