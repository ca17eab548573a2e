// SPDX-License-Identifier: BSD-3-Clause

/// Scratch directories and unfinished files, which bear the mark of their process, so that a later
/// process removes those of processes that were killed.
package enum Leftovers {
    private static let scratchPrefix = "vtlua-"
    private static let draftInfix = ".vtlua-"
    private static let draftSuffix = ".tmp"

    /// The directory of temporary files: `$TMPDIR`, or `/tmp`.
    package static var temporaryDirectory: String {
        let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        return named.isEmpty ? "/tmp" : named
    }

    /// Makes a scratch directory of this process that only this user can enter.
    ///
    /// - Throws: ``SystemError``.
    package static func makeScratch(in directory: String) throws(SystemError) -> String {
        try Directory.makeTemporary(
            "\(directory)/\(scratchPrefix)\(ProcessMark.own.text)-XXXXXX")
    }

    /// Removes the scratch directories of this user's processes that have ended.
    package static func removeScratch(in directory: String) {
        for entry in Directory.entries(of: directory)
        where entry.isDirectory && entry.name.hasPrefix(scratchPrefix) {
            let path = "\(directory)/\(entry.name)"
            guard
                let (mark, rest) = ProcessMark.read(entry.name.dropFirst(scratchPrefix.count)),
                rest.utf8.count == 6,
                rest.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }),
                isLeftover(path, of: mark)
            else { continue }
            Directory.removeTree(path)
        }
    }

    /// The directories in which this process has looked for scratch directories.
    private static let cleaned = Monitor<Set<String>>([])

    /// Removes the scratch directories of ended processes at the first call for a directory.
    package static func removeScratchOnce(in directory: String) {
        if cleaned.withLock({ $0.insert(directory).inserted }) { removeScratch(in: directory) }
    }

    /// The directories in which this process has looked for unfinished files.
    private static let searched = Monitor<Set<String>>([])

    /// Returns the name of a new file beside `path`, to be renamed to it when it is complete.
    static func draft(of path: String) -> String {
        let ending = draftEnding(beside: path)
        var name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let directory = path.dropLast(name.count)
        // A file system allows 255 bytes.
        while name.utf8.count + ending.utf8.count > 255, !name.isEmpty { name.removeLast() }
        return directory + name + ending
    }

    /// Returns the end of a new name for an unfinished file beside `path`: the mark of this process
    /// and a random number, so that no other process, container or machine has the name, and no link can
    /// be put there before. The first time for a directory, removes the unfinished files that
    /// ended processes have left there.
    package static func draftEnding(beside path: String) -> String {
        let directory = path.directoryPart
        let place = directory.isEmpty ? "." : directory
        if searched.withLock({ $0.insert(place).inserted }) { removeDrafts(in: place) }
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(draftInfix)\(ProcessMark.own.text)-\(number)\(draftSuffix)"
    }

    private static func removeDrafts(in directory: String) {
        for entry in Directory.entries(of: directory)
        where !entry.isDirectory && entry.name.hasSuffix(draftSuffix) {
            guard let mark = mark(ofDraft: entry.name) else { continue }
            let path = "\(directory)/\(entry.name)"
            if isLeftover(path, of: mark.process) { unlink(path) }
        }
    }

    /// Returns the name that an unfinished file would get, and the process that writes it; nil for
    /// names of other files. The name is cut where it is very long.
    package static func mark(ofDraft name: String) -> (target: String, process: ProcessMark)? {
        guard name.hasSuffix(draftSuffix), let cut = name.ranges(of: draftInfix).last,
            let (mark, rest) = ProcessMark.read(
                name[cut.upperBound...].dropLast(draftSuffix.count)),
            rest.utf8.count <= 16, UInt64(rest, radix: 16) != nil
        else { return nil }
        return (String(name[..<cut.lowerBound]), mark)
    }

    /// True for a file or directory of this user that an ended process has left. Another machine may
    /// have the same name as this one: then only old files count.
    private static func isLeftover(_ path: String, of mark: ProcessMark) -> Bool {
        var about = stat()
        guard lstat(path, &about) == 0, about.st_uid == geteuid() else { return false }
        switch mark.state {
        case .ended: return true
        case .endedUnlessElsewhere: return Clock.wall - Double(about.st_mtim.tv_sec) > oldAge
        case .unknown: return false
        }
    }

    /// The seconds after which nothing writes to an unfinished file.
    private static let oldAge = 86_400.0
}
