// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTSystem

/// What an engine is told at its start.
package struct EngineOptions: Sendable {
    package var info: ConnectionInfo
    /// How its worker is made.
    package var worker: WorkerOptions
    /// What the worker's process runs.
    package var program: String
    /// How many times a worker that has died is replaced.
    package var restarts = 10
    /// The id that it would like to have.
    package var wanted: Int?
    /// Seconds until the controller has to answer.
    package var timeout = 60.0
    /// The version of this program.
    package var version: String
    /// Told what happens, a line at a time.
    package var log: @Sendable (String) -> Void

    package init(
        _ info: ConnectionInfo, program: String, version: String,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.info = info
        self.program = program
        self.version = version
        self.log = log
        worker = WorkerOptions(count: 1)
    }
}
