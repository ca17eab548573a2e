// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTJupyter
import VTRuntime

/// `vtlua cluster status`
struct ClusterStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Who is in the cluster, and what they are doing.",
        discussion: "Exits with 5 when there is none, or none that answers.")

    @OptionGroup var choice: ClusterChoice

    @Option(help: "Seconds that the controller may take to answer.")
    var timeout = 10.0

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout: more than 0 seconds") }
    }

    func run() throws {
        try ClusterSession().run { session in
            let profile = try choice.found
            do {
                let status = try ClusterStatus.ask(
                    profile, timeout: timeout, check: session.check)
                try ResultStream.standardOutput.write(
                    json ? status.json.text + "\n" : status.text)
            } catch let error as ClusterError {
                if json { try ResultStream.standardOutput.write(absence(profile, error)) }
                throw error
            }
        }
    }

    private func absence(_ profile: ClusterProfile, _ error: ClusterError) -> String {
        let object = VTRuntime.JSON.document([
            ("status", .string(error.code.rawValue)),
            ("profile", .string(profile.name)), ("directory", .string(profile.directory)),
            ("cluster_id", .string(profile.clusterID)), ("error", .string(error.message)),
        ])
        return object.text + "\n"
    }
}

/// `vtlua cluster stop`
struct ClusterStop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "End the controller and the engines.")

    @OptionGroup var choice: ClusterChoice

    @Flag(help: "Also a controller that was started by something else; its engines follow it.")
    var foreign = false

    func run() throws {
        try ClusterSession().run { session in
            let profile = try choice.found
            if let cluster = try LocalCluster.find(profile) {
                let isWhole = cluster.controller != nil
                try cluster.stop(check: session.check)
                report(
                    isWhole
                        ? "stopped the cluster of \(profile.description)\n"
                        : "stopped the engines that were started here, in \(profile.description)\n"
                )
                return
            }
            let status = try ClusterStatus.ask(profile, timeout: 5, check: session.check)
            guard foreign else {
                throw ClusterError(
                    .foreign,
                    "the controller at \(status.address) was started by something else; end it "
                        + "there, or with: \(profile.command("stop")) --foreign")
            }
            try HubQuery(profile.connectionFile(.client).read(), timeout: 5).shutdown()
            report("told the controller at \(status.address) to end\n")
        }
    }
}

/// `vtlua cluster scale`
struct ClusterScale: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Start or end engines on this machine, until there are so many.",
        discussion: "The newest that are idle end first.")

    @OptionGroup var choice: ClusterChoice

    @Argument(help: ArgumentHelp("How many there are to be.", valueName: "n"))
    var engines: Int

    @Option(help: "Seconds until new engines have joined.")
    var timeout = 60.0

    func validate() throws {
        guard (0...10_000).contains(engines) else {
            throw ValidationError("a cluster has 0 to 10000 engines, not \(engines)")
        }
    }

    func run() throws {
        try ClusterSession().run { session in
            let profile = try choice.found
            _ = try ClusterStatus.ask(profile, check: session.check)
            let cluster = try LocalCluster.joining(profile)
            let before = cluster.engines.filter(\.process.isAlive).count
            let line = ClusterLine()
            do {
                defer { line.clear() }
                try cluster.scale(
                    to: engines, timeout: timeout, progress: { line.show($0) },
                    check: session.check)
            }
            report("\(before) -> \(engines) engines in \(profile.description)\n")
        }
    }
}
