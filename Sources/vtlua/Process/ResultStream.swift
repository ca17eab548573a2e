// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// The stream of results: standard output, to which nothing else is written.
struct ResultStream {
    private let descriptor: Int32

    /// An error of writing results, such as a full disk or a closed standard output.
    struct Failure: Error, CustomStringConvertible {
        var number: Int32

        var description: String {
            "cannot write the results to standard output: \(String(cString: strerror(number)))"
        }
    }

    /// Reserves standard output for results. From now on, output of modules, C libraries and child
    /// processes goes to standard error.
    static func takingStandardOutput() -> ResultStream {
        fflush(nil)
        let own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        return ResultStream(descriptor: own)
    }

    /// Standard output, not redirected.
    static var standardOutput: ResultStream { ResultStream(descriptor: STDOUT_FILENO) }

    /// True if the results are shown on a terminal.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    func write(_ json: JSON) throws(Failure) { try write(json.text + "\n") }

    func write(_ text: String) throws(Failure) {
        if let number = writeAll(text, to: descriptor) { throw Failure(number: number) }
    }

    func write(bytes: [UInt8]) throws(Failure) {
        if let number = writeAll(bytes: bytes, to: descriptor) { throw Failure(number: number) }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
