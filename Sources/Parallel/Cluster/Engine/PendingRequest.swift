// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Jupyter

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
    let lot: Lot
    let began = timestamp()
    /// Tasks from the first on that are known to have ended.
    private var ended = 0

    init(_ request: EngineWire.Request, _ kind: Kind, _ lot: Lot) {
        self.request = request
        self.kind = kind
        self.lot = lot
    }

    var message: Message { request.message }

    /// Whether all of its tasks have ended.
    var isOver: Bool {
        while ended < lot.count, lot.state(ended) != VTP_WAITING { ended += 1 }
        return ended == lot.count
    }

    var isNative: Bool { if case .native = kind { true } else { false } }

    /// Whether the worker has it, or has had it.
    var hasBegun: Bool { lot.left < lot.count }
}
