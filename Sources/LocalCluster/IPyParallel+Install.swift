// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTJupyter
internal import VTRuntime

extension IPyParallel {
    package struct Installation: Sendable, Equatable {
        package var directory: String
        package var version: String
        /// false: it was there.
        package var isNew: Bool
    }

    /// Makes a virtual environment with ipyparallel from PyPI, unless it is there. When it throws,
    /// nothing is left.
    ///
    /// - Parameters:
    ///   - python: a name on the `PATH`, or a path.
    ///   - timeout: seconds.
    ///   - progress: told what is done, again and again.
    ///   - check: called every now and then while it waits.
    /// - Throws: ``ClusterError``; what `check` throws.
    package static func install(
        python: String, timeout: Double, progress: @escaping (String) -> Void,
        check: @escaping () throws -> Void
    ) throws -> Installation {
        let directory = installation
        let parent = String(directory.dropLast("/ipyparallel".count))
        try PrivateFile.makeDirectory(parent)
        let work = InstallWork(
            log: "\(parent)/install.log", deadline: monotonicSeconds() + timeout,
            progress: progress, check: check)
        let controller = "\(directory)/bin/ipcontroller"
        if isProgram(controller), let version = try? work.version(controller) {
            return Installation(directory: directory, version: version, isNew: false)
        }
        guard let python = program(python) else {
            throw ClusterError(
                .notInstalled,
                "'\(python)' is not there, and ipyparallel needs it; on Debian: apt install "
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
                hint: "it is downloaded from PyPI: is there a network, or is a proxy to be set?")
            let version = try work.version(controller)
            unlink(work.log)
            return Installation(directory: directory, version: version, isNew: true)
        } catch {
            removeTree(directory)
            throw error
        }
    }

    private static func program(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        return programOnPath(name)
    }
}

/// Removes a directory and all in it; follows no links.
private func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
        for name in filesOfDirectory(path) { removeTree("\(path)/\(name)") }
        rmdir(path)
    } else {
        unlink(path)
    }
}

/// Programs that run one after another, until a time.
private struct InstallWork {
    var log: String
    var deadline: Double
    var progress: (String) -> Void
    var check: () throws -> Void

    /// - Parameter hint: what helps where it fails.
    func run(_ what: String, _ command: [String], hint: String) throws {
        // A Python that was set up for something else, or a pip that installs elsewhere.
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
                guard monotonicSeconds() < deadline else {
                    throw ClusterError(
                        .timeout, "\(what) takes too long; see --timeout",
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
        try run("trying it", [controller, "--version"], hint: "it does not start")
        return PrivateFile.tail(log, 1).first ?? "?"
    }
}
