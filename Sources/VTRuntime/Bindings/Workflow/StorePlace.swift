// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The rule for the directory of the store of results and records.
public struct StorePlace: Sendable {
    /// A directory, or `off`; nil for the value of the environment variable `VTLUA_STORE`, or
    /// `.vtlua` beside the workflow.
    public var given: String?

    /// Creates the rule; `given` as ``given``.
    public init(given: String? = nil) { self.given = given }

    /// Returns the store's directory; nil for `off`.
    ///
    /// - Parameter flow: the path of the workflow's script; nil or empty: the working directory counts.
    public func directory(beside flow: String?) -> String? {
        let given = given ?? getenv("VTLUA_STORE").map { String(cString: $0) } ?? ""
        if given == "off" { return nil }
        if !given.isEmpty { return given }
        let beside = flow?.directoryPart ?? ""
        return beside.isEmpty ? ".vtlua" : beside + "/.vtlua"
    }
}
