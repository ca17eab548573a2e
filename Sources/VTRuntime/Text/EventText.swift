// SPDX-License-Identifier: BSD-3-Clause

package import VTWorkflow

extension RunEvent {
    /// The output and messages of a module, as lines with its name in front; nil for other events.
    package var outputText: String? {
        switch self {
        case .printed(let node, let text): text.labelled(node)
        case .logged(_, .debug, _): nil
        case .logged(let node, let level, let message):
            "\(level.rawValue): \(message)\n".labelled(node)
        default: nil
        }
    }
}

extension String {
    /// Returns each line with `label | ` in front.
    package func labelled(_ label: String) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).dropLast(hasSuffix("\n") ? 1 : 0)
            .map { "\(label) | \($0)\n" }.joined()
    }
}
