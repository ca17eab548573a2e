// SPDX-License-Identifier: BSD-3-Clause

import Glibc

/// Where results go: standard output, and nothing else goes there.
struct ResultStream {
    private let descriptor: Int32

    /// Results could not be written: the disk is full, or standard output is closed.
    struct Failure: Error, CustomStringConvertible {
        var number: Int32

        var description: String {
            "cannot write the results to standard output: \(String(cString: strerror(number)))"
        }
    }

    /// Takes standard output for results. What a module, a C library or a child process writes
    /// there from now on goes to standard error.
    static func takingStandardOutput() -> ResultStream {
        fflush(nil)
        let own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        return ResultStream(descriptor: own)
    }

    /// Standard output as it is.
    static var standardOutput: ResultStream { ResultStream(descriptor: STDOUT_FILENO) }

    func write(_ text: String) throws(Failure) {
        if let number = put(text, on: descriptor) { throw Failure(number: number) }
    }
}

/// Tells a person something, on standard error.
func report(_ text: String) {
    fflush(nil)
    // Where this fails there is nobody to tell.
    _ = put(text, on: STDERR_FILENO)
}

/// Writes everything, or gives the number of what went wrong.
private func put(_ text: String, on descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return nil
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
