// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

/// Software of others that clusters and notebooks use, for `vtlua doctor`.
package enum InstalledSoftware {
    /// The version of ZeroMQ; nil where it is not installed.
    package static var zeroMQ: String? { Socket.libraryVersion }

    /// The seconds that a program may take to print its version.
    private static let patience = 20.0

    /// Returns the version of ipyparallel, and the program of its controller.
    ///
    /// - Throws: ``ClusterError`` where it is not installed, or does not run.
    package static func ipyparallel() throws(ClusterError) -> (version: String, program: String) {
        let found = try IPyParallel.find().controller
        let program = found[0]
        guard let text = output(of: program, Array(found.dropFirst()) + ["--version"]),
            let version = number(in: text)
        else {
            throw ClusterError(
                .notInstalled, "'\(found.joined(separator: " ")) --version' fails")
        }
        return (version, program)
    }

    /// Returns what a program prints, on either stream; nil where it fails.
    package static func output(of program: String, _ arguments: [String]) -> String? {
        let spawn = Spawn(program, arguments)
        return (try? spawn.output(withErrors: true, seconds: patience)) ?? nil
    }

    /// Returns the first version in a text, such as `9.2.0`.
    package static func number(in text: String) -> String? {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "." }.first {
            ($0.first?.isNumber ?? false) && $0.contains(".")
        }.map(String.init)
    }
}
