// SPDX-License-Identifier: BSD-3-Clause

import Dispatch
import Glibc
import Testing

@testable import VTJupyter

@Suite struct SocketTests {
    /// A stale connection file names ports that may be another program's by now. ZeroMQ gives up a
    /// connection to a socket of a kind that does not fit, and sends wait for ever then.
    @Test func nothingWaitsForAPeerThatDoesNotFit() throws {
        let endpoint = "ipc:///tmp/vtlua-test-socket-\(getpid())"
        defer { unlink(String(endpoint.dropFirst("ipc://".count))) }
        let publisher = try Socket(.publisher, linger: 0)
        try publisher.bind(to: endpoint)
        let dealer = try Socket(.dealer, linger: 0)
        try dealer.connect(to: endpoint)
        let isSent = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            // It is given up somewhere in between.
            for _ in 1...50 {
                dealer.send([[1], [2, 3]])
                usleep(10_000)
            }
            isSent.signal()
        }
        #expect(isSent.wait(timeout: .now() + 120) == .success)
    }
}
