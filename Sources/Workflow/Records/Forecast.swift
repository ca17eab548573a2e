// SPDX-License-Identifier: BSD-3-Clause

/// What a run would do with a module.
public struct Forecast: Sendable {
    public var node: String
    public var module: String
    public var isCached: Bool
    /// Why it would run, in a sentence.
    public var reason: String?
}
