// SPDX-License-Identifier: BSD-3-Clause

import CVTParallel
import Testing

@testable import VTParallel

/// The record of a task, which C and Swift share.
@Suite struct TaskRecordTests {
    @Test func aRecordIsACacheLine() {
        #expect(MemoryLayout<vtp_task>.size == 64)
        #expect(MemoryLayout<vtp_task>.stride == 64)
    }

    /// A cluster may number its engines beyond 16 bits.
    @Test(arguments: [1, 32_767, 32_768, 65_536, Int32.max]) func numbersOfWorkers(worker: Int32) {
        var task = vtp_task()
        vtp_task_attempt(&task, worker)
        #expect(task.worker == worker)
        #expect(task.attempts == 1)
        vtp_task_note(&task, worker, 70_000, 5, 7)
        #expect(task.worker == worker)
        #expect(task.attempts == UInt16.max)
        #expect((task.started, task.ended) == (5, 7))
    }
}
