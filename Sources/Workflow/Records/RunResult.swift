// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// How a run ended.
public enum RunStatus: String, Sendable {
    case done, failed, cancelled
}

/// A run that is over.
public struct RunResult {
    public var run: String
    public var workflow: String
    public var status: RunStatus
    public var seconds: Double
    public var modules: [ModuleRecord]
    /// The workflow's outputs; nil where the module did not compute.
    public var outputs: [(name: String, value: LuaReference?)]

    /// The first module that failed.
    public var failure: ModuleFailure? { modules.lazy.compactMap(\.failure).first }
}
