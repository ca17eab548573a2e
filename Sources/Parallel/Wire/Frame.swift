// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping

// The messages between a process and its child. Both are the same program on the same machine, so
// that numbers are as in memory.

/// The beginning of each message.
struct FrameHeader: BitwiseCopyable {
    enum Kind: UInt32 {
        // To the child.
        /// ``WorkerOptions``; then the setup steps, each a frame.
        case hello = 1
        /// The initializer of ``WorkerOptions`` again, with the memory that it refers to.
        case initializer
        /// The head of a setup step; then another with its payload.
        case setup
        /// The end of the messages that precede the first task.
        case begin
        /// ``CallOptions`` and the head of the call that the following tasks belong to.
        case call
        /// A ``TaskEntry`` for each, then their arguments.
        case tasks

        // From the child.
        case ready
        /// A ``TaskFailure``: the child cannot start.
        case refusal
        /// A ``ResultEntry`` for each task, with the bytes that belong to it.
        case results
        /// Output of the running task.
        case output
    }

    var kind: UInt32
    /// The number of descriptors that come with it: for the payload, for its shared strings.
    var descriptors: UInt32 = 0
    /// The number of bytes that follow.
    var length: UInt64 = 0
    var call: Int64 = 0
    /// The number of the first task.
    var first: Int64 = 0
    var count: UInt32 = 0
    var form: UInt32 = 0
    /// The number of bytes of the payload, if it is in memory of its own.
    var memory: UInt64 = 0
    /// Strings that go with the payload: their lengths begin the body, and they lie one after
    /// another in memory of their own.
    var sharedStrings: UInt64 = 0

    init(_ kind: Kind) { self.kind = kind.rawValue }
}

/// A task of a message.
struct TaskEntry: BitwiseCopyable {
    /// The position of its argument in the payload.
    var offset: UInt32
    var attempts: UInt32
}

extension Chunk {
    /// A ``TaskEntry`` for each of its tasks, as bytes.
    var entries: [UInt8] {
        var entries = ByteWriter()
        let begin = batch[range.lowerBound].pointee.payload
        for index in range {
            entries.add(
                TaskEntry(
                    offset: batch[index].pointee.payload - begin,
                    attempts: UInt32(batch[index].pointee.attempts)))
        }
        return entries.bytes
    }

    /// The range of their arguments in the batch's payload.
    var payloadRange: Range<Int> {
        let end =
            range.upperBound < batch.count
            ? Int(batch[range.upperBound].pointee.payload) : batch.payload.count
        return Int(batch[range.lowerBound].pointee.payload)..<end
    }
}

/// The bytes of a message, while it is written.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    mutating func add(raw more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func add(_ list: [String]) {
        add(UInt64(list.count))
        for text in list { add(text) }
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}

/// Reads the bytes of a ``ByteWriter``. Lengths are checked: a damaged child may send anything.
struct ByteReader {
    struct Damaged: Error {}

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var left: Int { bytes.count - position }

    mutating func read<T: BitwiseCopyable>(_ type: T.Type = T.self) throws -> T {
        let size = MemoryLayout<T>.size
        guard left >= size else { throw Damaged() }
        defer { position += size }
        return bytes.loadUnaligned(fromByteOffset: position, as: T.self)
    }

    mutating func readBytes(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, left >= count else { throw Damaged() }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
    }

    mutating func readCount() throws -> Int {
        guard let count = Int(exactly: try read(UInt64.self)), count <= left else {
            throw Damaged()
        }
        return count
    }

    mutating func readText() throws -> String {
        String(decoding: try readBytes(try readCount()), as: UTF8.self)
    }

    mutating func readList() throws -> [String] {
        var list: [String] = []
        for _ in 0..<(try readCount()) { list.append(try readText()) }
        return list
    }
}
