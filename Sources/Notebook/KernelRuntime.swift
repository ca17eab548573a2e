// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
public import VTRuntime

/// Makes this process the kernel of a Jupyter notebook.
public enum KernelRuntime {
    /// Serves until the notebook says that it is over, or its server is gone.
    ///
    /// Standard output and standard error go to the notebook from then on.
    ///
    /// - Parameters:
    ///   - file: the connection file that the server has written.
    ///   - options: the set-up of the notebook's runtime.
    ///   - failed: told why nothing could be served.
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

/// The present cell, as the thread of the sockets sees it.
final class RunningCell: Sendable {
    private let cancellation = Locked<LuaCancellation?>(nil)

    /// Runs `body` so that ``interrupt()`` stops it.
    func run<R>(_ lua: borrowing Lua, _ body: (borrowing Lua) throws -> R) throws -> R {
        let own = LuaCancellation()
        cancellation.withLock { $0 = own }
        defer { cancellation.withLock { $0 = nil } }
        return try lua.limited(cancellation: own, body)
    }

    /// Stops the cell; false if none runs.
    func interrupt() -> Bool {
        let present = cancellation.withLock { $0 }
        present?.cancel()
        return present != nil
    }

    var isInterrupted: Bool { cancellation.withLock { $0 }?.isCancelled ?? false }
}
