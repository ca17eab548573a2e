// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

/// The modules and functions that a program gives to each of its Lua states, also in worker processes.
struct ProgramSetup: Sendable {
    var modules: [SwiftModule] = []
    var prepare: @Sendable (borrowing Lua) throws -> Void = { _ in }

    private static let shared = Monitor(ProgramSetup())

    /// The setup that ``WorkerRuntime/prepare(modules:workerPrepare:warn:)`` was given.
    static var current: ProgramSetup {
        get { shared.withLock { $0 } }
        set { shared.withLock { $0 = newValue } }
    }
}

extension SwiftModule {
    /// The text in the place of a file, which observations of the module cover.
    var source: String { "\(ProgramModuleSource.prefix)\(name) \(version)" }
}
