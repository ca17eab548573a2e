// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

@testable import VTParallel

/// The table of calls that an engine shares with its watcher.
@Suite struct CallTableTests {
    @Test func lastCalls() throws {
        let table = try CallTable()
        let other = try CallTable(dup(table.descriptor))
        #expect(other.origin(ofCall: 1) == nil)
        for number in 1...100 {
            table.note(call: number, .init(client: "vtlua-client-\(number % 3)", job: number * 2))
        }
        #expect(other.origin(ofCall: 100) == .init(client: "vtlua-client-1", job: 200))
        #expect(other.origin(ofCall: 37) == .init(client: "vtlua-client-1", job: 74))
        #expect(other.origin(ofCall: 36) == nil)
        #expect(other.origin(ofCall: 0) == nil)
        #expect(other.clients == ["vtlua-client-0", "vtlua-client-1", "vtlua-client-2"])
    }

    @Test func longNames() throws {
        let table = try CallTable()
        table.note(call: 1, .init(client: String(repeating: "x", count: 100), job: 1))
        #expect(table.clients == [String(repeating: "x", count: 40)])
    }
}
