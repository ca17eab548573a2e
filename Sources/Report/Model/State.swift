// SPDX-License-Identifier: BSD-3-Clause

package import VTStore

/// How a node of a run ended, for a person.
package enum State: String, CaseIterable {
    case computed, cached, failed, skipped, stopped
    case waiting = "not begun"

    package init(_ node: StoredNode) {
        switch node.status {
        case .computed: self = .computed
        case .cached: self = .cached
        case .skipped: self = .skipped
        // A module that was stopped with the run has a reason in place of an error.
        case .failed, .unknown:
            self = node.error == nil && node.because != nil ? .stopped : .failed
        }
    }

    /// Its number in the timeline's data and the name of its colour.
    var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    var style: String { self == .waiting ? "waiting" : rawValue }

    /// A sign that tells it from the others without colour.
    var sign: String {
        switch self {
        case .computed: "\u{2713}"
        case .cached: "="
        case .failed: "\u{2715}"
        case .skipped: "\u{2013}"
        case .stopped: "\u{25a0}"
        case .waiting: "\u{2026}"
        }
    }

    /// A state with its colour and its sign.
    var badge: HTML {
        "<span class=\"badge \(style)\"><span aria-hidden=\"true\">\(sign)</span> \(rawValue)</span>"
    }
}
