// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// Cached nodes of a run in a form that is shared by runs: each with a reference to the node that
/// computed its result. Times are not part of it.
struct Pack {
    /// A cached node.
    struct Node {
        /// The node's index in the plan.
        var position: Int
        /// The node's name.
        var name: String
        /// The run that computed the result, and the computing node's index in that run's plan.
        var origin: (run: String, position: Int)
        /// The files that its inputs and outputs name, as this run saw them.
        var files: [FileRecord]
    }

    var nodes: [Node] = []
}

extension Pack {
    /// The nodes column by column, so that they compress well; indices as differences.
    var bytes: [UInt8] {
        var runs: [String] = []
        var numbers: [String: Int] = [:]
        for node in nodes where numbers[node.origin.run] == nil {
            numbers[node.origin.run] = runs.count
            runs.append(node.origin.run)
        }
        var writer = CBORWriter()
        writer.array(6)
        writer.array(runs.count)
        for run in runs { writer.add(run) }
        writer.array(nodes.count)
        var last = -1
        for node in nodes {
            writer.add(node.position - last)
            last = node.position
        }
        writer.array(nodes.count)
        for node in nodes { writer.add(node.name) }
        writer.array(nodes.count)
        for node in nodes { writer.add(numbers[node.origin.run] ?? 0) }
        writer.array(nodes.count)
        for node in nodes { writer.add(node.origin.position - node.position) }
        let withFiles = nodes.enumerated().filter { !$0.element.files.isEmpty }
        writer.array(withFiles.count)
        for (index, node) in withFiles {
            writer.array(2)
            writer.add(index)
            writer.add(node.files)
        }
        return writer.bytes
    }

    /// Reads ``bytes``; nil where they are damaged.
    init?(_ bytes: [UInt8]) {
        var reader = CBORReader(bytes)
        do throws(CBORReader.Malformed) {
            _ = try reader.array(of: 6)
            let runs = try reader.list { reader throws(CBORReader.Malformed) in try reader.text() }
            let positions = try reader.integers()
            let names = try reader.list { reader throws(CBORReader.Malformed) in try reader.text() }
            let (numbers, origins) = (try reader.integers(), try reader.integers())
            guard
                [names.count, numbers.count, origins.count].allSatisfy({ $0 == positions.count })
            else { return nil }
            var position = -1
            for (index, step) in positions.enumerated() {
                position = position &+ step
                guard runs.indices.contains(numbers[index]) else { return nil }
                nodes.append(
                    Node(
                        position: position, name: names[index],
                        origin: (runs[numbers[index]], position &+ origins[index]), files: []))
            }
            for _ in 0..<(try reader.array()) {
                _ = try reader.array(of: 2)
                let index = try reader.integer()
                let files = try reader.list { reader throws(CBORReader.Malformed) in
                    try reader.file()
                }
                if nodes.indices.contains(index) { nodes[index].files = files }
            }
        } catch { return nil }
    }
}

extension CBORReader {
    mutating func list<Item>(
        _ item: (inout CBORReader) throws(Malformed) -> Item
    ) throws(Malformed) -> [Item] {
        var items: [Item] = []
        for _ in 0..<(try array()) { items.append(try item(&self)) }
        return items
    }

    mutating func integers() throws(Malformed) -> [Int] {
        try list { reader throws(Malformed) in try reader.integer() }
    }
}

/// The times of the nodes of a pack: for each the time since the node before started, or since the
/// run started, and the duration; both in microseconds, as numbers of seven bits a byte.
struct PackedTimes {
    private(set) var bytes: [UInt8] = []
    private var last = 0

    /// Adds a node that started `started` seconds after the run.
    mutating func add(started: Double, seconds: Double) {
        let start = Self.microseconds(started)
        append(max(0, start - last))
        append(Self.microseconds(seconds))
        last = max(last, start)
    }

    private static func microseconds(_ seconds: Double) -> Int {
        seconds > 0 && seconds < 1e9 ? Int((seconds * 1e6).rounded()) : 0
    }

    private mutating func append(_ number: Int) {
        var rest = UInt(number)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Reads the times of `count` nodes, in seconds; those that are missing are 0.
    static func read(_ bytes: [UInt8], count: Int) -> [(started: Double, seconds: Double)] {
        var position = 0
        func next() -> Int {
            var number = 0
            var shift = 0
            while position < bytes.count, shift < 56 {
                let byte = bytes[position]
                position += 1
                number |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            return number
        }
        var start = 0
        return (0..<count).map { _ in
            start &+= next()
            return (Double(start) * 1e-6, Double(next()) * 1e-6)
        }
    }
}
