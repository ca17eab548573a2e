// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The capabilities that a program offers to modules, which list them under `requires`.
public struct Capabilities: Sendable {
    /// The names of the capabilities that modules can use.
    public var present: [String]
    /// The known capabilities that modules cannot use, each with the reason: a clause that says what
    /// to do.
    public var absent: [String: String]

    /// Creates a value from its fields.
    public init(present: [String] = ["serial", "threads"], absent: [String: String] = [:]) {
        self.present = present
        self.absent = absent
    }

    /// Returns the reason why a module that requires `name` cannot run; nil if it can.
    func objection(to name: String) -> String? {
        if present.contains(name) { return nil }
        if let reason = absent[name] { return ", but \(reason)" }
        return ", which this vtlua does not have" + hint(for: name, among: present)
    }
}
