// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import Synchronization

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
            guard let mark = ProcessMark(startOf: entry.name.dropFirst(scratchPrefix.count)),
                mark.hasEnded, isOwn(path)
            else { continue }
            Directory.removeTree(path)
        }
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

    private static let drafts = Atomic<Int>(0)

    /// Returns the end of a new name for an unfinished file beside `path`. The first time for a
    /// directory, removes the unfinished files that ended processes have left there.
    package static func draftEnding(beside path: String) -> String {
        let directory = path.directoryPart
        let place = directory.isEmpty ? "." : directory
        if searched.withLock({ $0.insert(place).inserted }) { removeDrafts(in: place) }
        let number = String(drafts.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16)
        return "\(draftInfix)\(ProcessMark.own.text)-\(number)\(draftSuffix)"
    }

    private static func removeDrafts(in directory: String) {
        for entry in Directory.entries(of: directory)
        where !entry.isDirectory && entry.name.hasSuffix(draftSuffix) {
            guard let cut = entry.name.ranges(of: draftInfix).last,
                let mark = ProcessMark(startOf: entry.name[cut.upperBound...]),
                mark.hasEnded
            else { continue }
            let path = "\(directory)/\(entry.name)"
            if isOwn(path) { unlink(path) }
        }
    }

    private static func isOwn(_ path: String) -> Bool {
        var about = stat()
        return lstat(path, &about) == 0 && about.st_uid == geteuid()
    }
}
