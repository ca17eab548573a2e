// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime

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

    func write(_ json: JSON) throws(Failure) { try write(json.text + "\n") }

    func write(_ text: String) throws(Failure) {
        if let number = writeAll(text, to: descriptor) { throw Failure(number: number) }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
