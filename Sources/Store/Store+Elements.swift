// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
public import VTWorkflow

// The elements of nodes.

extension Store {
    /// Adds elements of a node to the record of a run, in one transaction with the results that wait.
    public func add(_ group: ElementGroup, of run: String) throws {
        let pack = ElementPack(group.elements)
        let content = pack.content
        let name = digest(content).bytes
        try database.transaction {
            try insertPending()
            try writeBeginning()
            try database.insert(
                ElementPackRow(
                    digest: name, size: content.count, content: compress(content) ?? content),
                ElementPackRow.insertion)
            try database.insert(
                ElementRow(
                    run: run, position: group.position, number: group.number, pack: name,
                    times: pack.times(since: log.started)), ElementRow.insertion)
        }
    }

    /// Calls `body` with each element of a node of a run, in the order in which they ended; until it
    /// returns false.
    public func forEachElement(
        of position: Int, in run: String, _ body: (ElementRecord) throws -> Bool
    ) throws {
        var started = 0.0
        try database.run(RunRow.start, .text(run)) { started = $0.seconds(.started) }
        var groups: [ElementPack] = []
        try database.run(ElementRow.selection, .text(run), .integer(position)) { row in
            let (size, bytes) = (row.count(.size), row.bytes(.content))
            let content = bytes.count == size ? bytes : decompress(bytes, size: size) ?? []
            if let pack = ElementPack(
                content: content, times: row.bytes(.times), since: started)
            {
                groups.append(pack)
            }
        }
        for group in groups {
            for element in group.elements where try !body(element) { return }
        }
    }

    /// Returns the numbers of a node's elements on record; nil for a node without elements.
    public func elementCounts(of position: Int, in run: String) throws -> ElementCounts? {
        var counts = ElementCounts()
        try forEachElement(of: position, in: run) { element in
            counts.total += 1
            switch element.status {
            case .computed: counts.computed += 1
            case .cached: counts.cached += 1
            case .failed: counts.failed += 1
            case .suspended: counts.suspended += 1
            default: break
            }
            return true
        }
        return counts.total == 0 ? nil : counts
    }

    /// Returns an element of a node by its place, such as `[17]`; nil if there is none on record.
    public func element(
        at place: [Int], of position: Int, in run: String
    ) throws -> ElementRecord? {
        var found: ElementRecord?
        try forEachElement(of: position, in: run) { element in
            if element.place == place { found = element }
            return found == nil
        }
        return found
    }

    /// Returns the positions of the nodes of a run that have elements on record.
    public func positionsWithElements(in run: String) throws -> Set<Int> {
        var found: Set<Int> = []
        try database.run("SELECT DISTINCT position FROM elements WHERE run = ?", .text(run)) {
            found.insert($0.integer(0))
        }
        return found
    }

    /// Returns the last earlier run that has elements of a node on record, and the node's position in
    /// that run; nil if there is none.
    public func lastElements(
        of node: String, workflow: String, before run: String
    ) throws -> (run: String, position: Int)? {
        for earlier in try runs(of: workflow, before: run) {
            let positions = try positionsWithElements(in: earlier)
            if positions.isEmpty { continue }
            var found: Int?
            try database.run(NodeRow.positionOfNode, .text(earlier), .text(node)) {
                found = $0.integer(.position)
            }
            if let found, positions.contains(found) { return (earlier, found) }
        }
        return nil
    }

    /// Returns the numbers of elements on record, by the position of their node.
    public func allElementCounts(of run: String) throws -> [Int: ElementCounts] {
        var counts: [Int: ElementCounts] = [:]
        for position in try positionsWithElements(in: run) {
            counts[position] = try elementCounts(of: position, in: run)
        }
        return counts
    }
}
