// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// The entries of this and earlier sessions, newest last.
///
/// The file has one entry per line, with line ends written as `\n` and backslashes doubled. Several
/// sessions can append to it at the same time.
final class History {
    private(set) var entries: [String] = []
    private let path: String?

    private static let maxCount = 10_000

    init(path: String? = History.standardPath) {
        self.path = path
        guard let path, let text = File.text(path) else { return }
        let lines = text.unicodeScalars.split(separator: "\n")
        for line in lines.suffix(Self.maxCount) { keep(Self.unescaped(Substring(line))) }
        if lines.count > 2 * Self.maxCount { rewrite() }
    }

    /// The path of the history: `$XDG_STATE_HOME/vtlua/history`, by default in `~/.local/state`.
    /// `VTLUA_HISTORY` sets another file, or none with `off`.
    static var standardPath: String? {
        if let named = getenv("VTLUA_HISTORY"), named.pointee != 0 {
            let path = String(cString: named)
            return path == "off" ? nil : path
        }
        if let state = getenv("XDG_STATE_HOME"), state.pointee == UInt8(ascii: "/") {
            return String(cString: state) + "/vtlua/history"
        }
        guard let home = getenv("HOME"), home.pointee != 0 else { return nil }
        return String(cString: home) + "/.local/state/vtlua/history"
    }

    func append(_ entry: String) {
        guard !entry.isEmpty, entry != entries.last else { return }
        keep(entry)
        guard let path else { return }
        // Where it cannot be kept, the session has it.
        try? Directory.make(path.directoryPart, mode: 0o700)
        try? File.append(Self.escaped(Secrets.masked(entry)) + "\n", to: path, mode: 0o600)
    }

    private func keep(_ entry: String) {
        if entry != entries.last { entries.append(entry) }
    }

    private func rewrite() {
        guard let path else { return }
        let text = entries.map { Self.escaped($0) + "\n" }.joined()
        try? File.replace(path, by: text, mode: 0o600)
    }

    private static func escaped(_ entry: String) -> String {
        // By code points, because a combining mark can follow a line end.
        entry.unicodeScalars.reduce(into: "") {
            $0 += $1 == "\n" ? "\\n" : $1 == "\\" ? "\\\\" : String($1)
        }
    }

    private static func unescaped(_ line: Substring) -> String {
        guard line.contains("\\") else { return String(line) }
        var text = String.UnicodeScalarView()
        var isEscaped = false
        for letter in line.unicodeScalars {
            if isEscaped {
                text.append(letter == "n" ? "\n" : letter)
                isEscaped = false
            } else if letter == "\\" {
                isEscaped = true
            } else {
                text.append(letter)
            }
        }
        return String(text)
    }

    // MARK: Finding

    /// The newest entry older than `index` that begins with `prefix` and is not `present`.
    func older(than index: Int, prefix: String, present: String) -> Int? {
        entries[..<index].indices.reversed().first {
            entries[$0].hasPrefix(prefix) && entries[$0] != present
        }
    }

    func newer(than index: Int, prefix: String, present: String) -> Int? {
        guard index < entries.count else { return nil }
        return entries[(index + 1)...].indices.first {
            entries[$0].hasPrefix(prefix) && entries[$0] != present
        }
    }

    /// The newest entry at or before `index` that contains `text` and is not `present`.
    func last(containing text: String, upTo index: Int, present: String? = nil) -> Int? {
        guard !text.isEmpty else { return nil }
        return entries[..<min(index + 1, entries.count)].indices.reversed().first {
            entries[$0] != present && entries[$0].containsBytes(of: text)
        }
    }
}

extension String {
    /// Returns true if it contains `text`, compared by bytes.
    fileprivate func containsBytes(of text: String) -> Bool { strstr(self, text) != nil }
}
