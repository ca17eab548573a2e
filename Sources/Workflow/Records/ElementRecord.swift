// SPDX-License-Identifier: BSD-3-Clause

/// The outcome of an element of a node in a run.
public struct ElementRecord: Sendable, Equatable {
    /// The position of the element in each list, from 1: one number for each level.
    public var place: [Int]
    /// The outcome: computed, cached, failed, stopped or suspended.
    public var status: ModuleRecord.Status
    /// The name of the element's result; nil if there is none.
    public var key: Digest?
    /// The short digests of the inputs that differ from element to element, in the order of the ports.
    public var inputs: [String] = []
    /// The time when the element started, in seconds since 1970; 0 for a cached one.
    public var started = 0.0
    /// The duration in seconds.
    package var seconds = 0.0
    /// The duration of the element.
    public var duration: Duration { .seconds(seconds) }
    /// The number of the worker, from 1; 0 for the interpreter.
    public var worker = 0
    /// The number of times that the module was started.
    public var attempts = 0
    /// The error of a failed element, with its place and traceback.
    public var error: String?

    /// Creates a record of an element.
    public init(place: [Int], status: ModuleRecord.Status) {
        self.place = place
        self.status = status
    }

    /// The place as scripts and commands have it, such as `[17]`.
    public var label: String { place.map { "[\($0)]" }.joined() }
}

/// Elements of a node whose results and records are written together.
public struct ElementGroup: Sendable {
    /// The node's index in the plan, from 0.
    public var position: Int
    /// The number of the group among those of the node, from 0.
    public var number: Int
    /// The elements, in the order in which they ended.
    public var elements: [ElementRecord]

    /// Creates a group from its fields.
    public init(position: Int, number: Int, elements: [ElementRecord]) {
        self.position = position
        self.number = number
        self.elements = elements
    }
}

/// The numbers of a node's elements, by their outcome.
public struct ElementCounts: Sendable, Equatable {
    /// All elements.
    public var total = 0
    /// Those that were computed.
    public var computed = 0
    /// Those with cached results.
    public var cached = 0
    /// Those that failed.
    public var failed = 0
    /// Those whose work goes on after the run.
    public var suspended = 0

    /// True if the elements are the turns of a loop or a fold.
    public var areTurns = false

    /// Creates counts of nothing.
    public init() {}

    /// The word for what is counted.
    package var noun: String { areTurns ? "turn" : "element" }
}
