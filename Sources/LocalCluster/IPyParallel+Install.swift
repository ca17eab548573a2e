// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

extension IPyParallel {
    /// The result of an installation.
    package struct Installation: Sendable, Equatable {
        /// The virtual environment.
        package var directory: String
        /// The version of ipyparallel.
        package var version: String
        /// False if it was already installed.
        package var isNew: Bool
    }

    /// Makes a virtual environment with ipyparallel from PyPI, unless there is one. An installation
    /// that fails is removed.
    ///
    /// - Parameters:
    ///   - python: a name on the `PATH`, or a path.
    ///   - timeout: the time limit in seconds.
    ///   - progress: called repeatedly with the current step.
    ///   - check: called periodically while waiting.
    /// - Throws: ``ClusterError``; any error of `check`.
    package static func install(
        python: String, timeout: Double, progress: @escaping (String) -> Void,
        check: @escaping () throws -> Void
    ) throws -> Installation {
        let directory = installation
        let parent = String(directory.dropLast("/ipyparallel".count))
        try PrivateFile.makeDirectory(parent)
        let work = InstallWork(
            log: "\(parent)/install.log", deadline: Clock.seconds + timeout,
            progress: progress, check: check)
        let controller = "\(directory)/bin/ipcontroller"
        if isProgram(controller), let version = try? work.version(controller) {
            return Installation(directory: directory, version: version, isNew: false)
        }
        guard let python = program(python) else {
            throw ClusterError(
                .notInstalled,
                "'\(python)' was not found, and ipyparallel needs it; on Debian: apt install "
                    + "python3 python3-venv")
        }
        do {
            try work.run(
                "making \(directory)", [python, "-m", "venv", "--clear", directory],
                hint: "on Debian: apt install python3-venv")
            try work.run(
                "installing ipyparallel",
                [
                    "\(directory)/bin/python", "-m", "pip", "install",
                    "--disable-pip-version-check", "--no-input",
                    String(requirement.dropFirst().dropLast()),
                ],
                hint: "it is downloaded from PyPI: check the network and the proxy settings")
            let version = try work.version(controller)
            unlink(work.log)
            return Installation(directory: directory, version: version, isNew: true)
        } catch {
            Directory.removeTree(directory)
            throw error
        }
    }

    private static func program(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        return programOnPath(name)
    }
}

/// Runs programs one after another, within a common time limit.
private struct InstallWork {
    var log: String
    var deadline: Double
    var progress: (String) -> Void
    var check: () throws -> Void

    /// Runs a program.
    ///
    /// - Parameter hint: a remedy, for the message of a failure.
    func run(_ what: String, _ command: [String], hint: String) throws {
        // Without settings of another Python, or of a pip that installs elsewhere.
        let process = try SessionProgram(
            command: command, environment: ["PYTHONHOME": nil, "PYTHONPATH": nil, "PIP_USER": nil],
            log: log
        ).start()
        var end: Int32?
        do {
            while true {
                end = process.reap()
                if end != nil { break }
                progress(what)
                try check()
                guard Clock.seconds < deadline else {
                    throw ClusterError(
                        .timeout, "\(what) took too long; see --timeout",
                        details: LocalCluster.end(of: log))
                }
                usleep(50_000)
            }
        } catch {
            LocalCluster.end([process], grace: 1)
            throw error
        }
        guard end == 0 else {
            throw ClusterError(
                .notInstalled, "\(what) failed; \(hint)", details: LocalCluster.end(of: log))
        }
    }

    func version(_ controller: String) throws -> String {
        try run(
            "testing the installation", [controller, "--version"],
            hint: "ipcontroller does not start")
        return PrivateFile.tail(log, 1).first ?? "?"
    }
}
