// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTSystem
import VTWorkflow

@testable import VTStore

/// Records of short runs that are written together, seen from another connection.
@Suite struct GroupedRunsTests {
    private func withStores<R>(_ body: (_ own: Store, _ other: Store) throws -> R) throws -> R {
        let directory = try Directory.makeTemporary(
            "\(Leftovers.temporaryDirectory)/store-XXXXXX")
        defer { Directory.removeTree(directory) }
        let own = try Store(directory: directory)
        own.setting.groupsWrites = true
        defer { try? own.endGrouping() }
        return try body(own, try Store(directory: directory))
    }

    private static func key(_ number: Int) -> Digest {
        Digest(bytes: [UInt8](repeating: UInt8(number), count: 32))
    }

    /// Runs one module that takes `seconds`, as the interpreter does.
    private func run(_ name: String, _ number: Int, seconds: Double, in store: Store) throws {
        try store.exclusively {
            #expect(try store.reserve(run: name))
            try store.begin(
                RunDescription(
                    run: name, workflow: "w", parameters: [], modules: 1, connections: [],
                    outputs: []))
            #expect(try store.lease(Self.key(number)))
            try store.willCompute()
            try store.keep(
                StoredResult(
                    name: Self.key(number), outputs: [1], arrays: [], digests: [], printed: "",
                    annotations: [], products: [], place: [], notices: "", hasNames: false,
                    seconds: seconds), observations: [], run: name)
            let record = ModuleRecord(
                node: "a", module: "m", version: "1", status: .computed, seconds: seconds,
                attempts: 1, printed: "", error: nil, because: nil, calls: [])
            try store.add(
                NodeRecord(
                    position: 0, record: record,
                    key: KeyRecord(key: Self.key(number), parts: [], obstacle: nil), started: 1),
                of: name)
            try store.release(Self.key(number))
            try store.end(run: name, status: .done, seconds: seconds)
        }
    }

    private func names(_ store: Store) throws -> [String] {
        var names: [String] = []
        try store.database.run("SELECT run FROM runs WHERE status = 'done' ORDER BY run") {
            names.append($0.text(0))
        }
        return names
    }

    /// The thread writes without a further call; until then, others neither see the runs nor get their
    /// identifiers and leases.
    @Test func theThreadWritesWhatWaits() throws {
        try withStores { own, other in
            let written = Monitor(0)
            try own.groupRuns {
                written.withLock { $0 += 1 }
                written.notifyAll()
            }
            // After a run of unknown length, each is written at once until a short one has ended.
            try run("RUN1", 1, seconds: 0.001, in: own)
            own.exclusively {
                // The thread waits for the lock.
                let before = written.withLock { $0 }
                #expect(throws: Never.self) {
                    try run("RUN2", 2, seconds: 0.001, in: own)
                    try run("RUN3", 3, seconds: 0.001, in: own)
                    guard own.hasUnwrittenRuns else { return }
                    #expect(written.withLock { $0 } == before)
                    #expect(try !other.reserve(run: "RUN3"))
                    #expect(try !other.lease(Self.key(3)))
                    #expect(try !own.reserve(run: "RUN3"))
                }
            }
            let isWritten = written.wait(until: Clock.now + 60 * Clock.second) { _ in
                own.exclusively { own.hasUnwrittenRuns } ? nil : true
            }
            #expect(isWritten == true)
            #expect(try names(other) == ["RUN1", "RUN2", "RUN3"])
            #expect(try other.lease(Self.key(3)))
            #expect(try other.hasNewResults())
            #expect(try other.find(Self.key(3)).first?.outputs == [1])
            #expect(try !other.reserve(run: "RUN3"))
            #expect(try other.reserve(run: "RUN4"))
        }
    }

    /// A run that is not short is written when it ends, with those that wait.
    @Test func longRunsDoNotWait() throws {
        try withStores { own, other in
            try own.groupRuns {}
            try run("RUN1", 1, seconds: 0.001, in: own)
            try run("RUN2", 2, seconds: 0.5, in: own)
            #expect(try names(other) == ["RUN1", "RUN2"])
            #expect(own.exclusively { !own.hasUnwrittenRuns })
        }
    }

    /// Runs that end after the grouping has ended are written at once.
    @Test func nothingWaitsAfterTheEnd() throws {
        try withStores { own, other in
            try own.groupRuns {}
            try run("RUN1", 1, seconds: 0.001, in: own)
            try run("RUN2", 2, seconds: 0.001, in: own)
            try own.endGrouping()
            try own.sync()
            #expect(try names(other) == ["RUN1", "RUN2"])
            try run("RUN3", 3, seconds: 0.001, in: own)
            #expect(try names(other) == ["RUN1", "RUN2", "RUN3"])
        }
    }

    /// What cannot be written fails the next run or the end, as it would have failed the run itself.
    @Test func aFailureOfTheThreadIsReported() throws {
        try withStores { own, other in
            try failToWrite(own, other)
            #expect(throws: StoreError.self) { try own.exclusively { try own.writeEnded() } }
            // Once.
            try own.endGrouping()
        }
        try withStores { own, other in
            try failToWrite(own, other)
            #expect(throws: StoreError.self) { try own.endGrouping() }
        }
    }

    private func failToWrite(_ own: Store, _ other: Store) throws {
        let calls = Monitor(0)
        try own.groupRuns {
            calls.withLock { $0 += 1 }
            calls.notifyAll()
        }
        try run("RUN1", 1, seconds: 0.001, in: own)
        let before = try own.exclusively {
            try run("RUN2", 2, seconds: 0.001, in: own)
            try other.database.run("DROP TABLE runs")
            return calls.withLock { $0 }
        }
        // Who waits for the runs does not wait for ever.
        let isOver = calls.wait(until: Clock.now + 60 * Clock.second) { $0 > before ? true : nil }
        #expect(isOver == true)
    }
}
