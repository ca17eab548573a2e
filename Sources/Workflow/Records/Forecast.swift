// SPDX-License-Identifier: BSD-3-Clause

/// A prediction of what a run would do with a node.
public struct Forecast: Sendable {
    /// The name of the node.
    public var node: String
    /// The name and the version of its module.
    public var module: String
    /// True if the run would use a cached result.
    public var isCached: Bool
    /// The reason why the node would run, as the end of a sentence that starts with its name; nil if
    /// ``isCached``.
    public var reason: String?
}
