// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The cells that were run in notebooks. They are kept in memory, and in a file that all kernels of
/// the user append to.
///
/// The file has one line of JSON for each cell. If it cannot be read or written, the history ends
/// with the process.
package struct KernelHistory {
    /// A cell that was run.
    package struct Entry: Equatable {
        /// The number of the session.
        package var session: Int
        /// The number of the cell in its session.
        package var line: Int
        /// The code of the cell.
        package var input: String
        /// The text of its result; nil if there was none.
        package var output: String?
    }

    /// The path of the file; nil to keep the history in memory only.
    private let path: String?
    private var entries: [Entry] = []
    private var file: Int32 = -1
    private var isOpen = false
    /// The number of this session, from 1.
    package private(set) var session = 1

    /// Makes a history that is read from the file at its first use.
    package init(path: String?) { self.path = path }

    /// The default path: `$XDG_STATE_HOME/vtlua/kernel-history.jsonl`, or the same below
    /// `~/.local/state`.
    package static var standardPath: String? {
        let home = environmentVariable("HOME").map { $0 + "/.local/state" }
        return (environmentVariable("XDG_STATE_HOME") ?? home).map {
            $0 + "/vtlua/kernel-history.jsonl"
        }
    }

    /// The largest size of the file in bytes. The older half of a larger file is removed.
    private static let largestFile = 4 << 20

    /// Adds a cell to the history and to the file.
    package mutating func append(line: Int, input: String, output: String?) {
        open()
        let entry = Entry(session: session, line: line, input: input, output: output)
        entries.append(entry)
        guard file >= 0 else { return }
        let text: JSON = [
            "session": .integer(session), "line": .integer(line), "input": .string(input),
        ]
        // Waits while another kernel shortens the file.
        flock(file, LOCK_EX)
        defer { flock(file, LOCK_UN) }
        write([text])
    }

    // MARK: Requests

    /// Returns the last `count` entries, the oldest first.
    package mutating func tail(_ count: Int) -> [Entry] {
        open()
        return entries.suffix(max(0, count))
    }

    /// Returns the lines from `start` to before `stop` of a session. Session 0 is this one, and -1
    /// the one before it.
    package mutating func range(session number: Int, _ start: Int, _ stop: Int?) -> [Entry] {
        open()
        let number = number <= 0 ? session + number : number
        return entries.filter {
            $0.session == number && $0.line >= start && $0.line < stop ?? .max
        }
    }

    /// Returns the entries that match a pattern with `*` and `?`, the oldest first.
    package mutating func search(_ pattern: String, last count: Int?, unique: Bool) -> [Entry] {
        open()
        let glob = Array(pattern.utf8)
        var found = entries.filter { Self.matches(glob, Array($0.input.utf8)) }
        if unique {
            var seen: Set<String> = []
            found = found.reversed().filter { seen.insert($0.input).inserted }.reversed()
        }
        return count.map { found.suffix(max(0, $0)) } ?? found
    }

    /// Matches a pattern in time proportional to at most the product of both lengths.
    static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    // MARK: The file

    /// Reads the file and starts a session in it, on the first call.
    private mutating func open() {
        if isOpen { return }
        isOpen = true
        guard let path, (try? Directory.make(path.directoryPart, mode: 0o700)) != nil else {
            return
        }
        file = VTSystem.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        // The lock gives two kernels that start at the same time two session numbers.
        flock(file, LOCK_EX)
        defer { flock(file, LOCK_UN) }
        let lines = read().split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSON(parsing: Array($0))
        }
        // Larger session numbers are not reachable and mean that the line is damaged.
        let sessions = lines.compactMap { $0["session"].int }.filter { $0 > 0 && $0 < 1 << 40 }
        session = 1 + (sessions.max() ?? 0)
        entries = lines.compactMap { line in
            guard let session = line["session"].int, let number = line["line"].int,
                let input = line["input"].string
            else { return nil }
            return Entry(session: session, line: number, input: input)
        }
        write([["session": .integer(session)]])
    }

    /// Returns the content of the file, which is shortened when it is too long.
    private func read() -> [UInt8] {
        let length = Int(lseek(file, 0, SEEK_END))
        let start = length > Self.largestFile ? length - Self.largestFile / 2 : 0
        guard length > start else { return [] }
        var bytes = [UInt8](repeating: 0, count: length - start)
        let count = pread(file, &bytes, bytes.count, off_t(start))
        bytes.removeLast(bytes.count - max(0, count))
        guard start > 0 else { return bytes }
        bytes = Array(bytes.drop { $0 != UInt8(ascii: "\n") }.dropFirst())
        ftruncate(file, 0)
        _ = VTSystem.write(file, bytes, bytes.count)
        return bytes
    }

    /// Appends each line in one write, after those of other kernels.
    private func write(_ lines: [JSON]) {
        for line in lines {
            let bytes = line.masked.bytes + [UInt8(ascii: "\n")]
            _ = VTSystem.write(file, bytes, bytes.count)
        }
    }
}
