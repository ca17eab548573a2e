// SPDX-License-Identifier: BSD-3-Clause

/// The text that `require` has in the place of a file for a module of the program: this prefix, the
/// module's name and the version that its author states.
package enum ProgramModuleSource {
    /// The beginning of the text.
    package static let prefix = "program:"

    static func isSource(_ path: [UInt8]) -> Bool { path.starts(with: Array(prefix.utf8)) }
}
