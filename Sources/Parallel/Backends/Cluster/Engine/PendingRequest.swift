// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTSystem

/// A request that an engine has accepted: tasks for its worker, and the kind of its reply.
final class PendingRequest {
    enum Kind {
        /// Tasks of a client of VTLua.
        case native
        /// Code as text. A silent one publishes no result.
        case execute(isSilent: Bool, number: Int)
        /// A call by a client of Python.
        case python
        case clear
    }

    let request: EngineWire.Request
    let kind: Kind
    let batch: TaskBatch
    /// The client's process, if it is on this machine and can map memory of this process.
    let neighbour: Int?
    let began = Timestamp.now
    /// The number of leading tasks that are known to have ended.
    private var ended = 0

    init(
        _ request: EngineWire.Request, _ kind: Kind, _ batch: TaskBatch, neighbour: Int?
    ) {
        self.request = request
        self.kind = kind
        self.batch = batch
        self.neighbour = neighbour
    }

    var message: Message { request.message }

    /// True if all of its tasks have ended.
    var isOver: Bool {
        while ended < batch.count, batch.state(ended) != VTP_WAITING { ended += 1 }
        return ended == batch.count
    }

    var isNative: Bool { if case .native = kind { true } else { false } }

    /// True if the worker has taken it.
    var hasBegun: Bool { batch.left < batch.count }
}
