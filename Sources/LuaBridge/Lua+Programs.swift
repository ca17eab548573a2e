// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard

extension Lua {
    /// Calls `observer` when Lua code of this state has started a program, and when a signal has
    /// ended one. SIGPIPE and signals that VTLua sends because of a stop do not count. The observer
    /// must not use the state.
    package func observePrograms(_ observer: ((LuaProgram) -> Void)?) {
        let core = StateCore.of(L)
        core.programObserver = observer
        guard observer != nil else { return vtl_observe_programs(L, nil, nil) }
        vtl_observe_programs(
            L,
            { core, program in
                guard let core, let program = program?.pointee else { return }
                let source = String(cString: program.source)
                Unmanaged<StateCore>.fromOpaque(core).takeUnretainedValue().programObserver?(
                    LuaProgram(
                        command: String(cString: program.command),
                        source: source.isEmpty ? nil : source,
                        line: program.line < 0 ? nil : Int(program.line),
                        signal: program.signal == 0 ? nil : program.signal))
            }, Unmanaged.passUnretained(core).toOpaque())
    }

    /// Reports a signal that has ended a program whose `io.popen` value is still open. Waits for at
    /// most half a second for one whose output has been read to its end.
    package func settlePrograms() { vtl_settle_programs(L) }

    /// Throws if a signal has ended a program that Lua code of this state started: the output of such
    /// a program looks complete to that code.
    package func checkPrograms() throws { try checkRun(vtl_programs_checked(L)) }

    /// Makes the programs that Lua code of this state starts, and those that they leave in the
    /// background, end when the evaluation that started them is stopped, with
    /// ``endPrograms(onlyBackground:)``, and with this process.
    package func ownPrograms() { vtl_own_programs(L) }

    /// Ends the programs of this state.
    ///
    /// - Parameter onlyBackground: true to end only those that have been left in the background, and
    ///   not those of `io.popen` that are open.
    package func endPrograms(onlyBackground: Bool) {
        if onlyBackground { vtl_end_backgrounds_of(L) } else { vtl_end_programs_of(L) }
    }
}
