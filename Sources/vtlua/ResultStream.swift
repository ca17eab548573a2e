// SPDX-License-Identifier: BSD-3-Clause

import Glibc

/// Where results go: standard output, and nothing else goes there.
struct ResultStream {
    private let descriptor: Int32

    /// Takes standard output for results. What a module, a C library or a child process writes
    /// there from now on goes to standard error.
    static func takingStandardOutput() -> ResultStream {
        fflush(nil)
        let own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        guard own >= 0 else { return ResultStream(descriptor: STDOUT_FILENO) }
        dup2(STDERR_FILENO, STDOUT_FILENO)
        return ResultStream(descriptor: own)
    }

    /// Standard output as it is.
    static var standardOutput: ResultStream { ResultStream(descriptor: STDOUT_FILENO) }

    func write(_ text: String) { put(text, on: descriptor) }
}

/// Tells a person something, on standard error.
func report(_ text: String) {
    fflush(nil)
    put(text, on: STDERR_FILENO)
}

private func put(_ text: String, on descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            // The reader is gone, or the disk is full: there is nobody to tell.
            guard count > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
