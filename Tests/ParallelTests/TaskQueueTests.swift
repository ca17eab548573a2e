// SPDX-License-Identifier: BSD-3-Clause

import CVTParallel
import Dispatch
import Glibc
import VTShipping
import Testing

@testable import VTParallel
import VTSystem

/// Nobody's workers.
private final class Nobody: TaskInterrupter {
    func interrupt(_ call: Call) {}
}

/// Batches and the queue: each task is taken once, whoever takes it.
@Suite struct TaskQueueTests {
    private static func call(_ chunkSize: Int? = 1, total: Int? = nil) -> Call {
        var options = CallOptions()
        options.chunkSize = chunkSize
        return Call(
            head: Shipment(copying: UnsafeRawBufferPointer(start: nil, count: 0)), form: .item,
            options: options, total: total, interrupter: Nobody())
    }

    private static func batch(_ call: Call, _ first: Int, _ count: Int) -> TaskBatch {
        TaskBatch(
            call: call, first: first, offsets: Array(repeating: 0, count: count),
            payload: Shipment(copying: UnsafeRawBufferPointer(start: nil, count: 0)))
    }

    @Test(arguments: [1, 3, 100])
    func everyTaskIsTakenOnce(_ chunkSize: Int) {
        let workers = 4
        let queue = TaskQueue(workers: workers)
        let call = Self.call(chunkSize)
        let taken = Monitor([Int]())
        let group = DispatchGroup()
        for worker in 1...workers {
            DispatchQueue(label: "worker \(worker)").async(group: group) {
                var batch: TaskBatch?
                var own: [Int] = []
                while let chunk = queue.take(worker, from: &batch, isWanted: { true }) {
                    #expect(chunk.range.count <= chunkSize)
                    own += chunk.range.map { chunk.batch.first + $0 }
                }
                taken.withLock { [own] in $0 += own }
            }
        }
        for part in 0..<50 { queue.add(Self.batch(call, part * 37, 37)) }
        queue.close()
        #expect(group.wait(timeout: .now() + 120) == .success)
        #expect(taken.withLock { $0.sorted() } == Array(0..<(50 * 37)))
    }

    /// Workers that would sleep for an hour: none does while there is a chunk for it, however
    /// closely chunks follow each other. One alone keeps a worker awake; two that come then must
    /// be taken at the same time, for each waits for the other.
    @Test func nobodySleepsWhileThereIsSomething() {
        let rounds = 1000
        let queue = TaskQueue(workers: 2, nap: 3600 * Clock.second)
        let call = Self.call()
        let alone = Monitor(0)
        let met = Monitor(0)
        let group = DispatchGroup()
        for worker in 1...2 {
            DispatchQueue(label: "worker \(worker)").async(group: group) {
                var batch: TaskBatch?
                while let chunk = queue.take(worker, from: &batch, isWanted: { true }) {
                    let (round, number) = chunk.first.quotientAndRemainder(dividingBy: 3)
                    guard number > 0 else {
                        alone.add(1)
                        continue
                    }
                    met.add(1)
                    if !met.reaches(2 * (round + 1)) { return }
                }
            }
        }
        for round in 0..<rounds {
            usleep(150)  // both may be asleep by now
            queue.add(Self.batch(call, 3 * round, 1))
            guard alone.reaches(round + 1) else { break }
            for _ in 0..<(round % 50) { Processors.relax() }
            queue.add(Self.batch(call, 3 * round + 1, 1))
            queue.add(Self.batch(call, 3 * round + 2, 1))
            guard met.reaches(2 * (round + 1)) else { break }
        }
        queue.close()
        #expect(group.wait(timeout: .now() + 120) == .success)
        #expect(met.withLock { $0 } == 2 * rounds)
    }

    @Test func aBatchForOneWorkerGoesToNoOther() {
        let queue = TaskQueue(workers: 2)
        let call = Self.call()
        queue.add(Self.batch(call, 0, 2), to: 2)
        var batch: TaskBatch?
        #expect(queue.takeNow(1, from: &batch) == nil)
        #expect(queue.takeNow(2, from: &batch)?.range == 0..<2)
        #expect(queue.takeNow(2, from: &batch) == nil)
    }

    @Test func whatIsGivenBackComesFirst() {
        let queue = TaskQueue(workers: 1)
        let call = Self.call()
        queue.add(Self.batch(call, 0, 2))
        var batch: TaskBatch?
        let first = queue.takeNow(1, from: &batch)
        #expect(first?.range == 0..<1)
        if let first { queue.giveBack(first) }
        #expect(queue.waiting == 2)
        #expect(queue.takeNow(1, from: &batch)?.first == 0)
        #expect(queue.takeNow(1, from: &batch)?.first == 1)
        #expect(queue.takeNow(1, from: &batch) == nil)
    }

    /// Without a measurement it is one task; then as many as take half a millisecond, and fewer
    /// towards the end.
    @Test func chunksFollowTheTimeThatTasksTake() {
        let call = Self.call(nil, total: 10_000)
        let batch = Self.batch(call, 0, 1000)
        #expect(call.share(of: batch, among: 2) == 1)
        call.count(finished: 100, busy: 100 * 1000, done: 100)  // a microsecond each
        #expect(call.share(of: batch, among: 2) == 500)
        let last = Self.batch(call, 9900, 100)
        #expect(call.share(of: last, among: 2) == 25)
        #expect(call.share(of: Self.batch(call, 9990, 10), among: 2) == 10)
        call.count(finished: 100, busy: 100 * Clock.second, done: 100)
        #expect(call.share(of: batch, among: 2) == 1)
    }
}

extension Monitor where Value == Int {
    fileprivate func add(_ amount: Int) {
        withLock { $0 += amount }
        notifyAll()
    }

    /// Waits until the number is that large. The bound only ends a test that hangs.
    fileprivate func reaches(_ value: Int) -> Bool {
        wait(until: Clock.now + 120 * Clock.second) { $0 >= value ? true : nil } ?? false
    }
}
