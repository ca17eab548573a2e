// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// Writes text to standard error, behind what C code and scripts have written. After Ctrl-C, text is
/// dropped while nothing reads from a full pipe.
func report(_ text: String) {
    var text = Secrets.masked(text)
    text.withUTF8 { report(UnsafeRawBufferPointer($0)) }
}

/// Writes bytes to standard error as ``report(_:)`` does.
func report(bytes: [UInt8]) { Secrets.masked(bytes).withUnsafeBytes { report($0) } }

private func report(_ bytes: UnsafeRawBufferPointer) {
    flushOutput()
    var rest = bytes
    while !rest.isEmpty {
        if Signals.hasArrived, !isStandardErrorWritable() { return }
        // One system call writes at most a piece, so that a signal ends it.
        let count = write(STDERR_FILENO, rest.baseAddress, min(rest.count, 1 << 18))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
}

/// Waits up to 0.2 s until standard error can be written to. Signals that stop Lua code interrupt
/// the wait repeatedly.
private func isStandardErrorWritable() -> Bool {
    let end = Clock.now + Clock.second / 5
    var reader = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    while true {
        let left = end - Clock.now
        let count = poll(&reader, 1, Int32(max(0, left / 1_000_000)))
        if count > 0 { return true }
        if left <= 0 { return false }
    }
}

/// Opens `/dev/null` in place of each standard stream that the caller has closed. A read then gives
/// the end of the file, and a write fails, as with a closed descriptor.
func openMissingStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
        // The lowest free descriptor is this one: those below it are open.
        _ = open("/dev/null", O_RDONLY)
    }
}
