// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTSystem

/// A request that an engine has taken on: tasks for its worker, and what to make of their results.
final class PendingRequest {
    enum Kind {
        /// Tasks of a client of ours.
        case native
        /// Code as text; whether its result is to be shown.
        case execute(isSilent: Bool, number: Int)
        /// A call by a client of Python.
        case python
        case clear
    }

    let request: EngineWire.Request
    let kind: Kind
    let batch: TaskBatch
    let began = Timestamp.now
    /// Tasks from the first on that are known to have ended.
    private var ended = 0

    init(_ request: EngineWire.Request, _ kind: Kind, _ batch: TaskBatch) {
        self.request = request
        self.kind = kind
        self.batch = batch
    }

    var message: Message { request.message }

    /// Whether all of its tasks have ended.
    var isOver: Bool {
        while ended < batch.count, batch.state(ended) != VTP_WAITING { ended += 1 }
        return ended == batch.count
    }

    var isNative: Bool { if case .native = kind { true } else { false } }

    /// Whether the worker has it, or has had it.
    var hasBegun: Bool { batch.left < batch.count }
}
