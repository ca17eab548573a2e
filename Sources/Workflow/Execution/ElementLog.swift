// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The records of a step's elements that are not written yet. They are written in groups, with the
/// results of the elements.
struct ElementLog {
    private let position: Int
    private unowned let run: Run
    private var elements: [ElementRecord] = []
    private var number = 0
    private var lastWrite = Clock.now

    /// The largest number of elements in a group, and the time after which a group is written.
    private static let most = 1000
    private static let interval = Clock.second / 5

    init(of position: Int, in run: Run) {
        self.position = position
        self.run = run
    }

    /// The leases of elements that were computed, to be released when their results are written.
    private var leases: [Digest] = []

    /// Adds the record of an element that was computed, and writes the group if it is large or old.
    ///
    /// - Parameter lease: the lease of the element.
    mutating func add(_ record: ElementRecord, lease: Digest?) throws {
        guard run.environment.store?.isUsable == true else { return }
        elements.append(record)
        if let lease { leases.append(lease) }
        try writeIfDue()
    }

    /// Adds the record of a cached element, with which nothing is lost.
    mutating func addCached(_ record: ElementRecord) {
        guard run.isOnRecord else { return }
        elements.append(record)
    }

    /// Writes the group if it is large or old.
    mutating func writeIfDue() throws {
        guard elements.count >= Self.most || Clock.now - lastWrite >= Self.interval else { return }
        try write()
    }

    /// Writes the group, and releases the leases of its elements.
    mutating func write() throws {
        lastWrite = Clock.now
        defer { releaseLeases() }
        if elements.isEmpty { return }
        let all = elements
        elements = []
        guard run.isOnRecord else { return try run.withStore { try $0.pause() } ?? () }
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
