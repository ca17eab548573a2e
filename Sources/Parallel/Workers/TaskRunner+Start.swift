// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Replaces `os.exit`, which would end the whole program while other threads run.
func refuseExit(_ lua: borrowing Lua) throws {
    try lua.pushLoaded("os")
    guard lua.type(at: -1) == .table else { return lua.pop() }
    defer { lua.pop() }
    try lua.pushRawField("exit", of: -1)
    let isAbsent = lua.isNil(at: -1)
    lua.pop()
    // A sandbox has none.
    if isAbsent { return }
    try lua.push { lua in
        throw lua.error(
            "os.exit would end the whole program; use error(message), or processes, where it "
                + "ends the worker")
    }
    try lua.setRawField("exit", of: -2)
}

/// Replaces `os.setlocale`, which would change the format of numbers in the whole program while other
/// threads run. A query of the locale is allowed.
func refuseLocale(_ lua: borrowing Lua) throws {
    try lua.pushLoaded("os")
    guard lua.type(at: -1) == .table else { return lua.pop() }
    defer { lua.pop() }
    try lua.pushRawField("setlocale", of: -1)
    if lua.isNil(at: -1) { return lua.pop() }
    let original = try lua.takeReference()
    try lua.pushConfined { lua in
        if lua.isNil(at: 1) { return try lua.pass(to: original) }
        throw lua.error(
            "os.setlocale would change the whole program while other threads run; call it in a "
                + "worker of parallel.processes, or leave it out")
    }
    try lua.setRawField("setlocale", of: -2)
}

extension TaskRunner {
    /// Prepares the state for its first task: requires libraries, calls the initializer, and
    /// repeats the steps that every worker performed before.
    func start(
        _ options: WorkerOptions, _ setup: [SetupStep], _ lua: borrowing Lua
    ) throws(TaskFailure) {
        var stage = "cannot load a library: "
        do {
            try lua.limited(
                timeout: options.startTimeout,
                cancellation: runningTask.startCancellation()
            ) { lua in
                if let modules = options.modules { _ = try modules.install(lua) }
                for library in options.libraries {
                    try lua.pushGlobal("require")
                    try lua.push(library)
                    try lua.call(arguments: 1)
                }
                if let initializer = options.initializer {
                    stage = "the initializer failed: "
                    try call(initializer, payload: nil, lua)
                    try lua.checkCancellation()
                    try lua.checkPrograms()
                }
                stage = "cannot repeat an earlier push or execute: "
                for step in setup { try call(step.head, payload: step.payload, lua) }
                // A read that a stop ended may have been the last thing that the code did.
                try lua.checkCancellation()
                try lua.checkPrograms()
            }
            // Tasks begin with the hook that the worker's start has set.
            try lua.keepHook()
            // Every task depends on what the worker's start has accessed.
            lua.accessRecorder?.keep()
        } catch {
            var failure = failure(raising: error, lua)
            switch failure.cause {
            case .timeout:
                failure.message =
                    stage
                    + "timed out after \(Format.plainSeconds(options.startTimeout.inSeconds)) s"
            case .cancelled: break
            default: failure.message = stage + failure.message
            }
            failure.cause = .closed
            lua.pop(lua.top)
            throw failure
        }
    }

    private func call(_ head: Shipment, payload: Shipment?, _ lua: borrowing Lua) throws {
        var count = try decode(head: head, lua) - 1
        if let payload {
            var position = 0
            count += try decoder.decodeElements(payload, at: &position, lua)
        }
        try lua.call(arguments: count)
    }
}
