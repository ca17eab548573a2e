// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

/// Statistics of a node's elements.
struct ElementSummary {
    let total: Int
    private(set) var counts: [(state: State, count: Int)] = []
    /// The elements that were computed or failed, in the order in which they started.
    let timed: [ElementRecord]
    /// The time from the start of the first one to the end of the last one, in seconds.
    private(set) var seconds = 0.0
    private(set) var mean = 0.0
    private(set) var longest = 0.0
    /// The number of workers; the interpreter counts as one.
    private(set) var workers = 0
    /// The part of the workers' time that elements took, from 0 to 1.
    private(set) var busy = 0.0
    private(set) var failed = 0

    init(_ elements: [ElementRecord]) {
        total = elements.count
        var states: [State: Int] = [:]
        for element in elements { states[State(element.status), default: 0] += 1 }
        counts = State.allCases.compactMap { state in states[state].map { (state, $0) } }
        failed = states[.failed] ?? 0
        timed = elements.filter { $0.attempts > 0 }.sorted { $0.started < $1.started }
        guard let first = timed.first else { return }
        var (last, sum) = (first.started, 0.0)
        var seen: Set<Int> = []
        for element in timed {
            last = max(last, element.started + element.seconds)
            sum += element.seconds
            longest = max(longest, element.seconds)
            seen.insert(element.worker)
        }
        seconds = last - first.started
        mean = sum / Double(timed.count)
        workers = seen.count
        busy = seconds > 0 ? min(1, sum / (seconds * Double(workers))) : 1
    }

    /// A range of durations with the number of elements in it.
    struct Bin {
        var label: String
        var count: Int
    }

    /// The numbers of elements by their duration. The limits are 1, 2 and 5 times powers of ten.
    var histogram: [Bin] {
        var numbers: [Int: Int] = [:]
        for element in timed { numbers[Self.bin(of: element.seconds), default: 0] += 1 }
        guard let first = numbers.keys.min(), let last = numbers.keys.max() else { return [] }
        return (first...last).map { bin in
            let (from, to) = (Self.limit(bin), Self.limit(bin + 1))
            return Bin(
                label: bin == 0
                    ? "under \(Format.duration(to))"
                    : "\(Format.duration(from)) to \(Format.duration(to))",
                count: numbers[bin] ?? 0)
        }
    }

    private static func bin(of seconds: Double) -> Int {
        var bin = 0
        while limit(bin + 1) <= seconds, bin < 40 { bin += 1 }
        return bin
    }

    private static func limit(_ bin: Int) -> Double {
        if bin == 0 { return 0 }
        var limit = [1e-6, 2e-6, 5e-6][(bin - 1) % 3]
        for _ in 0..<((bin - 1) / 3) { limit *= 10 }
        return limit
    }
}

extension State {
    /// The state of an element.
    init(_ status: ModuleRecord.Status) {
        switch status {
        case .computed: self = .computed
        case .cached: self = .cached
        case .failed: self = .failed
        case .suspended: self = .suspended
        default: self = .stopped
        }
    }
}
