// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// An error of starting, finding or stopping a cluster.
package struct ClusterError: Error, Equatable, CustomStringConvertible {
    /// The kind of error, under the name that Lua code sees.
    package enum Code: String, Sendable {
        case notInstalled = "not-installed"
        case notRunning = "not-running"
        case alreadyRunning = "already-running"
        case startFailed = "start-failed"
        case timeout
        case noAnswer = "no-answer"
        /// The process or file belongs to another user or program.
        case foreign
        case system
    }

    package var code: Code
    /// The cause, and what to do about it.
    package var message: String
    /// Lines that show the cause, such as the end of a log.
    package var details: [String]

    package init(_ code: Code, _ message: String, details: [String] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    package var description: String { ([message] + details).joined(separator: "\n  ") }
}
