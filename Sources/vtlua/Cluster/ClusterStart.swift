// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster
import VTLuaTooling
import VTRuntime
import VTSystem

/// `vtlua cluster start`
struct ClusterStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start a controller and engines on this machine.",
        discussion: """
            The controller is ipyparallel's. VTLUA_IPCONTROLLER, or the first line of \
            ~/.config/vtlua/python, is the path of ipcontroller or of a Python that has \
            ipyparallel. By default it is the one of `vtlua cluster install`, or ipcontroller on \
            the PATH.

            The controller is started with --ping=500, so that it notices joining and lost \
            engines within seconds, and with --nodb, so that it does not keep tasks and results.
            """)

    @OptionGroup var choice: ClusterChoice

    @Option(
        name: .customShort("n"),
        help: ArgumentHelp("Start N engines. Default: one for each processor.", valueName: "n"))
    var engines: Int?

    @Option(
        help: """
            Set the address at which the controller listens; 0.0.0.0 is all interfaces. Default: \
            127.0.0.1.
            """)
    var ip: String?

    @Flag(help: "Encrypt all connections with CURVE.")
    var curve = false

    @Flag(help: "Keep tasks and results in the controller, for get_result.")
    var db = false

    @Flag(help: "Keep the ports and the key of the existing connection files.")
    var reuse = false

    @Flag(help: "Like --reuse, and adopt the engines of a crashed controller.")
    var restore = false

    @Option(
        help: ArgumentHelp(
            "Wait up to S seconds for the controller to reply and all engines to join.",
            valueName: "s"))
    var timeout = 60.0

    @Option(
        name: .customLong("controller-arg"),
        help: ArgumentHelp(
            "Pass an argument to ipcontroller, such as --hwm=0. Can be repeated.",
            valueName: "argument"))
    var controllerArguments: [String] = []

    @Flag(help: "Keep running, and stop the cluster at Ctrl-C or SIGTERM.")
    var foreground = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let engines, !(0...10_000).contains(engines) {
            throw ValidationError("-n must be 0 to 10000, got \(engines)")
        }
        guard timeout > 0 else {
            throw ValidationError("--timeout must be positive, got \(timeout)")
        }
    }

    func run() throws {
        try ClusterSession().run { session in
            var options = LocalCluster.Options(
                try choice.found, engines: engines ?? LocalCluster.processors)
            options.ip = ip
            options.isEncrypted = curve
            options.keepsResults = db
            options.reusesFiles = reuse
            options.restoresEngines = restore
            options.timeout = timeout
            options.controllerArguments = controllerArguments
            options.isAttached = foreground
            let line = StatusLine()
            let cluster: LocalCluster
            do {
                defer { line.clear() }
                cluster = try LocalCluster.start(
                    options, progress: { line.show($0) }, check: session.check)
            }
            try show(options.profile, session)
            guard foreground else { return }
            while !Signals.hasArrived, cluster.controller?.isAlive ?? false { usleep(100_000) }
            try cluster.stop()
            guard Signals.hasArrived else {
                throw ClusterError(
                    .notRunning,
                    "the controller has ended; see: \(options.profile.command("logs"))")
            }
            report("stopped the cluster of \(options.profile.description)\n")
            VTSystem.exit(session.signals.exitCode ?? 0)
        }
    }

    private func show(_ profile: ClusterProfile, _ session: ClusterSession) throws {
        let status = try ClusterStatus.ask(profile, check: session.check)
        let count = status.engines.count
        try ResultStream.standardOutput.write(
            json
                ? status.json.text + "\n"
                : "\(status.address): \(count) engine\(count == 1 ? "" : "s") in "
                    + "\(profile.description); stop with: \(profile.command("stop"))\n")
    }
}

/// A live line on a terminal that shows what the command waits for.
final class StatusLine {
    private let began = Clock.now
    private var isDrawn = false

    func show(_ progress: LocalCluster.Progress) {
        switch progress {
        case .startingController: draw("starting the controller")
        case .joined(let count, let total): draw("\(count) of \(total) engines have joined")
        }
    }

    func draw(_ text: String) {
        guard Terminal.canRedraw else { return }
        let seconds = (Clock.now - began) / Clock.second
        let shown = (seconds > 0 ? "\(text), \(seconds) s" : text).prefix(Terminal.columns - 1)
        report("\r\u{1b}[2K" + (Terminal.hasColour ? "\u{1b}[36m\(shown)\u{1b}[0m" : shown))
        isDrawn = true
    }

    func clear() {
        if isDrawn { report("\r\u{1b}[2K") }
        isDrawn = false
    }
}
