// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTParallel

/// What is known of a module after its turn in a run.
public struct ModuleRecord: Sendable {
    public enum Status: String, Sendable {
        case computed, cached, failed, skipped
    }

    public var node: String
    public var module: String
    public var version: String
    public var status: Status
    public var seconds: Double
    public var attempts: Int
    public var printed: String
    public var annotations: [(key: String, value: LuaValue)]
    /// Whether its result is kept beyond the process.
    public var isKept = false
    /// The parallel calls that it made, with their tasks.
    public var calls: [CallRecord] = []
    public var failure: ModuleFailure?
    /// For a skipped one: the node that failed.
    public var skippedBecauseOf: String?
}
