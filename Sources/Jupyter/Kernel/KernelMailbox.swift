// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem

/// A request that arrived on one of a kernel's sockets.
package struct KernelRequest: Sendable {
    /// The socket that the request arrived on.
    package enum Channel: Sendable { case shell, control }
    package var channel: Channel
    package var message: Message
}

/// The messages between a kernel's socket thread and the thread that runs code.
///
/// Output is collected into long messages. It is sent before any other message, or after a short
/// delay.
package final class KernelMailbox: Sendable {
    enum Outgoing {
        case reply(KernelRequest, String, JSON)
        /// Asks the notebook that sent the request for a line of input.
        case question(KernelRequest, JSON)
        case publication(String, parent: [UInt8]?, JSON)
        case stream(Stream)
    }

    struct Stream {
        var name: String
        var parent: [UInt8]?
        var bytes: [UInt8]
        /// The number of bytes sent so far.
        var gone = 0
        var began: Int

        var left: Int { bytes.count - gone }
    }

    private struct State: Sendable {
        var incoming: Deque<KernelRequest> = []
        var answers: Deque<String> = []
        var outgoing: Deque<Outgoing> = []
        /// The number of unsent bytes of output and of publications.
        var backlog = 0
        /// The time at which the last long piece of output was sent.
        var lastPiece = 0
        var parent: [UInt8]?
        var isEnding = false
        var isFinished = false
    }

    private let state = Monitor(State())
    /// Signalled for the socket thread.
    let outside: WakeupPipe
    /// Signalled for the thread that runs code.
    private let inside: WakeupPipe

    /// The time in milliseconds.
    private let clock: @Sendable () -> Int

    /// - Throws: ``SocketError``.
    package init(
        clock: @escaping @Sendable () -> Int = { Int(Clock.now / 1_000_000) }
    ) throws(SocketError) {
        self.clock = clock
        do throws(SystemError) {
            outside = try WakeupPipe()
            inside = try WakeupPipe()
        } catch {
            throw SocketError(error)
        }
    }

    // MARK: Bounds

    /// The milliseconds after which collected output is sent.
    private static let patience = 40
    /// The largest number of bytes in one output message.
    private static let longestPiece = 128 << 10
    /// The milliseconds between two messages of that size, so that endless output does not overload
    /// a notebook.
    private static let pause = 10
    /// The number of unsent bytes at which the writer must wait.
    private static let mostBacklog = 1 << 20
    private static let mostWaiting = 1000

    // MARK: For the thread that runs code

    /// Returns the next request; nil when none arrives within a short time.
    package func next() -> KernelRequest? {
        if let request = takeFirst() { return request }
        inside.wait(milliseconds: 1000)
        return takeFirst()
    }

    private func takeFirst() -> KernelRequest? {
        state.withLock { $0.incoming.popFirst() }
    }

    /// Removes and returns the waiting requests of a type.
    package func takeWaiting(_ type: String) -> [KernelRequest] {
        state.withLock { state in
            let taken = Array(state.incoming.filter { $0.message.type == type })
            state.incoming.removeAll { $0.message.type == type }
            return taken
        }
    }

    /// True if the kernel was asked to end.
    package var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Starts a request: everything published from now on belongs to it.
    package func begin(_ request: KernelRequest) {
        state.withLock { $0.parent = request.message.header }
        publish("status", ["execution_state": "busy"])
    }

    /// Ends a request.
    package func end(_ request: KernelRequest) {
        add { _ in
            .publication(
                "status", parent: request.message.header, ["execution_state": "idle"])
        }
    }

    /// Publishes a message to all clients, as part of the current request.
    package func publish(_ type: String, _ content: JSON) {
        let content = content.masked
        add { .publication(type, parent: $0.parent, content) }
    }

    /// Replies to a request.
    package func reply(to request: KernelRequest, _ type: String, _ content: JSON) {
        let content = content.masked
        add { _ in .reply(request, type, content) }
    }

    /// Asks the notebook for a line of input. An earlier answer is discarded.
    package func ask(_ request: KernelRequest, prompt: String) {
        state.withLock { $0.answers = [] }
        add { _ in
            .question(request, ["prompt": .string(prompt), "password": false])
        }
    }

    /// Returns the line that the user typed; nil when none arrives within a short time.
    package func answer() -> String? {
        if let answer = takeAnswer() { return answer }
        inside.wait(milliseconds: 50)
        return takeAnswer()
    }

    private func takeAnswer() -> String? {
        state.withLock { $0.answers.popFirst() }
    }

    /// Appends output to a stream.
    package func write(_ bytes: UnsafeRawBufferPointer, to name: String) {
        guard !bytes.isEmpty else { return }
        if let masked = Secrets.masked(bytes) {
            return masked.withUnsafeBytes { append($0, to: name) }
        }
        append(bytes, to: name)
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to name: String) {
        let wakes = state.withLock { state in
            state.backlog += bytes.count
            if case .stream(var stream)? = state.outgoing.last,
                stream.name == name, stream.parent == state.parent
            {
                // Removed from the state while it is changed, so that its bytes are not copied.
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

    /// True if the writer must wait, because a megabyte of output is unsent.
    package var isFull: Bool {
        state.withLock {
            $0.backlog > Self.mostBacklog || $0.outgoing.count > Self.mostWaiting
        }
    }

    /// Reports that the thread that runs code is done.
    package func finish() {
        state.withLock { $0.isFinished = true }
        outside.signal()
    }

    private func add(_ make: (borrowing State) -> Outgoing) {
        state.withLock { state in
            let outgoing = make(state)
            state.backlog += outgoing.size
            state.outgoing.append(outgoing)
        }
        outside.signal()
    }

    // MARK: For the socket thread

    func take(_ request: KernelRequest) {
        state.withLock { $0.incoming.append(request) }
        inside.signal()
    }

    func take(answer: String) {
        state.withLock { $0.answers.append(answer) }
        inside.signal()
    }

    /// Asks the thread that runs code to end.
    func requestEnd() {
        state.withLock { $0.isEnding = true }
        inside.signal()
    }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Returns the next message that is due.
    ///
    /// - Parameter all: true to send output without delay.
    func nextOutgoing(all: Bool = false) -> Outgoing? {
        state.withLock { state in
            guard let first = state.outgoing.first else { return nil }
            guard case .stream(var stream) = first else {
                state.backlog -= first.size
                return state.outgoing.popFirst()
            }
            let now = clock()
            let isLast = state.outgoing.count == 1
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
                state.outgoing.removeFirst()
            } else {
                stream.gone += count
                // Moved rarely: moving the rest for each piece would take quadratic time for long
                // output.
                if stream.gone > stream.bytes.count / 2 {
                    stream.bytes.removeFirst(stream.gone)
                    stream.gone = 0
                }
                stream.began = now
                state.outgoing[0] = .stream(stream)
            }
            if isLong { state.lastPiece = now }
            state.backlog -= count
            return count == 0 ? nil : .stream(piece)
        }
    }

    /// Returns the number of bytes of a stream to send together. They end between two characters.
    private static func lengthOfPiece(_ bytes: ArraySlice<UInt8>, goesOn: Bool) -> Int {
        let first = bytes.startIndex
        let most = min(bytes.count, longestPiece)
        if most == bytes.count, !goesOn { return most }
        // Back to the start of an incomplete character.
        var start = most
        while start > 0, most - start < 3, bytes[first + start - 1] & 0xC0 == 0x80 {
            start -= 1
        }
        guard start > 0 else { return most }
        let lead = bytes[first + start - 1]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
        return start - 1 + length > most && start > 1 ? start - 1 : most
    }

    /// The milliseconds after which a message may be due.
    var delay: Int {
        state.withLock { state in
            guard !state.outgoing.isEmpty else { return 1000 }
            return Self.pause
        }
    }

    /// True if more output of other programs may be read.
    var hasRoom: Bool { !isFull }
}

extension KernelMailbox.Outgoing {
    /// The approximate size in bytes; 0 for a stream, whose bytes are counted elsewhere.
    fileprivate var size: Int {
        switch self {
        case .publication(_, _, let content), .reply(_, _, let content): content.sizeOfTexts
        case .question, .stream: 0
        }
    }
}

extension JSON {
    /// The number of bytes of all texts.
    fileprivate var sizeOfTexts: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let list): list.reduce(0) { $0 + $1.sizeOfTexts }
        case .object(let members): members.reduce(0) { $0 + $1.value.sizeOfTexts }
        case .null, .boolean, .integer, .number: 0
        }
    }
}
