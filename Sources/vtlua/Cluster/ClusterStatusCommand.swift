// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster
import VTLuaTooling
import VTRuntime
import VTSystem

/// `vtlua cluster status`
struct ClusterStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the cluster's engines and their state.",
        discussion: "Exits with 5 when there is no cluster or it does not reply.")

    @OptionGroup var choice: ClusterChoice

    @Option(help: "Read the connection from this ipcontroller-client.json.")
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Wait up to S seconds for the controller to reply.", valueName: "s"))
    var timeout = 10.0

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard timeout > 0 else {
            throw ValidationError("--timeout must be positive, got \(timeout)")
        }
        guard file == nil || choice.isDefault else {
            throw ValidationError("--file cannot be combined with options that select a profile")
        }
    }

    func run() throws {
        try ClusterSession().run { session in
            let profile = try file.map { ClusterProfile(clientFile: $0) } ?? choice.found
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
        let object = JSON.document([
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
        commandName: "stop", abstract: "Stop the controller and the engines.")

    @OptionGroup var choice: ClusterChoice

    @Flag(help: "Also stop a controller that another program started; its engines end with it.")
    var foreign = false

    func run() throws {
        try ClusterSession().run { session in
            let profile = try choice.found
            if let cluster = try LocalCluster.find(profile) {
                let isWhole = cluster.controller != nil
                let left = try cluster.stop(check: session.check)
                report(
                    isWhole
                        ? "stopped the cluster of \(profile.description)\n"
                        : "stopped the engines started by vtlua in \(profile.description)\n"
                )
                return name(left)
            }
            let status = try ClusterStatus.ask(profile, timeout: 5, check: session.check)
            guard foreign else {
                throw ClusterError(
                    .foreign,
                    "the controller at \(status.address) was started by another program; stop it "
                        + "with that program, or with: \(profile.command("stop")) --foreign")
            }
            let left = try profile.shutDown(timeout: 5)
            report("asked the controller at \(status.address) to shut down\n")
            name(left)
        }
    }

    /// Names the engines that may still run.
    private func name(_ left: [String]) {
        guard !left.isEmpty else { return }
        report(
            "warning: \(left.joined(separator: ", ")) did not answer the request to end, and may "
                + "still run\n")
    }
}

/// `vtlua cluster scale`
struct ClusterScale: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Start or stop engines on this machine until N are running.",
        discussion: "The newest idle engines are stopped first.")

    @OptionGroup var choice: ClusterChoice

    @Argument(help: ArgumentHelp("The number of engines.", valueName: "n"))
    var engines: Int

    @Option(
        help: ArgumentHelp("Wait up to S seconds for new engines to join.", valueName: "s"))
    var timeout = 60.0

    func validate() throws {
        guard (0...10_000).contains(engines) else {
            throw ValidationError("the number of engines must be 0 to 10000, got \(engines)")
        }
    }

    func run() throws {
        try ClusterSession().run { session in
            let profile = try choice.found
            _ = try ClusterStatus.ask(profile, check: session.check)
            let cluster = try LocalCluster.joining(profile)
            let before = cluster.engines.filter(\.process.isAlive).count
            let line = StatusLine()
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
