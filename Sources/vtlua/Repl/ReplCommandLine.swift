// SPDX-License-Identifier: BSD-3-Clause

import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// An entry that is a command of the prompt: a colon and a word.
struct ReplCommandLine {
    enum Word: String, CaseIterable {
        case load, reload, time, mem, workers, trace, help, quit, `continue`, stop
    }

    /// The command; nil if it is unknown.
    var word: Word?
    var name: String
    var argument: String

    /// Parses an entry; nil if it is code, such as `::label::`.
    init?(_ text: String) {
        let trimmed = text.trimmed
        guard trimmed.hasPrefix(":"), !trimmed.hasPrefix("::") else { return nil }
        let name = trimmed.dropFirst().prefix { !$0.isWhitespace }
        self.name = String(name)
        word = Word(rawValue: self.name) ?? (name == "q" ? .quit : name == "h" ? .help : nil)
        argument = String(trimmed.dropFirst(name.count + 1)).trimmed
    }

    /// Completes a command or its file name; nil if the text is code.
    static func completion(of text: String) -> Completion? {
        guard text.hasPrefix(":"), !text.hasPrefix("::") else { return nil }
        let end = text.utf8.count
        guard let space = text.firstIndex(of: " ") else {
            let typed = String(text.dropFirst())
            let words = Word.allCases.map(\.rawValue).filter { $0.hasPrefix(typed) }.sorted()
            return Completion(
                range: 1..<end, matches: words.map { .init(text: $0, kind: .keyword) })
        }
        guard text[..<space] == ":load" else { return nil }
        let path = text[text.index(after: space)...].drop { $0 == " " }
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let directory = String(path[..<cut])
        let prefix = path[cut...]
        let names = Directory.entries(of: directory.isEmpty ? "." : directory)
            .filter { $0.name.hasPrefix(prefix) && !$0.name.hasPrefix(".") }
            .filter { $0.isDirectory || $0.name.hasSuffix(".lua") }
            .map { $0.name + ($0.isDirectory ? "/" : "") }
        return Completion(
            range: (end - prefix.utf8.count)..<end,
            matches: names.sorted().map { .init(text: $0, kind: .file) })
    }
}
