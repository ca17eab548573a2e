// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing
import VTSystem

@Suite struct ThreadTests {
    @Test func countsUnderTheLock() throws {
        let count = Monitor(0)
        for _ in 0..<4 {
            try startThread("counter", stackSize: 256 << 10) {
                for _ in 0..<1000 { count.withLock { $0 += 1 } }
                count.notifyAll()
            }
        }
        let all = count.wait(until: Clock.now + 60 * Clock.second) { $0 == 4000 ? $0 : nil }
        #expect(all == 4000)
    }

    @Test func waitEndsAtTheDeadline() {
        let never = Monitor(0)
        let began = Clock.now
        #expect(never.wait(until: began + Clock.second / 100) { _ in nil as Int? } == nil)
        #expect(Clock.now - began >= Clock.second / 100)
    }

    @Test func threadsHaveTheirName() throws {
        let name = Monitor<String?>(nil)
        try startThread("vtlua-named-longer-than-allowed") {
            let text = File.text("/proc/thread-self/comm")
            name.withLock { $0 = text ?? "" }
            name.notifyAll()
        }
        #expect(name.wait(until: Clock.now + 60 * Clock.second) { $0 } == "vtlua-named-lon\n")
    }

    @Test func wakeupPipePassesSignals() throws {
        let pipe = try WakeupPipe()
        #expect(pipe.wait(milliseconds: 0) == [])
        pipe.signal()
        WakeupPipe.signal(SIGTERM, through: pipe.sink)
        #expect(pipe.wait() == [0, UInt8(SIGTERM)])
        // A full pipe does not block.
        for _ in 0..<200_000 { pipe.signal() }
        #expect(pipe.take().count > 4096)
        #expect(pipe.take() == [])
    }

    @Test func wakeupPipeWakesAnotherThread() throws {
        let pipe = try WakeupPipe()
        try startThread("waker") { pipe.signal() }
        #expect(pipe.wait(milliseconds: 60_000) == [0])
    }

    @Test func clocksAgree() {
        let moment = Clock.now
        #expect(abs(Clock.date(moment) - Clock.wall) < 60)
        #expect(Clock.deadline(in: nil) == Clock.never)
        #expect(Clock.deadline(in: 1e12) == Clock.never)
        #expect(Clock.deadline(in: -5) <= Clock.now)
        #expect(Clock.seconds(since: moment) >= 0)
    }
}
