// SPDX-License-Identifier: BSD-3-Clause

package import VTStore

/// The state of a node as the page shows it.
package enum State: String, CaseIterable {
    case computed, cached, failed, skipped, stopped
    case waiting = "not started"
    case notNeeded = "not needed"
    case suspended

    package init(_ node: StoredNode) {
        switch node.status {
        case .computed: self = .computed
        case .cached: self = .cached
        case .skipped: self = .skipped
        case .notNeeded: self = .notNeeded
        case .suspended: self = .suspended
        case .stopped: self = .stopped
        case .failed, .unknown: self = .failed
        }
    }

    /// The number of the state in the data of the timeline.
    var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The class of elements with the colour of the state.
    var style: String {
        switch self {
        case .waiting, .suspended: "waiting"
        case .notNeeded: "skipped"
        default: rawValue
        }
    }

    /// A sign that distinguishes the state without colour.
    var sign: String {
        switch self {
        case .computed: "\u{2713}"
        case .cached: "="
        case .failed: "\u{2715}"
        case .skipped: "\u{2013}"
        case .stopped: "\u{25a0}"
        case .notNeeded: "\u{2013}"
        case .suspended, .waiting: "\u{2026}"
        }
    }

    /// An element with the state's colour, sign and name.
    var badge: HTML {
        "<span class=\"badge \(style)\"><span aria-hidden=\"true\">\(sign)</span> \(rawValue)</span>"
    }
}
