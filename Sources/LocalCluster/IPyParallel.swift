// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// The installed ipyparallel, whose controller is used.
///
/// It is looked for in this order:
///
/// 1. the variable `VTLUA_IPCONTROLLER`: the path of `ipcontroller`, or of a Python that can
///    `import ipyparallel`;
/// 2. the same path in the first line of `$XDG_CONFIG_HOME/vtlua/python` (`~/.config` by default);
/// 3. the virtual environment that `vtlua cluster install` makes,
/// `$XDG_DATA_HOME/vtlua/ipyparallel` (`~/.local/share` by default);
/// 4. `ipcontroller` on the `PATH`.
///
/// If a named program cannot be run, an error is thrown and the next place is not tried.
package struct IPyParallel: Sendable, Equatable {
    /// The program and its first arguments.
    package let controller: [String]

    /// Finds ipyparallel.
    ///
    /// - Throws: ``ClusterError`` with the command that installs it.
    package static func find() throws(ClusterError) -> IPyParallel {
        if let path = environmentVariable("VTLUA_IPCONTROLLER") {
            return try named(path, by: "VTLUA_IPCONTROLLER")
        }
        if let path = firstLine(of: configurationFile) {
            return try named(path, by: configurationFile)
        }
        let own = "\(installation)/bin/ipcontroller"
        if isProgram(own) { return IPyParallel(controller: [own]) }
        if let program = programOnPath("ipcontroller") { return IPyParallel(controller: [program]) }
        throw ClusterError(
            .notInstalled,
            "ipyparallel is not installed; run: vtlua cluster install",
            details: [
                "or install it yourself: pip install \(requirement)",
                "or set VTLUA_IPCONTROLLER to the path of an ipcontroller installed elsewhere",
            ])
    }

    /// The requirement that is installed.
    static let requirement = "'ipyparallel>=9.2'"

    private static func named(_ path: String, by source: String) throws(ClusterError) -> IPyParallel
    {
        guard isProgram(path) else {
            let reason =
                access(path, X_OK) == 0 ? "not a program" : String(cString: strerror(errno))
            throw ClusterError(.notInstalled, "\(source) names '\(path)': \(reason)")
        }
        let name = path.split(separator: "/").last ?? ""
        let isPython = name.hasPrefix("python") || name.hasPrefix("pypy")
        return IPyParallel(
            controller: isPython ? [path, "-m", "ipyparallel.controller"] : [path])
    }

    // MARK: Places

    static var configurationFile: String {
        let home = environmentVariable("HOME") ?? ""
        return (environmentVariable("XDG_CONFIG_HOME") ?? "\(home)/.config") + "/vtlua/python"
    }

    /// The directory of the virtual environment that ``install(python:timeout:progress:check:)``
    /// makes.
    package static var installation: String {
        let home = environmentVariable("HOME") ?? ""
        return (environmentVariable("XDG_DATA_HOME") ?? "\(home)/.local/share")
            + "/vtlua/ipyparallel"
    }

    private static func firstLine(of path: String) -> String? {
        guard let bytes = try? File.read(path, limit: 1 << 20) else { return nil }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let words = line.split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// Returns the first program of that name in the directories of the `PATH`.
    static func programOnPath(_ name: String) -> String? {
        let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
        return path.split(separator: ":").lazy.map { "\($0)/\(name)" }.first(where: isProgram)
    }

    /// Returns true if a path is an executable file.
    static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }
}
