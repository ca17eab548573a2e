// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import VTRuntime

// The modules of the tool: structures are their ports.

struct Document: Codable { var file: String }
struct Counts: Codable { var counts: [String: Int] }

/// Counts the words of a file. As a `file`, the input counts by its content: a file that has not
/// changed is not read again.
let count = SwiftModule("words.count", version: "1", inputs: ["file": .init(.file)]) {
    (input: Document, context) in
    let text = try String(contentsOfFile: input.file, encoding: .utf8)
    let words = text.lowercased().split { !$0.isLetter }.map(String.init)
    context.annotate("words", .integer(words.count))
    return Counts(counts: Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +))
}

struct Selection: Codable { var counts: [[String: Int]], n: Int }
struct Word: Codable { var word: String, count: Int }
struct Words: Codable { var words: [Word] }

/// Selects the most frequent words of all files.
let top = SwiftModule(
    "words.top", version: "1", inputs: ["n": .init(.integer, default: 10, minimum: 1)]
) { (input: Selection, _) in
    let sum = input.counts.reduce(into: [:]) { sum, counts in
        sum.merge(counts, uniquingKeysWith: +)
    }
    let words = sum.map { Word(word: $0.key, count: $0.value) }
    return Words(
        words: Array(words.sorted { ($1.count, $0.word) < ($0.count, $1.word) }.prefix(input.n)))
}
