// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel
internal import VTSystem

/// An estimate of the remaining time of a run, from the durations of its nodes in earlier runs.
///
/// It must receive every event. Runs inside a module count as part of that module.
public struct RunEstimate: Sendable {
    /// The expected durations of nodes that have not started, in seconds.
    private var waiting: [String: Double] = [:]
    private var sum = 0.0
    /// The number of nodes that have not started and of which no duration is known.
    private var unknown = 0
    private var current: [String: Running] = [:]
    private var nesting = RunNesting()

    /// A node that computes.
    private struct Running {
        var began = Clock.now
        var expected: Double?
        var fraction = 0.0

        /// The remaining time in seconds; nil where it is not known.
        var remaining: Double? {
            let elapsed = Clock.seconds(since: began)
            if fraction > 0.02, fraction < 1 { return elapsed * (1 - fraction) / fraction }
            return expected.map { max(0, $0 - elapsed) }
        }
    }

    /// Creates an estimate before a run.
    public init() {}

    /// Takes the next event of the run.
    public mutating func take(_ event: RunEvent) {
        if nesting.isInside(event) { return }
        switch event {
        case .runStarted(_, _, let modules, let expected):
            waiting = expected.mapValues(\.inSeconds)
            sum = waiting.values.reduce(0, +)
            unknown = max(0, modules - expected.count)
            current = [:]
        case .moduleStarted(let node, _, _):
            let expected = leave(node)
            if expected == nil { unknown = max(0, unknown - 1) }
            current[node] = Running(expected: expected)
        case .progress(let node, let fraction, _): current[node]?.fraction = fraction
        case .tasks(let node, let call):
            guard let total = call.total, total > 0 else { break }
            current[node]?.fraction = Double(call.done) / Double(total)
        case .moduleFinished(let record):
            current[record.node] = nil
            if record.status == .skipped, leave(record.node) == nil {
                unknown = max(0, unknown - 1)
            }
        case .runFinished:
            (waiting, sum, unknown, current) = ([:], 0, 0, [:])
        case .printed, .logged: break
        }
    }

    private mutating func leave(_ node: String) -> Double? {
        guard let expected = waiting.removeValue(forKey: node) else { return nil }
        sum = waiting.isEmpty ? 0 : sum - expected
        return expected
    }

    /// The remaining time; nil where too little is known. A node of unknown duration counts as the
    /// average of the others.
    public var remaining: Duration? { seconds.map { .seconds($0) } }

    private var seconds: Double? {
        var rest = 0.0
        if unknown > 0 {
            guard waiting.count >= unknown else { return nil }
            rest = sum / Double(waiting.count) * Double(unknown)
        }
        rest += max(0, sum)
        if current.isEmpty { return rest > 0 ? rest : nil }
        // The nodes that compute now do so at once, and others will, too.
        var longest = 0.0
        for running in current.values {
            guard let remaining = running.remaining else { return nil }
            longest = max(longest, remaining)
        }
        return rest / Double(current.count) + longest
    }
}
