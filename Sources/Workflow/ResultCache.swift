// SPDX-License-Identifier: BSD-3-Clause

internal import LuaBridge

/// Results of this process, found again by what they were computed from.
///
/// A key is a list of numbers, each standing for a part that was seen before: a module's code, a
/// constant, another key. Equal parts have equal numbers, so that a key is exact and short,
/// however long the chain of modules before it. What two runs have not asked for is forgotten.
final class ResultCache {
    struct Entry {
        var outputs: LuaReference
        var printed: String
        var annotations: [(key: String, value: LuaValue)]
        var generation: Int
    }

    private var parts: [[UInt8]: Int] = [:]
    private var keys: [[Int]: Int] = [:]
    private var entries: [Int: Entry] = [:]
    private var generation = 0
    /// Numbers are never given twice, so that a forgotten part cannot be mistaken for a new one.
    private var last = 0

    func beginRun() {
        generation += 1
        entries = entries.filter { $0.value.generation >= generation - 2 }
        if entries.isEmpty {
            parts.removeAll()
            keys.removeAll()
        }
    }

    func number(ofPart bytes: [UInt8]) -> Int { number(of: bytes, in: &parts) }

    func number(ofKey parts: [Int]) -> Int { number(of: parts, in: &keys) }

    private func number<Part: Hashable>(of part: Part, in table: inout [Part: Int]) -> Int {
        if let number = table[part] { return number }
        last += 1
        table[part] = last
        return last
    }

    func find(_ key: Int) -> Entry? {
        guard let found = entries[key] else { return nil }
        entries[key]?.generation = generation
        return found
    }

    func store(_ entry: Entry, under key: Int) {
        var entry = entry
        entry.generation = generation
        entries[key] = entry
    }

    func remove(_ key: Int) { entries[key] = nil }
}
