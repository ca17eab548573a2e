// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem

/// The tasks of an iteration that were sent and whose results were not returned yet.
struct OutstandingTasks {
    /// A task: the number of its batch in the call, from 0, and its index in the batch.
    private typealias Position = (batch: Int, index: Int)

    private let call: Call
    /// True if results are returned in the order of the tasks.
    private let isOrdered: Bool
    /// The tasks that were running at the last look, and those after them; in order.
    private var unfinished: Deque<Position> = []
    /// The tasks that have ended, in the order in which they were found.
    private var ready: Deque<Position> = []
    /// For each batch that the call keeps, the number of tasks whose results were not returned.
    private var left: Deque<Int> = []
    /// The number of batches that the call has forgotten.
    private var forgotten = 0
    /// The number of tasks that were found to have ended.
    private var found = 0
    /// The number of results that were returned.
    private(set) var returned = 0

    init(_ call: Call, isOrdered: Bool) {
        self.call = call
        self.isOrdered = isOrdered
    }

    var count: Int { unfinished.count + ready.count }
    var isEmpty: Bool { count == 0 }

    /// Adds the tasks of a batch, which was added to the call.
    mutating func add(_ batch: TaskBatch) {
        let number = forgotten + left.count
        left.append(batch.count)
        for index in 0..<batch.count { unfinished.append((number, index)) }
    }

    /// Takes the next task that has ended; nil when there is none.
    mutating func takeReady(
        _ isSettled: (TaskBatch, Int) -> Bool
    ) -> (batch: TaskBatch, index: Int)? {
        guard let position = nextReady(isSettled) else { return nil }
        let batch = batch(position)
        returned += 1
        left[position.batch - forgotten] -= 1
        while left.first == 0 {
            left.removeFirst()
            forgotten += 1
            call.forgetFirstBatch()
        }
        return (batch, position.index)
    }

    private func batch(_ position: Position) -> TaskBatch {
        call.batches[position.batch - forgotten]
    }

    private mutating func nextReady(_ isSettled: (TaskBatch, Int) -> Bool) -> Position? {
        if isOrdered {
            guard let first = unfinished.first, isSettled(batch(first), first.index) else {
                return nil
            }
            return unfinished.removeFirst()
        }
        if ready.isEmpty { find(isSettled) }
        return ready.popFirst()
    }

    /// Moves the tasks that have ended since the last look.
    private mutating func find(_ isSettled: (TaskBatch, Int) -> Bool) {
        // Tasks end in about the order in which they were sent.
        let finished = call.finished
        var running: [Position] = []
        while found < finished, let position = unfinished.popFirst() {
            if isSettled(batch(position), position.index) {
                ready.append(position)
                found += 1
            } else {
                running.append(position)
            }
        }
        for position in running.reversed() { unfinished.prepend(position) }
    }

    mutating func removeAll() {
        unfinished = []
        ready = []
    }
}
