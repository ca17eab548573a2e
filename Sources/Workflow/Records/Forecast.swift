// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

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

    /// The elements of a node whose lists are known; nil for other nodes.
    public var elements: Elements?

    /// The elements of a node.
    public struct Elements: Sendable, Equatable {
        /// All elements.
        public var total: Int
        /// Those whose results were looked up: at most the first 10,000.
        public var lookedUp = 0
        /// Those of the elements that were looked up that have a result.
        public var cached = 0
        /// The name of the first element that would be computed.
        public var first: String?
        /// Those of the elements that were looked up that would be computed.
        public var missing: Int { lookedUp - cached }
    }

    /// A prediction of what a run would do with a node.
    public enum State: String, Sendable {
        /// It would use a cached result.
        case cached
        /// It would compute the node.
        case run
        /// It would compute the node if one before it gives another result than before, or needs it.
        case mayRun = "may run"
        /// It would not compute the node, because the conditions of branches are known.
        case notNeeded = "not needed"
    }
}

extension Forecast.Elements {
    /// The numbers as text, such as `12 elements: 11 cached, 1 to compute`.
    public var sentence: String {
        var parts: [String] = []
        if cached > 0 || lookedUp == 0 { parts.append("\(Format.count(cached)) cached") }
        if missing > 0 { parts.append("\(Format.count(missing)) to compute") }
        let numbers = parts.joined(separator: ", ")
        let all = Format.count(total, "element")
        if lookedUp == total { return "\(all): \(numbers)" }
        return "\(all), more than the \(Format.count(lookedUp)) that are looked up; of these "
            + numbers
    }
}
