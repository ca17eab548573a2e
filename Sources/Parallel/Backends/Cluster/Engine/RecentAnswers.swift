// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// The answers that an engine has sent in the last minute.
///
/// A restarted controller drops messages for a client that has not connected to it again. The
/// client then asks for its tasks, and those among these answers are sent once more.
struct RecentAnswers {
    private struct Answer {
        var request: EngineWire.Request
        var metadata: JSON
        var content: JSON
        var buffers: [OutgoingBuffer]
        var size: Int
        var given: Int64
    }

    private static let most = 1024
    private static let mostBytes = 16 << 20
    private static let patience = 60 * Clock.second

    private var answers: [Answer] = []
    private var bytes = 0
    /// The sizes of answers by the ids of their requests. The older half is dropped at a time.
    private var sizes: [[String: Int]] = [[:], [:]]
    /// Requests whose results are in memory that the client has not released.
    private var lent: [(pending: PendingRequest, segments: [Segment])] = []

    mutating func add(
        _ request: EngineWire.Request, metadata: JSON, content: JSON, _ buffers: [OutgoingBuffer]
    ) {
        let size =
            Self.size(of: buffers) + request.message.buffers.reduce(0) { $0 + $1.bytes.count }
        note(request, size: size)
        guard size <= Self.mostBytes else { return }
        let now = Clock.now
        answers.append(
            Answer(
                request: request, metadata: metadata, content: content, buffers: buffers,
                size: size, given: now))
        bytes += size
        // Several at a time, because removing moves all others.
        var excess = answers.count > 2 * Self.most ? answers.count - Self.most : 0
        var left = bytes - answers[..<excess].reduce(0) { $0 + $1.size }
        while left > Self.mostBytes || now - answers[excess].given > Self.patience {
            left -= answers[excess].size
            excess += 1
        }
        if excess > 0 { answers.removeFirst(excess) }
        bytes = left
    }

    private mutating func note(_ request: EngineWire.Request, size: Int) {
        if sizes[0].count >= 4 * Self.most { sizes = [[:], sizes[0]] }
        sizes[0][request.message.id] = size
    }

    /// The number of bytes of the answer to a request; nil if the engine has not answered it.
    func size(ofAnswerTo id: String) -> Int? { sizes[0][id] ?? sizes[1][id] }

    // MARK: Results in memory

    /// Keeps the memory of results until the client has read it.
    mutating func lend(_ pending: PendingRequest, _ segments: [Segment]) {
        note(pending.request, size: 0)
        lent.append((pending, segments))
    }

    /// Drops memory that the client has read, or will not read.
    mutating func releaseLent(where isUnwanted: (PendingRequest) -> Bool) {
        if lent.isEmpty { return }
        lent.removeAll { entry in
            entry.segments.allSatisfy(\.isFree) || isUnwanted(entry.pending)
        }
    }

    /// Removes requests whose results are in memory, and returns those.
    mutating func takeLent(where isWanted: (PendingRequest) -> Bool) -> [PendingRequest] {
        let wanted = lent.filter { isWanted($0.pending) }
        lent.removeAll { isWanted($0.pending) }
        return wanted.map(\.pending)
    }

    private static func size(of buffers: [OutgoingBuffer]) -> Int {
        var size = 0
        for buffer in buffers { buffer.lendBytes { size += $0.count } }
        return size
    }

    /// Sends the answers to these requests again, as far as they are known, and forgets them.
    mutating func repeatAnswers(to ids: Set<String>, _ wire: EngineWire) {
        guard !ids.isEmpty else { return }
        var kept: [Answer] = []
        for answer in answers {
            if ids.contains(answer.request.message.id) {
                var request = answer.request
                // A scheduler that was restarted does not pass on answers to requests before.
                request.channel = .mux
                wire.reply(
                    to: request, "apply_reply", metadata: answer.metadata,
                    content: answer.content, answer.buffers)
                bytes -= answer.size
            } else {
                kept.append(answer)
            }
        }
        answers = kept
    }
}
