// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Replaces standard output and standard error by pipes, so that output of C code and child
/// processes can be read.
package final class CapturedOutput: Sendable {
    /// A copy of the original standard error.
    package let originalError: Int32
    let descriptors: [Int32]
    private let names = ["stdout", "stderr"]
    /// Held while reading, so that the order of the output is kept.
    private let reading = Monitor(())

    /// Redirects the output. Standard input is empty from then on.
    ///
    /// - Throws: ``SocketError``.
    package init() throws(SocketError) {
        originalError = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        fflush(nil)
        var sources: [Int32] = []
        for target in [STDOUT_FILENO, STDERR_FILENO] {
            do throws(SystemError) {
                let pipe = try Pipe.make()
                defer { close(pipe.writing) }
                guard dup2(pipe.writing, target) >= 0 else {
                    throw SystemError("cannot make a pipe")
                }
                sources.append(pipe.reading)
            } catch {
                throw SocketError(error)
            }
        }
        descriptors = sources
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, STDIN_FILENO)
            close(nothing)
        }
    }

    /// Restores standard error, for when no server could be started.
    package func giveUp() { dup2(originalError, STDERR_FILENO) }

    /// Forwards the output that has been written so far.
    package func drain(to mailbox: KernelMailbox) {
        // Usually there is none, and this costs one system call.
        var waiting = [
            pollfd(fd: descriptors[0], events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptors[1], events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&waiting, 2, 0) > 0 else { return }
        reading.withLock { _ in
            for (descriptor, name) in zip(descriptors, names) {
                withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { block in
                    // Bounded, in case the output is written faster than it is read.
                    for _ in 0..<16 {
                        let count = read(descriptor, block.baseAddress, block.count)
                        guard count > 0 else { return }
                        mailbox.write(UnsafeRawBufferPointer(rebasing: block[..<count]), to: name)
                        if count < block.count { return }
                    }
                }
            }
        }
    }
}
