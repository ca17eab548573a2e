// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRunReport
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua run --report`: writes the page when the run has ended, also after an error.
final class RunReport {
    private let path: String
    /// The directory of a temporary store, when the run has no store.
    private var temporary: String?
    private var store: Store?
    private var run: String?

    init(_ path: String) throws {
        self.path = path
        // Report an unusable path before the run, not after it.
        var about = stat()
        let isDirectory = stat(path, &about) == 0 && about.st_mode & S_IFMT == S_IFDIR
        if path == "-" || path.isEmpty || isDirectory {
            throw ValidationError("--report expects the name of a file, got '\(path)'")
        }
        let folder = path.directoryPart.isEmpty ? "." : path.directoryPart
        guard access(folder, W_OK | X_OK) == 0 else {
            throw ValidationError(
                "--report: cannot write to '\(folder)': \(String(cString: strerror(errno)))")
        }
    }

    deinit { removeTemporary() }

    /// Records the runtime's next run in its store, or in a temporary one.
    func observe(_ runner: inout FlowRunner) {
        if runner.store == nil {
            do {
                let directory = try makeTemporary()
                runner.use(try Store(directory: directory))
            } catch {
                report("warning: cannot write the report: \(error)\n")
                return
            }
        }
        store = runner.store
        runner.environment.observers.append { [weak self] event in
            // Nested runs are part of the first.
            if case .runStarted(let run, _, _, _) = event, self?.run == nil { self?.run = run }
        }
    }

    /// - Returns: true if the report was written or nothing ran.
    func write() -> Bool {
        defer {
            store = nil
            removeTemporary()
        }
        guard let store, let run else { return true }
        do {
            guard let html = try ReportReader.page(of: run, in: store) else {
                report("error: cannot write the report: run \(run) is not recorded\n")
                return false
            }
            guard let reason = writeFile(html, to: path) else {
                return true
            }
            report("error: cannot write '\(path)': \(reason)\n")
        } catch {
            report("error: cannot write the report: \(error)\n")
        }
        return false
    }

    private func makeTemporary() throws -> String {
        do {
            let path = try Leftovers.makeScratch(in: Leftovers.temporaryDirectory)
            temporary = path
            return path
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func removeTemporary() {
        if let temporary { Directory.removeTree(temporary) }
        temporary = nil
    }
}
