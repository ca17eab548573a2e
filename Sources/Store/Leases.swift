// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTSystem
public import VTWorkflow

/// The leases of a store: locks of single bytes of files, at places that follow from the keys. The
/// kernel drops them when the process ends, however it ends.
///
/// There are several files, because a lock takes time proportional to the locks of its file. The first
/// one is also a small table, for some of the keys whose last lease was abandoned with the time, and
/// after it the number of writes.
final class Leases {
    private let directory: String
    /// The descriptors of the files: nil before the first use, -1 where a file cannot be opened. All
    /// leases are granted then.
    private var opened = [Int32?](repeating: nil, count: 8)
    /// The leases of this store, each with the number of times that it was taken.
    private var held: [Int64: Int] = [:]

    /// - Parameter sharesMemory: true where processes see each other's changes of mapped files.
    init(directory: String, sharesMemory: Bool) {
        self.directory = directory + "/leases"
        self.sharesMemory = sharesMemory
    }

    deinit {
        if let writes { vtd_number_unmap(writes) }
        for case .some(let file) in opened where file >= 0 { close(file) }
    }

    /// Returns the descriptor of a file; nil where it cannot be opened.
    private func file(_ number: Int) -> Int32? {
        if let file = opened[number] { return file < 0 ? nil : file }
        let path = "\(directory)/\(number)"
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
        var file = open(path, flags, 0o666)
        if file < 0, errno == ENOENT, mkdir(directory, 0o777) == 0 || errno == EEXIST {
            file = open(path, flags, 0o666)
        }
        opened[number] = file
        return file < 0 ? nil : file
    }

    private func file(of key: Digest) -> Int32? {
        file(Int(key.bytes[8]) % opened.count)
    }

    /// The file with the table.
    private var table: Int32? { file(0) }

    /// The numbers of rows in the table, and of bytes in each.
    private static let (rows, width): (UInt64, Int) = (4096, 16)
    /// The size of the table, in bytes.
    private static let size = Int64(rows) * Int64(width)

    private let sharesMemory: Bool
    /// The number of times that stores have written; nil where it cannot be shared.
    private lazy var writes: OpaquePointer? =
        sharesMemory
        ? table.flatMap { vtd_number_map($0, Self.size) } : nil
    /// The number that this store has seen last; nil: none yet.
    private var seen: UInt64?
    private var hasNews = false

    func take(_ key: Digest) -> Bool {
        guard let file = file(of: key) else { return true }
        let place = Self.place(of: key)
        if let count = held[place] {
            held[place] = count + 1
            return true
        }
        switch vtd_lock_byte(file, place) {
        case VTD_LOCKED: held[place] = 1
        case VTD_LOCKED_ELSEWHERE: return false
        default: break
        }
        return true
    }

    func release(_ key: Digest) {
        let place = Self.place(of: key)
        guard let count = held[place], let file = file(of: key) else { return }
        held[place] = count > 1 ? count - 1 : nil
        if count == 1 { vtd_unlock_byte(file, place) }
    }

    /// Notes that a lease ends without a result. Damage by other processes that write at the same
    /// time is harmless: a run waits once more, or computes by itself.
    func noteAbandoned(_ key: Digest) {
        guard let file = table, held[Self.place(of: key)] == 1 else { return }
        let row = [Self.number(of: key), Clock.wall.bitPattern]
        _ = row.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, Self.row(of: key)) }
    }

    func wasAbandoned(_ key: Digest, since time: Double) -> Bool {
        guard let file = table else { return false }
        var row: [UInt64] = [0, 0]
        let count = row.withUnsafeMutableBytes {
            pread(file, $0.baseAddress, $0.count, Self.row(of: key))
        }
        return count == Self.width && row[0] == Self.number(of: key)
            && Double(bitPattern: row[1]) >= time
    }

    /// Shows other stores that results were written.
    func noteWritten() {
        guard let writes else { return }
        let before = vtd_number_add(writes)
        if before != seen { hasNews = true }
        seen = before + 1
    }

    /// Returns true if other stores may have written results since the last call.
    func takeNews() -> Bool {
        guard let writes else { return table != nil }
        let now = vtd_number_get(writes)
        defer { (seen, hasNews) = (now, false) }
        return hasNews || now != seen
    }

    private static func number(of key: Digest) -> UInt64 {
        key.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The place of the byte that is locked. All are beyond the table.
    private static func place(of key: Digest) -> Int64 {
        Int64(number(of: key) >> 2) + size + 8
    }

    private static func row(of key: Digest) -> Int { Int(number(of: key) % rows) * width }
}

extension Store {
    /// Takes the lease of a key. It is granted where the file system has no locks.
    public func lease(_ key: Digest) throws -> Bool {
        // A store that waits for others has no lease of a result that it has.
        if !unreleased.isEmpty, !mayWait { try pause() }
        if leases.take(key) { return true }
        if !unreleased.isEmpty { try pause() }
        return false
    }

    /// Writes the results that were kept, and releases the lease of a key.
    public func release(_ key: Digest) throws {
        if setting.groupsWrites, !unwritten.isEmpty {
            unreleased.append(key)
            return
        }
        defer { leases.release(key) }
        try writeResults()
        noteWritten()
    }

    /// Releases the leases of the results that were written.
    func releaseWritten() throws {
        if unreleased.isEmpty { return }
        let keys = unreleased
        unreleased = []
        defer { for key in keys { leases.release(key) } }
        try writeResults()
        noteWritten()
    }

    private func noteWritten() {
        guard database.commits != notedCommits else { return }
        leases.noteWritten()
        notedCommits = database.commits
    }

    /// Releases the lease of a key that has no result.
    public func abandon(_ key: Digest) throws {
        leases.noteAbandoned(key)
        try release(key)
    }

    /// Returns true if a run has abandoned the lease of a key at a time or later.
    public func wasAbandoned(_ key: Digest, since time: Double) throws -> Bool {
        leases.wasAbandoned(key, since: time)
    }

    /// Returns true if other stores may have kept results since the last call.
    public func hasNewResults() throws -> Bool {
        guard leases.takeNews() else { return false }
        // A read that has begun does not see them.
        try database.endReading()
        return true
    }
}
