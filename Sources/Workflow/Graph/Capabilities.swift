// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// A feature of a program that modules may need, such as worker processes.
public struct Capability: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name, as scripts have it.
    public let rawValue: String
    /// Creates a capability from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Tasks on the calling thread.
    public static let serial = Capability(rawValue: "serial")
    /// Worker threads.
    public static let threads = Capability(rawValue: "threads")
    /// Worker processes.
    public static let processes = Capability(rawValue: "processes")
    /// Engines of an IPython cluster.
    public static let cluster = Capability(rawValue: "cluster")

    /// The name.
    public var description: String { rawValue }
}

/// The capabilities that a program offers to modules, which list them under `requires`.
public struct Capabilities: Sendable {
    /// The capabilities that modules can use.
    public var present: [Capability]
    /// The known capabilities that modules cannot use, each with the reason: a clause that says what
    /// to do.
    public var absent: [Capability: String]

    /// Creates a value from its fields.
    public init(present: [Capability] = [.serial, .threads], absent: [Capability: String] = [:]) {
        self.present = present
        self.absent = absent
    }

    /// Returns the reason why a module that requires `capability` cannot run; nil if it can.
    func objection(to capability: Capability) -> String? {
        if present.contains(capability) { return nil }
        if let reason = absent[capability] { return ", but \(reason)" }
        return ", which this vtlua does not have"
            + hint(for: capability.rawValue, among: present.map(\.rawValue))
    }
}
