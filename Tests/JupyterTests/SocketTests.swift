// SPDX-License-Identifier: BSD-3-Clause

import CVTJupyter
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
        let box = TransferBox(dealer)
        DispatchQueue.global().async {
            guard let dealer = box.take() else { return }
            // It is given up somewhere in between.
            for _ in 1...50 {
                dealer.send([[1], [2, 3]])
                usleep(10_000)
            }
            isSent.signal()
        }
        #expect(isSent.wait(timeout: .now() + 120) == .success)
    }

    /// A poll of more than 32 sockets finds each of them, and waits when none is readable.
    @Test func manySockets() throws {
        let count = 40
        var sockets: [Socket] = []
        var ends: [Socket] = []
        for number in 0..<count {
            let endpoint = "inproc://vtlua-test-many-\(number)"
            let socket = try Socket(.dealer, linger: 0)
            try socket.bind(to: endpoint)
            let end = try Socket(.dealer, linger: 0)
            try end.connect(to: endpoint)
            sockets.append(socket)
            ends.append(end)
        }
        let handles: [UnsafeMutableRawPointer?] = sockets.map(\.handle)
        let descriptors = [Int32](repeating: -1, count: count)
        for number in [0, 31, 32, count - 1] {
            ends[number].send([[1]])
            var ready = [Bool](repeating: false, count: count)
            #expect(vtj_poll(handles, descriptors, &ready, Int32(count), 10_000) == 1)
            #expect(ready.indices.filter { ready[$0] } == [number])
            _ = sockets[number].receive()
        }
        var ready = [Bool](repeating: true, count: count)
        #expect(vtj_poll(handles, descriptors, &ready, Int32(count), 1) == 0)
        #expect(!ready.contains(true))
        #expect(vtj_poll(handles, descriptors, &ready, -1, 1) == -1)
    }
}
