// SPDX-License-Identifier: BSD-3-Clause

/// A line for each function that is built in: what `name?` tells.
enum Manual {
    /// What is known of a name such as `string.format`; nil if it is nothing.
    static func text(of name: String) -> String? {
        guard let (signature, sentence) = entries[name] else { return nil }
        return "\(signature)\n  \(sentence)"
    }

    private static let entries: [String: (String, String)] = [:]
}
