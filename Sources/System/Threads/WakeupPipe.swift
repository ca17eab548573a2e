// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// A pipe that no child process inherits. Its reading end does not block.
package enum Pipe {
    /// Makes a pipe. The caller closes both ends.
    ///
    /// - Parameter nonblocking: whether the writing end does not block either.
    /// - Throws: ``SystemError``.
    package static func make(
        nonblocking: Bool = false
    ) throws(SystemError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard vty_pipe(&ends, nonblocking) == 0 else { throw SystemError("cannot make a pipe") }
        return (ends[0], ends[1])
    }
}

/// Wakes a thread that waits in `poll`, from another thread or from a signal handler: a pipe
/// (D. J. Bernstein's self-pipe).
package final class WakeupPipe: Sendable {
    /// The end to poll: it is readable after a signal.
    package let descriptor: Int32
    /// The end that signal handlers write to, by ``signal(_:through:)``.
    package let sink: Int32

    /// Makes a pipe.
    ///
    /// - Throws: ``SystemError``.
    package init() throws(SystemError) {
        (descriptor, sink) = try Pipe.make(nonblocking: true)
    }

    deinit {
        close(descriptor)
        close(sink)
    }

    /// Makes the descriptor readable.
    package func signal() {
        // A full pipe is readable, too.
        var byte: UInt8 = 0
        _ = write(sink, &byte, 1)
    }

    /// Passes on the number of a signal from its handler: a write, and `errno` as it was.
    package static func signal(_ number: Int32, through sink: Int32) {
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(sink, &byte, 1)
        errno = before
    }

    /// Empties the pipe. Returns what it was signalled for: numbers of signals, or 0.
    @discardableResult
    package func take() -> [UInt8] {
        var all: [UInt8] = []
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { block in
            while true {
                let count = read(descriptor, block.baseAddress, block.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                all.append(contentsOf: block.prefix(count))
                if count < block.count { return }
            }
        }
        return all
    }

    /// Waits until it is signalled or the time has passed, and empties the pipe.
    ///
    /// - Parameter milliseconds: -1: without a limit.
    /// - Returns: the reasons that were signalled.
    @discardableResult
    package func wait(milliseconds: Int = -1) -> [UInt8] {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&waiting, 1, Int32(milliseconds))
        return take()
    }
}
