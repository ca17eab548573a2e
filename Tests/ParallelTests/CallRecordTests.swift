// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import VTParallel

/// Tasks as they are kept on record, a few bytes each.
@Suite struct CallRecordTests {
    private func record(_ bytes: [UInt8]) -> CallRecord {
        var record = CallRecord(backend: .threads, label: nil, place: nil, began: 0)
        record.packed = bytes
        return record
    }

    @Test func tasksOfABatch() {
        // Two tasks from number 5 on, queued after 300 µs: one done by worker 2 at its first
        // attempt, from 400 to 650 µs; one that never began.
        let tasks = record([4, 2, 0xac, 2, 0x12, 1, 2, 0xa0, 6, 0xfa, 1, 4]).tasks
        #expect(tasks.map(\.index) == [5, 6])
        #expect(tasks.map(\.outcome) == [.done, .cancelled])
        #expect(tasks.map(\.attempts) == [1, 0])
        #expect(tasks.map(\.worker) == [2, nil])
        #expect(tasks.map(\.queued) == [.microseconds(300), .microseconds(300)])
        #expect(tasks[0].started == .microseconds(400))
        #expect(tasks[0].ended == .microseconds(650))
        #expect(tasks[0].duration == .microseconds(250))
        #expect(tasks[1].started == nil && tasks[1].duration == nil)
    }

    /// A worker's number may have belonged to one that is gone.
    @Test func whoRanATask() {
        var record = record([0, 1, 0, 0x12, 1, 1, 0xd0, 0x0f, 0])
        record.workers = [
            .init(number: 1, pid: 10, host: "a", engine: nil, since: -1),
            .init(number: 1, pid: 11, host: "a", engine: nil, since: 0.5),
        ]
        let task = record.tasks[0]
        #expect(task.started == .microseconds(1000))
        #expect(record.worker(of: task)?.pid == 10)
        record.workers.removeFirst()
        #expect(record.worker(of: task) == nil)
    }

    /// Numbers of workers have up to 32 bits.
    @Test func aLargeNumberOfAWorker() {
        // The number 2^31 - 1, seven bits a byte.
        let tasks = record([0, 1, 0, 0x12, 1, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 1]).tasks
        #expect(tasks.map(\.worker) == [Int(Int32.max)])
    }

    /// What was damaged on disk is no more than fewer tasks.
    @Test func anyBytes() {
        var random = SystemRandomNumberGenerator()
        for count in 0..<300 {
            for _ in 0..<20 {
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                #expect(record(bytes).tasks.count <= count)
            }
        }
    }
}
