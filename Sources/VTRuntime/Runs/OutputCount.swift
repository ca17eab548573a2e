// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTWorkflow

/// The bytes that the modules of a run have printed and logged.
struct OutputCount {
    private let limit: Int?
    private var count = 0

    /// - Parameter limit: the largest number of bytes; nil for no limit.
    init(limit: Int?) { self.limit = limit }

    mutating func add(_ event: RunEvent) { count += event.textSize }

    /// True if there are more bytes than the limit allows.
    var isOver: Bool { limit.map { count > $0 } ?? false }

    /// The error that ends the run then.
    var error: LuaError {
        LuaError(
            .runtime,
            "the modules of the run have printed and logged more than \(limit ?? 0) bytes; "
                + "a larger `outputLimit` allows more")
    }
}

extension RunEvent {
    /// The number of bytes of text that a module has made.
    var textSize: Int {
        switch self {
        case .printed(_, let text): text.utf8.count
        case .logged(_, _, let message): message.utf8.count
        case .progress(_, _, let note): note?.utf8.count ?? 0
        default: 0
        }
    }
}
