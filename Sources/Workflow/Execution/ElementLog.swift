// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The results and records of a step's elements that are not written yet. They are written in groups.
struct ElementLog {
    private let position: Int
    private unowned let run: Run
    private var elements: [ElementRecord] = []
    private var number = 0
    /// The number of results that were kept since the last write.
    private var results = 0
    /// The leases of elements whose results were kept, to be released when these are written.
    private var leases: [Digest] = []
    private var lastWrite = Clock.now

    /// The largest number of elements in a group, and the time after which a group is written.
    private static let most = 1000
    private static let interval = Clock.second / 5

    init(of position: Int, in run: Run) {
        self.position = position
        self.run = run
    }

    /// Adds the record of an element. Records are added in the order of the elements.
    mutating func add(_ record: ElementRecord) {
        if run.isOnRecord { elements.append(record) }
    }

    /// Notes that a result was kept.
    mutating func addResult(lease: Digest?) {
        results += 1
        if let lease { leases.append(lease) }
    }

    /// Writes what was kept if that is much or old. Records without results can wait.
    mutating func writeIfDue() throws {
        guard
            results >= Self.most || results > 0 && Clock.now - lastWrite >= Self.interval
                || elements.count >= 10 * Self.most
        else { return }
        try write()
    }

    /// Writes all.
    mutating func write() throws {
        lastWrite = Clock.now
        defer { releaseLeases() }
        let hasResults = results > 0
        results = 0
        if elements.isEmpty { return hasResults ? try run.withStore { try $0.pause() } ?? () : () }
        let all = elements
        elements = []
        var start = 0
        while start < all.count {
            let end = min(start + Self.most, all.count)
            let group = ElementGroup(
                position: position, number: number, elements: Array(all[start..<end]))
            number += 1
            start = end
            try run.withStore { try $0.add(group, of: run.id) }
        }
    }

    private mutating func releaseLeases() {
        for key in leases { run.withStore { try? $0.release(key) } }
        leases = []
    }
}
