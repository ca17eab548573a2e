// SPDX-License-Identifier: BSD-3-Clause

/// A prediction of what a run would do with a node.
public struct Forecast: Sendable {
    /// The name of the node.
    public var node: String
    /// The name and the version of its module.
    public var module: String
    /// The prediction.
    public var state: State
    /// The reason why the node would or may run, as the end of a sentence that starts with its name;
    /// nil if it is cached.
    public var reason: String?
    /// The reason why the node must compute on the interpreter, as the end of a sentence that starts with
    /// its name; nil if it can compute on a worker.
    public var stays: String?

    /// A prediction of what a run would do with a node.
    public enum State: String, Sendable {
        /// It would use a cached result.
        case cached
        /// It would compute the node.
        case run
        /// It would compute the node if one before it gives another result than before.
        case mayRun = "may run"
    }
}
