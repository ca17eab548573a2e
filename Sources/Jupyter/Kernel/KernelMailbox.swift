// SPDX-License-Identifier: BSD-3-Clause

internal import Synchronization

/// A request that came on one of a kernel's sockets.
package struct KernelRequest: Sendable {
    package enum Channel: Sendable { case shell, control }
    package var channel: Channel
    package var message: Message
}

/// What passes between the thread that has the sockets and the thread that has the Lua state.
///
/// What is written to streams is joined to long messages, and goes when something else follows it
/// or after a moment.
package final class KernelMailbox: Sendable {
    enum Outgoing {
        case reply(KernelRequest, String, JSON)
        /// Asks the notebook that sent the request for a line.
        case question(KernelRequest, JSON)
        case publication(String, parent: [UInt8]?, JSON)
        case stream(Stream)
    }

    struct Stream {
        var name: String
        var parent: [UInt8]?
        var bytes: [UInt8]
        /// So many of them have gone.
        var gone = 0
        var began: Int

        var left: Int { bytes.count - gone }
    }

    private struct State: Sendable {
        var incoming: [KernelRequest] = []
        var answers: [String] = []
        var outgoing: [Outgoing] = []
        /// Where the first that has not gone is.
        var sent = 0
        /// Bytes of streams that have not gone.
        var backlog = 0
        /// When the last long piece of a stream has gone.
        var lastPiece = 0
        var parent: [UInt8]?
        var isEnding = false
        var isFinished = false
    }

    private let state = Mutex(State())
    /// Rung for the thread that has the sockets.
    let outside: WakeupPipe
    /// Rung for the thread that has the Lua state.
    private let inside: WakeupPipe

    /// The time in milliseconds.
    private let clock: @Sendable () -> Int

    /// - Throws: ``SocketError``.
    package init(
        clock: @escaping @Sendable () -> Int = { monotonicMilliseconds() }
    ) throws(SocketError) {
        self.clock = clock
        outside = try WakeupPipe()
        inside = try WakeupPipe()
    }

    // MARK: Bounds

    /// A stream that has waited so long goes, in milliseconds.
    private static let patience = 40
    /// Of one message of a stream.
    private static let longestPiece = 128 << 10
    /// Between two of that length, so that what prints without end does not drown a notebook.
    private static let pause = 10
    /// Who writes waits while so much is on its way.
    private static let mostBacklog = 1 << 20
    private static let mostWaiting = 1000

    // MARK: For the thread of the Lua state

    /// The next request; nil when there is none yet, after a while.
    package func next() -> KernelRequest? {
        if let request = takeFirst() { return request }
        inside.wait(milliseconds: 1000)
        return takeFirst()
    }

    private func takeFirst() -> KernelRequest? {
        state.withLock { $0.incoming.isEmpty ? nil : $0.incoming.removeFirst() }
    }

    /// Takes away the waiting requests of a type.
    package func takeWaiting(_ type: String) -> [KernelRequest] {
        state.withLock { state in
            let taken = state.incoming.filter { $0.message.type == type }
            state.incoming.removeAll { $0.message.type == type }
            return taken
        }
    }

    /// Whether the kernel has been told to end.
    package var isEnding: Bool { state.withLock { $0.isEnding } }

    /// From now on, what is published belongs to this request.
    package func begin(_ request: KernelRequest) {
        state.withLock { $0.parent = request.message.header }
        publish("status", ["execution_state": "busy"])
    }

    package func end(_ request: KernelRequest) {
        add { _ in
            .publication(
                "status", parent: request.message.header, ["execution_state": "idle"])
        }
    }

    package func publish(_ type: String, _ content: JSON) {
        add { .publication(type, parent: $0.parent, content) }
    }

    package func reply(to request: KernelRequest, _ type: String, _ content: JSON) {
        add { _ in .reply(request, type, content) }
    }

    /// Asks the notebook for a line; what was answered before is forgotten.
    package func ask(_ request: KernelRequest, prompt: String) {
        state.withLock { $0.answers = [] }
        add { _ in
            .question(request, ["prompt": .string(prompt), "password": false])
        }
    }

    /// What a person has typed; nil when it is not there yet, after a moment.
    package func answer() -> String? {
        if let answer = takeAnswer() { return answer }
        inside.wait(milliseconds: 50)
        return takeAnswer()
    }

    private func takeAnswer() -> String? {
        state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
    }

    /// Adds to what a stream says.
    package func write(_ bytes: UnsafeRawBufferPointer, to name: String) {
        guard !bytes.isEmpty else { return }
        let wakes = state.withLock { state in
            state.backlog += bytes.count
            if state.sent < state.outgoing.count,
                case .stream(var stream) = state.outgoing[state.outgoing.count - 1],
                stream.name == name, stream.parent == state.parent
            {
                // Taken out meanwhile, so that its bytes are not copied.
                state.outgoing[state.outgoing.count - 1] = .publication("", parent: nil, .null)
                stream.bytes.append(contentsOf: bytes)
                state.outgoing[state.outgoing.count - 1] = .stream(stream)
                return stream.left - bytes.count < Self.longestPiece
                    && stream.left >= Self.longestPiece
            }
            state.outgoing.append(
                .stream(
                    Stream(
                        name: name, parent: state.parent, bytes: Array(bytes),
                        began: clock())))
            return true
        }
        if wakes { outside.signal() }
    }

    /// Whether so much is on its way that who writes should wait.
    package var isFull: Bool {
        state.withLock {
            $0.backlog > Self.mostBacklog || $0.outgoing.count - $0.sent > Self.mostWaiting
        }
    }

    /// All is said.
    package func finish() {
        state.withLock { $0.isFinished = true }
        outside.signal()
    }

    private func add(_ make: (borrowing State) -> Outgoing) {
        state.withLock { $0.outgoing.append(make($0)) }
        outside.signal()
    }

    // MARK: For the thread of the sockets

    func take(_ request: KernelRequest) {
        state.withLock { $0.incoming.append(request) }
        inside.signal()
    }

    func take(answer: String) {
        state.withLock { $0.answers.append(answer) }
        inside.signal()
    }

    func tellEnding() {
        state.withLock { $0.isEnding = true }
        inside.signal()
    }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// The next thing that is to go now.
    ///
    /// - Parameter all: whether streams go without delay.
    func nextOutgoing(all: Bool = false) -> Outgoing? {
        state.withLock { state in
            guard state.sent < state.outgoing.count else {
                state.outgoing.removeAll(keepingCapacity: true)
                state.sent = 0
                return nil
            }
            if state.sent > Self.mostWaiting {
                state.outgoing.removeFirst(state.sent)
                state.sent = 0
            }
            let first = state.sent
            guard case .stream(var stream) = state.outgoing[first] else {
                state.sent += 1
                return state.outgoing[first]
            }
            let now = clock()
            let isLast = first == state.outgoing.count - 1
            let isLong = stream.left >= Self.longestPiece
            if !all {
                if isLast, !isLong, now - stream.began < Self.patience { return nil }
                if isLong, now - state.lastPiece < Self.pause { return nil }
            }
            var piece = stream
            let count = Self.lengthOfPiece(stream.bytes[stream.gone...], goesOn: isLast && !all)
            if count < stream.bytes.count {
                piece.bytes = Array(stream.bytes[stream.gone...].prefix(count))
            }
            piece.gone = 0
            if count == stream.left {
                state.sent += 1
            } else {
                stream.gone += count
                // Not for each piece: of a long text that would take the square of its length.
                if stream.gone > stream.bytes.count / 2 {
                    stream.bytes.removeFirst(stream.gone)
                    stream.gone = 0
                }
                stream.began = now
                state.outgoing[first] = .stream(stream)
            }
            if isLong { state.lastPiece = now }
            state.backlog -= count
            return count == 0 ? nil : .stream(piece)
        }
    }

    /// How many bytes of a stream go together: whole letters.
    private static func lengthOfPiece(_ bytes: ArraySlice<UInt8>, goesOn: Bool) -> Int {
        let first = bytes.startIndex
        let most = min(bytes.count, longestPiece)
        if most == bytes.count, !goesOn { return most }
        // Back to the beginning of a letter that is not whole.
        var start = most
        while start > 0, most - start < 3, bytes[first + start - 1] & 0xC0 == 0x80 {
            start -= 1
        }
        guard start > 0 else { return most }
        let lead = bytes[first + start - 1]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
        return start - 1 + length > most && start > 1 ? start - 1 : most
    }

    /// Milliseconds until something may have to go.
    var delay: Int {
        state.withLock { state in
            guard state.sent < state.outgoing.count else { return 1000 }
            return Self.pause
        }
    }

    /// Whether output of other programs may be taken.
    var hasRoom: Bool { !isFull }
}
