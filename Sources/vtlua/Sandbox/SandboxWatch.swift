// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// Ends a sandboxed run that takes too long, writes too much, or does not end when the user asks twice.
struct SandboxWatch {
    /// A limit that a run has exceeded.
    struct Excess {
        var message: String
        var code: Int32
    }

    /// The limit that the run has exceeded; nil: none.
    private(set) var exceeded: Excess?
    private let timeLimit: Double?
    private let diskLimit: Int
    private let directories: [String]
    /// The start of the run, in seconds since 1970. The clock of a file system may be a little behind.
    private let start = Clock.wall - 0.05
    private var nextLook = Clock.now + Clock.second

    /// The time between the request to end and the kill, in nanoseconds.
    private static let grace = 2 * Clock.second

    init(_ options: SandboxOptions, _ directories: [String]) {
        timeLimit = options.timeLimit
        diskLimit = options.disk(at: directories.first ?? ".")
        self.directories = directories
    }

    /// Waits for the end of the child.
    mutating func wait(for child: SpawnedProcess, _ signals: ForwardedSignals) -> ProcessEnd {
        let deadline = Clock.deadline(in: timeLimit)
        var killTime = Int64.max
        var urgentSignal: Int32?
        while true {
            if let end = child.reapIfEnded() { return end }
            usleep(2000)
            let now = Clock.now
            if now >= deadline, exceeded == nil, let timeLimit {
                exceeded = Excess(
                    message: "the run has taken longer than \(Format.plainSeconds(timeLimit)) s; "
                        + "--time-limit S allows more", code: 6)
                child.signal(SIGTERM)
                killTime = min(killTime, now + Self.grace)
            }
            if let number = signals.urgent, exceeded == nil, urgentSignal == nil {
                urgentSignal = number
                killTime = min(killTime, now + Self.grace)
            }
            if now >= nextLook, exceeded == nil {
                look(at: child)
                if exceeded != nil { killTime = now }
            }
            if now >= killTime {
                if let number = urgentSignal, exceeded == nil {
                    exceeded = Excess(
                        message:
                            "the run did not end within 2 s of the second signal, and was killed",
                        code: 128 + number)
                }
                child.kill()
                return child.reap()
            }
        }
    }

    /// Adds up the files that the run has written, also those that it has removed and has open. The more there are, the rarer it does so.
    private mutating func look(at child: SpawnedProcess) {
        let begin = Clock.now
        var size = directories.reduce(0) { $0 + self.size(of: $1, left: diskLimit - $0) }
        if size <= diskLimit { size += sizeOfRemovedFiles(of: child) }
        let now = Clock.now
        nextLook = now + max(Clock.second, 20 * (now - begin))
        guard size > diskLimit else { return }
        exceeded = Excess(
            message:
                "the run has written more than \(Format.binarySize(diskLimit)); --disk-limit SIZE "
                + "allows more", code: 1)
    }

    /// Returns the space of the files in a directory that the run has changed. Links are not followed.
    private func size(of directory: String, left: Int) -> Int {
        var sum = 0
        for entry in Directory.entries(of: directory) {
            let path = "\(directory)/\(entry.name)"
            if entry.isDirectory {
                sum += size(of: path, left: left - sum)
            } else {
                var about = stat()
                guard lstat(path, &about) == 0,
                    Double(about.st_ctim.tv_sec) + Double(about.st_ctim.tv_nsec) * 1e-9 >= start
                else { continue }
                sum += Int(about.st_blocks) * 512
            }
            if sum > left { break }
        }
        return sum
    }

    /// Returns the space of the files that the run has open and has removed.
    private func sizeOfRemovedFiles(of child: SpawnedProcess) -> Int {
        let devices = Set(directories.compactMap(Self.device))
        var files: [[UInt64]: Int] = [:]
        for pid in [child.pid] + ProcessTree.descendants(of: child.pid) {
            for file in ProcessTree.removedFiles(of: pid) where devices.contains(file.device) {
                files[[file.device, file.file]] = file.space
            }
        }
        return files.values.reduce(0, +)
    }

    private static func device(of path: String) -> UInt64? {
        var about = stat()
        return stat(path, &about) == 0 ? UInt64(about.st_dev) : nil
    }

    /// The largest memory that an ended child of this process had, in bytes.
    static var peakOfChildren: Int {
        var usage = rusage()
        return getrusage(RUSAGE_CHILDREN.rawValue, &usage) == 0
            ? usage.ru_maxrss << 10 : 0
    }
}
