// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTRuntime

/// `vtlua cluster logs`
struct ClusterLogs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What the controller and the engines have logged.")

    @OptionGroup var choice: ClusterChoice

    @Flag(name: .customShort("f"), help: "Go on with what is logged from now on.")
    var follows = false

    @Option(
        name: .customShort("n"), help: ArgumentHelp("Of each, the last lines.", valueName: "lines"))
    var count = 20

    @Argument(
        help: ArgumentHelp(
            "controller, engine, or engine N (default: all).", valueName: "controller|engine N"))
    var whose: [String] = []

    private enum Whose: Equatable { case all, controller, engines, engine(Int) }

    private func parsed() throws -> Whose {
        switch (whose.first, whose.count) {
        case (nil, _): return .all
        case ("controller", 1): return .controller
        case ("engine", 1): return .engines
        case ("engine", 2):
            if let id = Int(whose[1]) { return .engine(id) }
            fallthrough
        default:
            throw ValidationError(
                "'\(whose.joined(separator: " "))': say controller, engine, or engine N")
        }
    }

    func validate() throws {
        _ = try parsed()
        guard count >= 0 else { throw ValidationError("-n: at least 0 lines") }
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
                    "there is no log of \(whose.joined(separator: " ")); there are those of: "
                        + (names.isEmpty ? "nobody" : names))
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
