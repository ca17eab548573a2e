// SPDX-License-Identifier: BSD-3-Clause

package import VTJupyter
internal import VTSystem

/// The options of an engine.
package struct EngineOptions: Sendable {
    /// The addresses and the key of the controller.
    package var info: ConnectionInfo
    /// The options of its worker.
    package var worker: WorkerOptions
    /// The program of the worker's process.
    package var program: String
    /// The number of times that a worker which has died is replaced.
    package var restarts = 10
    /// The id that the engine requests; nil: any.
    package var wanted: Int?
    /// The seconds within which the controller must answer.
    package var timeout = 60.0
    /// The seconds without an answer of the controller after which a registered engine ends.
    package var patience = 300.0
    /// The version of this program.
    package var version: String
    /// Called with each line of the log.
    package var log: @Sendable (String) -> Void

    /// The defaults for a controller.
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
