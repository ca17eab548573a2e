// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster
import VTLuaTooling
import VTRuntime
import VTSystem

/// `vtlua cluster logs`
struct ClusterLogs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show the logs of the controller and the engines.")

    @OptionGroup var choice: ClusterChoice

    @Flag(name: .customShort("f"), help: "Keep printing new lines.")
    var follows = false

    @Option(
        name: .customShort("n"),
        help: ArgumentHelp("Show the last N lines of each log.", valueName: "n"))
    var count = 20

    @Argument(
        help: ArgumentHelp(
            "The logs to show: controller, engine or engine N. Default: all.",
            valueName: "controller|engine N"))
    var selection: [String] = []

    private enum Selection: Equatable { case all, controller, engines, engine(Int) }

    private func parsed() throws -> Selection {
        switch (selection.first, selection.count) {
        case (nil, _): return .all
        case ("controller", 1): return .controller
        case ("engine", 1): return .engines
        case ("engine", 2):
            if let id = Int(selection[1]) { return .engine(id) }
            fallthrough
        default:
            throw ValidationError(
                "expected controller, engine or engine N, got '\(selection.joined(separator: " "))'"
            )
        }
    }

    func validate() throws {
        _ = try parsed()
        guard count >= 0 else { throw ValidationError("-n must be at least 0, got \(count)") }
    }

    func run() throws {
        try ClusterSession().run { session in
            let logs = try ClusterLog.logs(of: choice.found, check: session.check)
            let wanted = try parsed()
            let chosen = logs.filter { log in
                switch wanted {
                case .all: true
                case .controller: log.name == "controller"
                case .engines: log.name != "controller"
                case .engine(let id): log.name == "engine \(id)"
                }
            }
            guard !chosen.isEmpty else {
                let names = logs.map(\.name).joined(separator: ", ")
                throw ClusterError(
                    .notRunning,
                    "there is no log of \(selection.joined(separator: " ")); logs exist for: "
                        + (names.isEmpty ? "none" : names))
            }
            try show(chosen, session)
        }
    }

    private func show(_ logs: [ClusterLog], _ session: ClusterSession) throws {
        let width = logs.count > 1 ? logs.map(\.name.count).max() ?? 0 : nil
        var readers = logs.map { LogReader($0.path, last: count) }
        repeat {
            for index in readers.indices {
                for line in readers[index].lines(isLast: !follows) {
                    let label = width.map { logs[index].name.padded(to: $0) + " | " } ?? ""
                    try ResultStream.standardOutput.write(label + line + "\n")
                }
            }
            if follows { usleep(200_000) }
            try session.check()
        } while follows
    }
}
