// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Synchronization
import Testing
import VTSystem

/// The budget belongs to the process: the tests run one after another.
@Suite(.serialized) struct SlotTests {
    /// Runs `body` on `count` threads and waits for them.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        let left = Monitor(count)
        for number in 0..<count {
            try startThread("slots-\(number)") {
                body(number)
                left.withLock { $0 -= 1 }
                left.notifyAll()
            }
        }
        let ended: Void? = left.wait(until: Clock.now + 60 * Clock.second) { $0 == 0 ? () : nil }
        #expect(ended != nil)
    }

    @Test func noMoreThreadsThanSlots() throws {
        #expect(Slots.add(3))
        defer { Slots.remove(3) }
        #expect(Slots.count == 3)
        let now = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        try onThreads(8) { _ in
            for _ in 0..<200 {
                let isTaken = Slots.enter()
                #expect(isTaken)
                let count = now.add(1, ordering: .sequentiallyConsistent).newValue
                most.max(count, ordering: .sequentiallyConsistent)
                now.subtract(1, ordering: .sequentiallyConsistent)
                #expect(Slots.leave() == 1)
            }
        }
        #expect(most.load(ordering: .sequentiallyConsistent) <= 3)
    }

    @Test func severalSlotsAreTakenTogether() throws {
        #expect(Slots.add(4))
        defer { Slots.remove(4) }
        let used = Atomic<Int>(0)
        try onThreads(6) { number in
            let need = 1 + number % 4
            for _ in 0..<50 {
                #expect(Slots.enter(need))
                let sum = used.add(need, ordering: .sequentiallyConsistent).newValue
                #expect(sum <= 4)
                used.subtract(need, ordering: .sequentiallyConsistent)
                #expect(Slots.leave() == need)
            }
        }
    }

    @Test func aThreadHasItsSlotsOnce() {
        #expect(Slots.add(2))
        defer { Slots.remove(2) }
        // More than there are: all of them.
        #expect(Slots.enter(5))
        #expect(!Slots.enter())
        #expect(Slots.leave() == 2)
        #expect(Slots.leave() == 0)
    }

    @Test func aWaitEndsWhenItIsNotWanted() throws {
        #expect(Slots.add(1))
        defer { Slots.remove(1) }
        #expect(Slots.enter())
        try onThreads(2) { _ in
            let deadline = Clock.now + Clock.second / 20
            #expect(!Slots.enter { Clock.now < deadline })
        }
        Slots.leave()
    }

    /// Two runs of one process: the end of one leaves the slots of the other.
    @Test func budgetsAddUp() {
        #expect(Slots.add(2))
        #expect(Slots.add(3))
        #expect(Slots.count == 5)
        Slots.remove(2)
        #expect(Slots.count == 3)
        #expect(Slots.enter(5))
        #expect(Slots.leave() == 3)
        Slots.remove(3)
        #expect(Slots.count == nil)
    }

    @Test func withoutABudgetNothingWaits() {
        #expect(Slots.count == nil)
        #expect(!Slots.enter())
        #expect(Slots.leave() == 0)
        #expect(Slots.descriptor == nil)
    }
}
