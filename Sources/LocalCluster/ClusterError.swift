// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// A cluster could not be started, found or stopped.
package struct ClusterError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case notInstalled = "not-installed"
        case notRunning = "not-running"
        case alreadyRunning = "already-running"
        case startFailed = "start-failed"
        case timeout
        case noAnswer = "no-answer"
        /// It is not ours to do.
        case foreign
        case system
    }

    package var code: Code
    /// What is wrong, and what to do.
    package var message: String
    /// Lines that show why: the end of a log.
    package var details: [String]

    package init(_ code: Code, _ message: String, details: [String] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    package var description: String { ([message] + details).joined(separator: "\n  ") }
}
