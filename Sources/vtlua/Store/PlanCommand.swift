// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show which nodes would run, and why; compute nothing.",
        discussion: "Exits with 0, or with 7 when --check is given and a node would or may run.")

    @OptionGroup var input: FlowInput
    @OptionGroup var store: StoreOption

    @Option(
        name: [.customShort("t"), .customLong("target")],
        help: ArgumentHelp("Plan only this node and its dependencies.", valueName: "node"))
    var targets: [String] = []

    @Flag(help: "Exit with 7 when a node would or may run.")
    var check = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.takingStandardOutput()
        let session = FlowSession(
            path: input.flow, results: results, store: store.place, json: json,
            signals: Signals.cancelling())
        let code = session.run { runner, lua in
            let plan = try runner.plan(input.parameters, targets: targets, lua)
            let forecasts = try runner.forecast(plan, lua)
            try results.write(
                json ? object(forecasts, runner.graph.name).text + "\n" : text(forecasts))
            return check && forecasts.contains { $0.state == .run || $0.state == .mayRun } ? 7 : 0
        }
        throw ExitCode(code)
    }

    private func text(_ forecasts: [Forecast]) -> String {
        let width = forecasts.map(\.node.count).max() ?? 0
        let states = max(8, forecasts.map(\.state.rawValue.count).max() ?? 0)
        var text = ""
        for forecast in forecasts {
            text += forecast.state.rawValue.padded(to: states + 1)
            guard let reason = forecast.reason ?? forecast.elements?.sentence else {
                text += forecast.node + "\n"
                continue
            }
            text += forecast.node.padded(to: width) + "  " + reason + "\n"
        }
        let runs = forecasts.count { $0.state == .run }
        let others = forecasts.count { $0.state == .mayRun }
        text +=
            "\(runs) of \(forecasts.count) would run"
            + (others == 0 ? "\n" : ", and \(others) may run\n")
        for forecast in forecasts {
            guard let reason = forecast.stays else { continue }
            text += "`\(forecast.node)` computes on the interpreter: \(reason)\n"
        }
        return text
    }

    private func object(_ forecasts: [Forecast], _ workflow: String) -> JSON {
        let nodes = forecasts.map { forecast in
            JSON.object([
                ("name", .string(forecast.node)), ("module", .string(forecast.module)),
                ("status", .string(forecast.state.rawValue)),
                ("reason", forecast.reason.map(JSON.string) ?? .null),
                ("elements", forecast.elements?.json ?? .null),
                ("interpreter", forecast.stays.map(JSON.string) ?? .null),
            ])
        }
        return .document([
            ("workflow", .string(workflow)), ("nodes", .array(nodes)),
        ])
    }
}

extension Forecast.Elements {
    fileprivate var json: JSON {
        .object([
            ("total", .integer(total)), ("looked_up", .integer(lookedUp)),
            ("cached", .integer(cached)), ("to_compute", .integer(missing)),
            ("first", first.map(JSON.string) ?? .null),
        ])
    }
}
