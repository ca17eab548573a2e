// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter
internal import Glibc

/// Wakes a thread that waits, from another thread or from a signal's handler: a pipe.
package final class WakeupPipe: Sendable {
    /// Readable when somebody has rung.
    package let descriptor: Int32
    /// A byte that is written here rings, and tells what for.
    let bell: Int32

    /// - Throws: ``SocketError``.
    package init() throws(SocketError) {
        var ends: [Int32] = [-1, -1]
        guard vtj_pipe(&ends, true) == 0 else {
            throw SocketError("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        descriptor = ends[0]
        bell = ends[1]
    }

    deinit {
        close(descriptor)
        close(bell)
    }

    package func signal() {
        // A full pipe rings, too.
        var byte: UInt8 = 0
        _ = write(bell, &byte, 1)
    }

    /// What it was rung for since: 0, or the numbers of signals.
    package func take() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        var all: [UInt8] = []
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return all }
            all += bytes.prefix(count)
            if count < bytes.count { return all }
        }
    }

    /// Waits until it is rung, or the time is over.
    package func wait(milliseconds: Int) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&waiting, 1, Int32(milliseconds))
        _ = take()
    }
}

/// Milliseconds of a clock that only goes forward.
package func monotonicMilliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
