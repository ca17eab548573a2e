// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import VTRuntime
import VTSystem

/// The parent of a sandboxed run. It starts this program again, as a child that restricts itself; passes
/// on its output and the user's signals; and writes the report.
struct SandboxedRun {
    /// The variable by which the child knows that it is one: the path of its scratch directory.
    static let mark = "VTLUA_SANDBOX"
    /// The variable with the number of the parent.
    static let parent = "VTLUA_SANDBOX_PARENT"
    /// The name of the report in the scratch directory.
    static let pageName = "report.html"

    var options: SandboxOptions
    /// The path of the report; nil: none is wanted.
    var page: String?

    /// The scratch directory, in the child; nil in any other process.
    static var scratch: String? { getenv(mark).map { String(cString: $0) } }

    /// Runs the child to its end.
    ///
    /// - Returns: the exit code.
    func run() -> Int32 {
        if let objection = Sandbox.objection {
            report(
                "error: --sandbox: \(objection). Run without --sandbox what you trust; run other "
                    + "workflows in a container or a virtual machine\n")
            return 2
        }
        do {
            let scratch = try Leftovers.makeScratch(in: Leftovers.temporaryDirectory)
            defer { Directory.removeTree(scratch) }
            let end = try runChild(scratch)
            return keepReport(of: scratch, code(for: end))
        } catch {
            report("error: --sandbox: \(error)\n")
            return 1
        }
    }

    private func runChild(_ scratch: String) throws(SystemError) -> (ProcessEnd, failed: Bool) {
        let output = try OutputRelay(to: STDOUT_FILENO)
        let errors = try OutputRelay(to: STDERR_FILENO)
        var spawn = Spawn(
            pathOfThisProgram ?? "/proc/self/exe", Array(CommandLine.arguments.dropFirst()))
        spawn.environment = environment(scratch)
        spawn.output = output.sink
        spawn.errors = errors.sink
        // Signals and input of the terminal do not reach it.
        spawn.hasSession = true
        let signals = ForwardedSignals.installed()
        let child = try SpawnedProcess(spawn)
        output.start()
        errors.start()
        signals.forward(to: child)
        let end = child.wait(until: .max, interval: 2000)
        let failed = output.finish() != nil
        _ = errors.finish()
        return (end, failed)
    }

    /// The variables that the child has: those that say how the terminal, the language and this program
    /// work, and those that the user allows.
    private func environment(_ scratch: String) -> [String: String?] {
        let kept = [
            "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM", "NO_COLOR",
            "FORCE_COLOR", "LD_LIBRARY_PATH", "SOURCE_DATE_EPOCH",
        ]
        let beginnings = ["LC_", "VTLUA_", "LUA_", "OPENBLAS_", "OMP_"]
        var changes: [String: String?] = [:]
        var next = environ
        while let entry = next.pointee {
            let name = String(String(cString: entry).prefix { $0 != "=" })
            let isKept =
                kept.contains(name) || options.allowEnv.contains(name)
                || beginnings.contains(where: name.hasPrefix)
            if !isKept { changes[name] = .some(nil) }
            next += 1
        }
        changes[Self.mark] = scratch
        changes["TMPDIR"] = scratch
        // The parent reports a crash; the Swift runtime cannot start its own reporter there.
        changes["SWIFT_BACKTRACE"] = "enable=no"
        changes[Self.parent] = "\(getpid())"
        changes[Terminal.sandboxVariable] = Terminal.canRedraw ? "\(Terminal.columns)" : .some(nil)
        return changes
    }

    private func code(for end: (ProcessEnd, failed: Bool)) -> Int32 {
        switch end.0 {
        case .code(let code): return code == 0 && end.failed ? 1 : code
        case .signal(SIGSYS):
            report(
                "error: the sandbox has ended the run: it made a system call that no workflow "
                    + "needs\n")
        case .signal(SIGKILL):
            report(
                "error: the process of the sandboxed run was ended by SIGKILL; the system may have "
                    + "had no memory left\n")
        case .signal, .unknown:
            report("error: the process of the sandboxed run \(end.0)\n")
        }
        return 1
    }

    /// Moves the report that the child has written to its place.
    private func keepReport(of scratch: String, _ code: Int32) -> Int32 {
        guard let page, let html = File.text("\(scratch)/\(Self.pageName)") else { return code }
        guard let reason = writeFile(html, to: page) else { return code }
        report("error: cannot write '\(page)': \(reason)\n")
        return code == 0 ? 1 : code
    }
}

/// Passes SIGINT, SIGTERM and SIGHUP on to the child, which has no terminal.
private final class ForwardedSignals: Sendable {
    private let child = Monitor<SpawnedProcess?>(nil)
    private let early = Monitor<[Int32]>([])
    private static let sink = Atomic<Int32>(-1)

    static func installed() -> ForwardedSignals {
        let signals = ForwardedSignals()
        guard let end = SignalPipe.open({ signals.receive($0) }) else { return signals }
        sink.store(end, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            sigaction(number, nil, &action)
            let isIgnored =
                unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
            if isIgnored { continue }
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { signal in
                WakeupPipe.signal(signal, through: ForwardedSignals.sink.load(ordering: .relaxed))
            }
            sigaction(number, &action, nil)
        }
        return signals
    }

    private func receive(_ number: Int32) {
        child.withLock { child in
            if let child { child.signal(number) } else { early.withLock { $0.append(number) } }
        }
    }

    func forward(to process: SpawnedProcess) {
        child.withLock { child in
            child = process
            for number in early.withLock({ $0 }) { process.signal(number) }
        }
    }
}
