// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

// The functions that create views: the one file that names every backend.

extension View {
    /// A view with one worker on the caller's own thread.
    package static func serial(
        _ options: WorkerOptions, completion: CompletionEvent, log: CallLog,
        makeState: @escaping WorkerStateMaker
    ) throws -> View {
        View(try SerialBackend(options, makeState: makeState), completion: completion, log: log)
    }

    /// A view whose workers are threads.
    package static func threads(
        _ options: WorkerOptions, completion: CompletionEvent, log: CallLog,
        makeState: @escaping WorkerStateMaker
    ) throws -> View {
        View(try ThreadBackend(options, makeState: makeState), completion: completion, log: log)
    }

    /// A view whose workers are child processes.
    ///
    /// - Parameter program: the program of the children, which calls ``HiddenCommand/runIfAsked``
    ///   first.
    package static func processes(
        _ options: WorkerOptions, completion: CompletionEvent, log: CallLog, program: String
    ) throws -> View {
        View(try ProcessBackend(options, program: program), completion: completion, log: log)
    }

    /// A view whose workers are engines of a cluster.
    package static func cluster(
        _ handle: ClusterHandle, _ options: ClusterViewOptions, completion: CompletionEvent,
        log: CallLog
    ) -> View {
        View(ClusterBackend(handle, options), completion: completion, log: log)
    }
}

extension AsyncResult {
    /// The results of tasks that another program has sent.
    ///
    /// - Parameter view: any view of the same cluster.
    /// - Throws: `ConnectionError` when the reply is not one to tasks of Lua, or is damaged.
    package static func fetched(
        _ tasks: FetchedTasks, _ view: View, _ lua: borrowing Lua
    ) throws -> AsyncResult {
        let call = try tasks.call(
            completion: view.completion, interrupter: view.backend.interrupter, sender: lua.caller()
        )
        return AsyncResult(call, view, isSingle: call.form == .apply)
    }
}
