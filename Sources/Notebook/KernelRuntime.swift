// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
public import VTRuntime
internal import VTSystem

/// Runs this process as the kernel of a Jupyter notebook.
public enum KernelRuntime {
    /// Serves requests until the notebook shuts the kernel down or its server exits.
    ///
    /// Standard output and standard error are redirected to the notebook. `Runtime.Options.warn`
    /// receives warnings about the connection, and must not write to them.
    ///
    /// - Parameters:
    ///   - file: the connection file that the server has written.
    ///   - options: the options of the runtime.
    ///   - failed: called with the reason if the kernel cannot serve.
    /// - Returns: the exit code: 0, or 1.
    public static func run(
        connectionFile file: String, options: Runtime.Options = Runtime.Options(),
        failed: (String) -> Void
    ) -> Int32 {
        do {
            let connection = try KernelConnection(file: file)
            let kernel = try NotebookKernel(options, history: KernelHistory.standardPath)
            try kernel.serve(connection)
            return 0
        } catch {
            failed("\(error)")
            return 1
        }
    }
}

/// The running cell, as the socket thread sees it.
final class RunningCell: Sendable {
    private let cancellation = Monitor<LuaCancellation?>(nil)

    /// Runs `body` so that ``interrupt()`` stops it.
    func run<R>(_ lua: borrowing Lua, _ body: (borrowing Lua) throws -> R) throws -> R {
        let own = LuaCancellation()
        cancellation.withLock { $0 = own }
        defer { cancellation.withLock { $0 = nil } }
        return try lua.limited(cancellation: own, body)
    }

    /// Stops the running cell; returns false if there is none.
    func interrupt() -> Bool {
        let present = cancellation.withLock { $0 }
        present?.cancel()
        return present != nil
    }

    var isInterrupted: Bool { cancellation.withLock { $0 }?.isCancelled ?? false }
}
