// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// The parent of a sandboxed run. It starts this program again, as a child that restricts itself; passes
/// on its output and the user's signals; uses the store for it; watches its limits; and writes the report.
struct SandboxedRun {
    /// The variable by which the child knows that it is one: the path of its scratch directory.
    static let mark = "VTLUA_SANDBOX"
    /// The variable with the number of the parent.
    static let parent = "VTLUA_SANDBOX_PARENT"

    var options: SandboxOptions
    /// The path of the workflow's script.
    var flow: String
    /// Further files of the command line that the run reads.
    var files: [String]
    /// The rule for the store; nil: the run is not recorded.
    var store: StorePlace?
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
        var scratches: [String] = []
        defer { for path in scratches { Directory.removeTree(path) } }
        do {
            var place = store?.directory(beside: flow)
            let rules = SandboxRules(options, flow: flow, files: files, store: place)
            let isNamed = store?.given != nil || getenv("VTLUA_STORE") != nil
            try rules.prepare(store: place, ownsStore: !isNamed)
            let scratch = try Leftovers.makeScratch(in: Leftovers.temporaryDirectory)
            scratches.append(scratch)
            if place == nil, page != nil, store != nil {
                // The record is only for the report.
                place = try Leftovers.makeScratch(in: Leftovers.temporaryDirectory)
                scratches.append(place ?? "")
            }
            let service = try place.map { try self.service(for: $0, rules) }
            let code = try runChild(rules, scratch, service)
            return keepReport(of: service, code)
        } catch let error as WorkflowError {
            report("error: \(error.message)\n")
            return 2
        } catch {
            report("error: --sandbox: \(error)\n")
            return 1
        }
    }

    private func service(
        for directory: String, _ rules: SandboxRules
    ) throws(SystemError) -> SandboxStore {
        var settings = StoreServer.Options(directory: directory, rights: rules.rights)
        settings.setting.flow = flow
        settings.setting.source = File.text(flow) ?? ""
        settings.setting.version = VTRuntimeVersion.text
        settings.resultLimit = options.memory
        settings.limit = options.disk(at: rules.results)
        return try SandboxStore(settings, rules.ofStore(directory), reportsRun: page != nil)
    }

    private func runChild(
        _ rules: SandboxRules, _ scratch: String, _ service: SandboxStore?
    ) throws(SystemError) -> Int32 {
        let output = try OutputRelay(to: STDOUT_FILENO)
        let errors = try OutputRelay(to: STDERR_FILENO)
        var spawn = Spawn(
            pathOfThisProgram ?? "/proc/self/exe", Array(CommandLine.arguments.dropFirst()))
        spawn.environment = environment(scratch)
        spawn.output = output.sink
        spawn.errors = errors.sink
        spawn.channel = service?.childDescriptor
        // Signals and input of the terminal do not reach it.
        spawn.hasSession = true
        let signals = ForwardedSignals.installed()
        let earlier =
            ProcessTree.hasChildren ? Set(ProcessTree.descendants(of: getpid())) : []
        ProcessTree.adoptOrphans()
        let child = try SpawnedProcess(spawn)
        output.start()
        errors.start()
        service?.closeChildEnd()
        signals.forward(to: child)
        do {
            try service?.start()
        } catch {
            child.kill()
            _ = child.reap()
            throw error
        }
        var watch = SandboxWatch(options, [rules.results, scratch])
        let end = watch.wait(for: child, signals)
        if !ProcessTree.endDescendants(besides: earlier) {
            report("warning: processes that the run has started could not be ended\n")
        }
        signals.restore()
        let failed = output.finish() != nil
        _ = errors.finish()
        return code(for: (end, failed), watch.exceeded)
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

    private func code(
        for end: (ProcessEnd, failed: Bool), _ exceeded: SandboxWatch.Excess?
    ) -> Int32 {
        if let exceeded {
            report("error: \(exceeded.message)\n")
            return exceeded.code
        }
        switch end.0 {
        case .code(let code): return code == 0 && end.failed ? 1 : code
        case .signal(SIGSYS):
            report(
                "error: the sandbox has ended the run: it made a system call that no workflow "
                    + "needs\n")
        case .signal where SandboxWatch.peakOfChildren > options.memory / 4 * 3:
            report(
                "error: the process of the sandboxed run \(end.0); it had used most of the "
                    + "\(Format.binarySize(options.memory)) that it may use; --memory-limit SIZE "
                    + "allows more\n")
        case .signal(SIGKILL):
            report(
                "error: the process of the sandboxed run was ended by SIGKILL; the system may have "
                    + "had no memory left\n")
        case .signal, .unknown:
            report("error: the process of the sandboxed run \(end.0)\n")
        }
        return 1
    }

    /// Writes the report to its place.
    private func keepReport(of service: SandboxStore?, _ code: Int32) -> Int32 {
        guard let outcome = service?.finish(), let page else { return code }
        var error = outcome.error.map { "cannot write the report: \($0)" }
        if let html = outcome.page, let reason = writeFile(html, to: page) {
            error = "cannot write '\(page)': \(reason)"
        }
        guard let error else { return code }
        report("error: \(error)\n")
        return code == 0 ? 1 : code
    }
}
