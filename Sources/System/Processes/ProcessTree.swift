// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The processes that others have started.
package enum ProcessTree {
    /// Makes this process the parent of all processes below it whose own parent ends.
    package static func adoptOrphans() { vty_adopt_orphans() }

    /// True if this process has a child, running or ended.
    package static var hasChildren: Bool {
        var about = siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT
        return waitid(P_ALL, 0, &about, options) == 0 || errno != ECHILD
    }

    /// Returns the processes that a process has started, and those that these have started.
    package static func descendants(of root: Int32) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for entry in Directory.entries(of: "/proc") {
            guard let pid = Int32(entry.name), let stat = File.text("/proc/\(entry.name)/stat"),
                let end = stat.lastIndex(of: ")")
            else { continue }
            // After the name in parentheses: the state, the parent.
            let fields = stat[end...].split(separator: " ")
            if fields.count > 2, let parent = Int32(fields[2]) {
                children[parent, default: []].append(pid)
            }
        }
        var found: [Int32] = []
        var next = children[root] ?? []
        while let pid = next.popLast() {
            found.append(pid)
            next += children[pid] ?? []
        }
        return found
    }

    /// Kills the processes below this one, and waits until there are none, for at most five seconds.
    ///
    /// - Parameter spared: children that are left alone, with those below them.
    /// - Returns: false if some are left.
    package static func endDescendants(besides spared: Set<Int32>) -> Bool {
        let own = getpid()
        let deadline = Clock.now + 5 * Clock.second
        while hasChildren, Clock.now < deadline {
            let kept = spared.union(spared.flatMap { descendants(of: $0) })
            let others = descendants(of: own).filter { !kept.contains($0) }
            if others.isEmpty { return true }
            for pid in others { kill(pid, SIGKILL) }
            for pid in others { waitpid(pid, nil, WNOHANG) }
            usleep(1000)
        }
        return !hasChildren || descendants(of: own).allSatisfy(spared.contains)
    }

    /// Returns the device, the number and the space, in bytes, of each file that a process has open and that
    /// has no name any more.
    package static func removedFiles(of pid: Int32) -> [(device: UInt64, file: UInt64, space: Int)]
    {
        let folder = "/proc/\(pid)/fd"
        return Directory.entries(of: folder).compactMap { entry in
            let path = "\(folder)/\(entry.name)"
            var about = stat()
            guard File.target(ofLink: path)?.hasSuffix(" (deleted)") ?? false,
                stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFREG, about.st_nlink == 0
            else { return nil }
            return (UInt64(about.st_dev), UInt64(about.st_ino), Int(about.st_blocks) * 512)
        }
    }
}
