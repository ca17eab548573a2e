// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

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
        /// What the files among the outputs were like; nil if there are none.
        var files: [UInt8]?
        var generation = 0
    }

    private struct Number {
        var value: Int
        var generation: Int
    }

    let identities = Identities()
    private var parts: [[UInt8]: Number] = [:]
    private var keys: [[Int]: Number] = [:]
    private var entries: [Int: Entry] = [:]
    private var generation = 0
    /// Numbers are never given twice, so that a forgotten part cannot be mistaken for a new one.
    private var last = 0

    /// How many results are kept, and how many parts of their keys.
    var count: (entries: Int, parts: Int) { (entries.count, parts.count + keys.count) }

    func beginRun() {
        generation += 1
        let oldest = generation - 2
        if entries.contains(where: { $0.value.generation < oldest }) {
            entries = entries.filter { $0.value.generation >= oldest }
        }
        if parts.contains(where: { $0.value.generation < oldest }) {
            parts = parts.filter { $0.value.generation >= oldest }
        }
        if keys.contains(where: { $0.value.generation < oldest }) {
            keys = keys.filter { $0.value.generation >= oldest }
        }
    }

    func number(ofPart bytes: [UInt8]) -> Int { number(of: bytes, in: &parts) }

    func number(ofKey parts: [Int]) -> Int { number(of: parts, in: &keys) }

    private func number<Content: Hashable>(of part: Content, in table: inout [Content: Number])
        -> Int
    {
        if let place = table.index(forKey: part) {
            table.values[place].generation = generation
            return table.values[place].value
        }
        last += 1
        table[part] = Number(value: last, generation: generation)
        return last
    }

    func find(_ key: Int) -> Entry? {
        guard let place = entries.index(forKey: key) else { return nil }
        entries.values[place].generation = generation
        return entries.values[place]
    }

    func store(_ entry: Entry, under key: Int) {
        var entry = entry
        entry.generation = generation
        entries[key] = entry
    }

    func remove(_ key: Int) { entries[key] = nil }
}
