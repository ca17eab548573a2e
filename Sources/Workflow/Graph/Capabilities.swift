// SPDX-License-Identifier: BSD-3-Clause

/// What a program offers to the modules that list it under `requires`.
public struct Capabilities: Sendable {
    public var present: [String]
    /// What is known but cannot be had here, and why: a clause that says what to do.
    public var absent: [String: String]

    public init(present: [String] = ["serial", "threads"], absent: [String: String] = [:]) {
        self.present = present
        self.absent = absent
    }

    /// Why a module that requires `name` cannot run; nil if it can.
    func objection(to name: String) -> String? {
        if present.contains(name) { return nil }
        if let reason = absent[name] { return ", but \(reason)" }
        return ", which this vtlua does not have" + hint(for: name, among: present)
    }
}
