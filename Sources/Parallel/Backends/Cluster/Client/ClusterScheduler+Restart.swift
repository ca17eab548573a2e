// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

// A controller that was restarted, for chunks that its scheduler had. The new one knows nothing of
// them: those that an engine has are answered, and the others are lost with the old one.

/// The search for the chunks of a controller that was restarted.
struct ChunkSearch {
    /// The chunks that are searched for.
    var ids: Set<String>
    /// The time at which the engines are asked: they must have connected again.
    var askAt = Clock.now + 3 * Clock.second
    /// The time after which what no engine has reported is lost; nil before the engines were asked.
    var endAt: Int64?
    /// Those that an engine has answered, and whose results may have been lost.
    var answered: Set<String> = []
}

extension ClusterScheduler {
    private static let patience = 5 * Clock.second

    /// Begins to search for the chunks that the controller's scheduler had.
    func searchAfterRestart() {
        let ids = chunksInFlight.filter { $0.value.member == nil }.map(\.key)
        if !ids.isEmpty { search = ChunkSearch(ids: Set(ids)) }
    }

    func continueSearch() {
        guard let current = search else { return }
        let now = Clock.now
        if let endAt = current.endAt {
            guard now > endAt else { return }
            search = nil
            for id in current.ids where chunksInFlight[id]?.member == nil {
                guard let inFlight = land(id) else { continue }
                lost(
                    inFlight, "the result was lost when the controller was restarted",
                    mayHaveBegun: current.answered.contains(id))
            }
        } else if now > current.askAt {
            search?.endAt = now + Self.patience
            let ids = current.ids.filter { chunksInFlight[$0] != nil }.sorted()
            for member in state.withLock({ $0.members }) where member.goneSince == nil {
                sendProbe(to: member.engine.uuid, on: .mux, ids, repeats: true)
            }
        }
    }

    /// Takes an engine's answer: it has the chunks with these ids, and its end is theirs.
    func noteFound(_ ids: Set<String>, answered: Set<String>, at number: Int) {
        guard search != nil else { return }
        search?.answered.formUnion(answered)
        for id in ids where chunksInFlight[id] != nil && chunksInFlight[id]?.member == nil {
            chunksInFlight[id]?.member = number
            state.withLock { $0.members[number - 1].chunksInFlight += 1 }
        }
    }
}
