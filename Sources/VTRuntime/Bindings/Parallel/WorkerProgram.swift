// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import Synchronization
internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// The program that worker processes run.
enum WorkerProgram {
    /// True if this program can be started as a worker.
    static let isPrepared = Atomic<Bool>(false)

    /// The reason why a sandboxed run has no processes.
    static let sandboxed =
        "the sandbox of this run starts no programs; use parallel.threads, or run with "
        + "--allow-programs"

    /// Returns the program that `parallel.processes` starts: the one that `VTLUA_WORKER` names, or
    /// this program if it is prepared.
    static func path() throws(WorkflowError) -> String {
        if let named = getenv("VTLUA_WORKER") {
            let path = String(cString: named)
            guard access(path, X_OK) == 0 else {
                throw WorkflowError(
                    "VTLUA_WORKER is '\(path)', which cannot be run: "
                        + String(cString: strerror(errno)))
            }
            return path
        }
        guard isPrepared.load(ordering: .relaxed) else {
            throw WorkflowError(
                "this program cannot be started as a worker; call WorkerRuntime.prepare() first "
                    + "thing in main, or set VTLUA_WORKER to the path of vtlua")
        }
        return pathOfThisProgram ?? "/proc/self/exe"
    }
}

extension SearchPath {
    /// The places in which a state looks for modules: those directories, and its `package.path` and
    /// `package.cpath`.
    init(directories: [String], _ lua: borrowing Lua) throws {
        self.init()
        self.directories = directories
        try lua.pushLoaded("package")
        defer { lua.pop() }
        guard lua.type(at: -1) == .table else { return }
        try lua.pushRawField("path", of: -1)
        try lua.pushRawField("cpath", of: -2)
        defer { lua.pop(2) }
        path = lua.text(at: -2) ?? ""
        cpath = lua.text(at: -1) ?? ""
    }
}
