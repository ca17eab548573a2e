// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// The process of a sandboxed run, before it loads the workflow: it gives up its rights.
///
/// It may read what the workflow and the program need, and write to `results/` and the scratch directory.
/// The store is another process's: see ``SandboxStore``.
struct SandboxChild {
    private let results: String
    private let options: SandboxOptions
    private let store: StoreClient?
    private let rights: String
    /// The size that a file of the run may have, in bytes.
    private let fileSize: Int

    /// Restricts this process.
    ///
    /// - Parameters:
    ///   - flow: the path of the workflow's script.
    ///   - files: further files of the command line that the run reads.
    ///   - scratch: the scratch directory of the run.
    ///   - store: the directory of the store; nil: there is none.
    ///   - records: true if the parent has a store for the record of the run in any case.
    /// - Throws: ``WorkflowError``.
    init(
        _ options: SandboxOptions, flow: String, files: [String], scratch: String, store: String?,
        records: Bool
    ) throws {
        let rules = SandboxRules(options, flow: flow, files: files, store: store)
        self.options = options
        results = rules.results
        rights = rules.rights
        fileSize = options.disk(at: results)
        self.store =
            store != nil || records
            ? StoreClient(LocalSocket(LocalSocket.ofChild), directory: store ?? "") : nil
        do {
            let sandbox = rules.ofRun(scratch: scratch)
            try Sandbox.limit(memory: options.memory, fileSize: fileSize)
            try sandbox.restrictCalls()
            try sandbox.restrictThread()
        } catch {
            throw WorkflowError("--sandbox: \(error)")
        }
    }

    /// The memory that a Lua state of the run may have, in bytes: the rest is for the program itself, which
    /// cannot go on without memory.
    var memoryOfLua: Int { options.memory - max(options.memory / 8, 32 << 20) }

    /// Sets the places that a workspace may write to.
    func apply(to workspace: Workspace) {
        workspace.sandboxResults = results
        workspace.remoteStore = store
        workspace.sandboxKey = " sandbox " + rights
    }

    /// Records a run that has no store for the report, which the parent writes.
    func record(_ runner: inout FlowRunner) {
        guard runner.environment.store == nil, let store else { return }
        do {
            try store.open()
            runner.use(store)
        } catch {
            report("warning: cannot write the report: \(error)\n")
        }
    }

    /// Prints the option that raises the limit on account of which a run has failed.
    func explain(_ failures: [ModuleFailure]) {
        let texts = failures.map(\.message)
        if texts.contains(where: { $0.contains("not enough memory") }) {
            report(
                "  the run may use \(Format.binarySize(options.memory)) of memory; --memory-limit SIZE "
                    + "allows more\n")
        }
        // The functions of Lua's own `io` give the text of the system.
        if texts.contains(where: { $0.contains(String(cString: strerror(EFBIG))) }) {
            report(
                "  a file of the run may have \(Format.binarySize(fileSize)); "
                    + "--disk-limit SIZE allows more\n")
        }
    }
}
