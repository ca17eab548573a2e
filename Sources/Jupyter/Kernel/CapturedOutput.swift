// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter
internal import Glibc
internal import Synchronization

/// Takes the place of standard output and standard error: what C code and child processes write
/// there is read from pipes.
package final class CapturedOutput: Sendable {
    /// What standard error was before.
    package let originalError: Int32
    let descriptors: [Int32]
    private let names = ["stdout", "stderr"]
    /// One reads at a time, so that nothing changes its order.
    private let reading = Mutex(())

    /// Standard input is empty from then on.
    ///
    /// - Throws: ``SocketError``.
    package init() throws(SocketError) {
        originalError = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        fflush(nil)
        var sources: [Int32] = []
        for target in [STDOUT_FILENO, STDERR_FILENO] {
            var ends: [Int32] = [-1, -1]
            guard vtj_pipe(&ends, false) == 0, dup2(ends[1], target) >= 0 else {
                throw SocketError("cannot make a pipe: \(String(cString: strerror(errno)))")
            }
            close(ends[1])
            sources.append(ends[0])
        }
        descriptors = sources
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, STDIN_FILENO)
            close(nothing)
        }
    }

    /// Standard error is what it was: nobody serves.
    package func giveUp() { dup2(originalError, STDERR_FILENO) }

    /// Passes on what has been written so far.
    package func drain(to post: KernelMailbox) {
        // Nothing there is the rule, and costs one call.
        var waiting = [
            pollfd(fd: descriptors[0], events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptors[1], events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&waiting, 2, 0) > 0 else { return }
        reading.withLock { _ in
            for (descriptor, name) in zip(descriptors, names) {
                withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { block in
                    // Not without end, should somebody write faster.
                    for _ in 0..<16 {
                        let count = read(descriptor, block.baseAddress, block.count)
                        guard count > 0 else { return }
                        post.write(UnsafeRawBufferPointer(rebasing: block[..<count]), to: name)
                        if count < block.count { return }
                    }
                }
            }
        }
    }
}
