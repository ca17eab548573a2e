// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem
internal import Glibc

/// A refusal of the operating system: what was tried, and its error number.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The operation that failed, such as `cannot make a pipe` or `cannot write 'a.txt'`.
    package var what: String
    /// The file that it concerns, for callers with a message of their own.
    package var path: String?
    /// The system's error number.
    package var number: Int32

    /// Describes a call that failed.
    ///
    /// - Parameter number: `errno` where it is not given.
    package init(_ what: String, path: String? = nil, _ number: Int32 = errno) {
        self.what = path.map { "\(what) '\($0)'" } ?? what
        self.path = path
        self.number = number
    }

    /// The system's text for the number: `No such file or directory`.
    package var reason: String { Self.reason(number) }

    /// The system's text for an error number.
    package static func reason(_ number: Int32 = errno) -> String {
        String(cString: vty_reason(number, 0))
    }

    /// `cannot write 'a.txt': Permission denied`
    package var description: String { "\(what): \(reason)" }
}
