// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import VTSystem

/// The last calls of an engine, in memory that its supervisor and its watcher share: when the
/// supervisor is killed, the watcher knows the call that was running.
///
/// The supervisor writes; the watcher reads when the supervisor has ended.
final class CallTable {
    /// The call of a client.
    struct Origin: Equatable {
        var client: String
        /// The client's number of the call.
        var job: Int
    }

    private struct Entry: BitwiseCopyable {
        /// The engine's number of the call; 0: none.
        var call: Int64 = 0
        var job: Int64 = 0
        var length: Int64 = 0
        var client: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    }

    private static let count = 64
    private static let longest = 40
    private static var size: Int { count * MemoryLayout<Entry>.stride }

    let descriptor: Int32
    private let entries: UnsafeMutablePointer<Entry>

    /// Makes the memory.
    ///
    /// - Throws: ``SystemError``.
    convenience init() throws {
        let descriptor = vty_memory_make(Self.size)
        guard descriptor >= 0 else { throw SystemError("cannot make shared memory") }
        try self.init(descriptor)
    }

    /// Maps the memory of a descriptor, which the table takes over.
    ///
    /// - Throws: ``SystemError``.
    init(_ descriptor: Int32) throws {
        guard let base = vty_memory_map(descriptor, Self.size, true) else {
            close(descriptor)
            throw SystemError("cannot map shared memory")
        }
        self.descriptor = descriptor
        entries = base.bindMemory(to: Entry.self, capacity: Self.count)
    }

    deinit {
        vty_memory_unmap(entries, Self.size)
        close(descriptor)
    }

    /// Notes a call, in place of an older one.
    func note(call: Int, _ origin: Origin) {
        let entry = entries + call % Self.count
        if entry.pointee.call == Int64(call) { return }
        var new = Entry()
        new.call = Int64(call)
        new.job = Int64(origin.job)
        let name = origin.client.utf8.prefix(Self.longest)
        new.length = Int64(name.count)
        withUnsafeMutableBytes(of: &new.client) { $0.copyBytes(from: name) }
        entry.pointee = new
    }

    /// The client's call with a number of the engine's.
    func origin(ofCall call: Int64) -> Origin? {
        guard call > 0 else { return nil }
        let entry = entries[Int(call) % Self.count]
        return entry.call == call ? origin(entry) : nil
    }

    /// The clients of all calls that are noted.
    var clients: Set<String> {
        Set((0..<Self.count).filter { entries[$0].call > 0 }.map { origin(entries[$0]).client })
    }

    private func origin(_ entry: Entry) -> Origin {
        let name = withUnsafeBytes(of: entry.client) {
            String(decoding: $0.prefix(Int(clamping: entry.length)), as: UTF8.self)
        }
        return Origin(client: name, job: Int(entry.job))
    }
}
