// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// A cache of the results of this process.
///
/// A key is a list of numbers. Each number stands for a part that the cache has seen: a module's
/// code, a constant or another key. Equal parts have equal numbers, so that a key is exact and
/// short, however long the chain of modules before it is. The cache removes what two successive
/// runs have not used.
final class ResultCache {
    struct Entry {
        var outputs: LuaReference
        var printed: String
        var annotations: [(key: String, value: LuaValue)]
        /// The observations that must hold for the result to be used again.
        var observations: [Observation] = []
        /// The files and directories that the module has made.
        var products: [Product] = []
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
    /// The last number. A number is used once, so that a removed part cannot be mistaken for a new
    /// one.
    private var last = 0

    /// The number of results, and the number of parts of their keys.
    var count: (entries: Int, parts: Int) { (entries.count, parts.count + keys.count) }

    /// Starts a run: removes what the last two runs have not used.
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

    /// Returns the number of a part of keys.
    func number(ofPart bytes: [UInt8]) -> Int { number(of: bytes, in: &parts) }

    /// Returns the number of a key that is made of numbered parts.
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

    /// Returns the result under a key.
    func find(_ key: Int) -> Entry? {
        guard let place = entries.index(forKey: key) else { return nil }
        entries.values[place].generation = generation
        return entries.values[place]
    }

    /// Keeps a result under a key.
    func store(_ entry: Entry, under key: Int) {
        var entry = entry
        entry.generation = generation
        entries[key] = entry
    }

    func remove(_ key: Int) { entries[key] = nil }
}
