// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem
import VTWorkflow

// `vtlua run --watch`

/// The files that a run depends on.
struct WatchedFiles {
    /// Absolute paths of files and directories.
    var paths: Set<String>

    /// The files that results depend on, and those of the loaded modules, without those that the run
    /// itself has made.
    init(_ result: RunResult, _ runner: FlowRunner) {
        let made = Set(result.files.keys.map { String(decoding: $0, as: UTF8.self) })
        let directory = [UInt8].workingDirectory
        let all =
            result.watched.union(runner.workspace.interpreter.accessLog.filesOfModules)
            .union([Array(runner.path.utf8)])
        paths = Set(
            all.map { String(decoding: $0.absolutePath(in: directory), as: UTF8.self) }
        ).subtracting(made)
    }
}

extension RunRequest {
    /// Runs the workflow, and again after each change, until a signal arrives.
    func watch(_ results: ResultStream, _ signals: Signals) throws -> Int32 {
        let directory = [UInt8].workingDirectory
        let script = String(decoding: Array(flow.utf8).absolutePath(in: directory), as: UTF8.self)
        let folder = String(script[..<(script.lastIndex(of: "/") ?? script.startIndex)])
        var watched: Set<String> = [script]
        while true {
            let began = Clock.wall
            var found: Set<String>?
            var child: SandboxChild?
            let code = try run(results, signals, in: &child) { found = $0.paths }
            if signals.exitCode != nil { return code }
            watched = found ?? watched
            // The cause of an error may be a file that is not known yet.
            let folders = found == nil || code == 3 ? [folder, folder + "/modules"] : []
            // So may be a file that is missing.
            let watcher = try FileWatcher(
                watched.union([script]), scriptsIn: folders, newIn: code == 0 ? [] : [folder])
            report("watching \(Format.count(watched.count, "file")); to stop, press Ctrl-C\n")
            var changed = watched.sorted().first { Self.hasChanged($0, since: began) }
            changed = changed ?? watcher.wait { signals.exitCode == nil }
            guard let changed else { return signals.exitCode ?? 130 }
            let start = String(decoding: directory, as: UTF8.self) + "/"
            report(
                "changed: \(changed.hasPrefix(start) ? String(changed.dropFirst(start.count)) : changed)\n"
            )
        }
    }

    /// True if a file was changed while the run used it.
    private static func hasChanged(_ path: String, since time: Double) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9 > time
    }
}
