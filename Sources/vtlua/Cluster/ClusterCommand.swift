// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTLocalCluster
import VTRuntime

/// `vtlua cluster`
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Start and stop an IPython cluster on this machine.",
        discussion: """
            A cluster consists of ipyparallel's controller and engines that run tasks. It runs \
            until it is stopped. Its files are in an IPython profile, by default \
            ~/.ipython/profile_default: connection files in security, logs in log.
            """,
        subcommands: [
            ClusterStart.self, ClusterStatusCommand.self, ClusterStop.self, ClusterScale.self,
            ClusterLogs.self, ClusterConfigCommand.self, ClusterInstall.self, ClusterWatch.self,
        ])
}

/// The options that select a cluster.
struct ClusterChoice: ParsableArguments {
    @Option(help: "Select an IPython profile by name or directory.")
    var profile: String?

    @Option(name: .customLong("profile-dir"), help: "Select an IPython profile by directory.")
    var profileDirectory: String?

    @Option(
        name: .customLong("cluster-id"),
        help: "Select a cluster when the profile has several.")
    var clusterID: String?

    func validate() throws {
        guard profile == nil || profileDirectory == nil else {
            throw ValidationError("--profile and --profile-dir cannot be combined")
        }
        do { _ = try found } catch { throw ValidationError(error.message) }
    }

    var found: ClusterProfile {
        get throws(ClusterError) {
            try ClusterProfile(
                profile: profile, directory: profileDirectory, clusterID: clusterID)
        }
    }
}

/// Runs a cluster command. Every error becomes a message and an exit code.
struct ClusterSession {
    let signals = Signals.cancelling()

    private struct Interrupted: Error {}

    /// Throws when a signal has asked the program to end.
    func check() throws { if Signals.hasArrived { throw Interrupted() } }

    func run(_ body: (ClusterSession) throws -> Void) throws -> Never {
        do {
            try body(self)
        } catch is Interrupted {
            // The thread that receives signals has stored it, or stores it in a moment.
            for _ in 0..<100 where signals.exitCode == nil { usleep(1000) }
            report("error: \(signals.name ?? "interrupted")\n")
            Glibc.exit(signals.exitCode ?? 130)
        } catch let error as ResultStream.Failure {
            report("error: \(error)\n")
            Glibc.exit(1)
        } catch {
            report("error: \(error)\n")
            Glibc.exit(5)
        }
        Glibc.exit(0)
    }
}

/// `vtlua cluster watch`: stops a cluster when the process that started it ends.
struct ClusterWatch: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Stop a cluster when its owner ends.",
        shouldDisplay: false)

    @OptionGroup var choice: ClusterChoice

    @Option var owner: Int32

    @Option(name: .customLong("owner-start")) var ownerStart: Int

    func run() throws {
        do {
            try LocalCluster.watch(try choice.found, owner: (owner, ownerStart))
        } catch {
            report("vtlua cluster watch: \(error)\n")
            throw ExitCode(5)
        }
    }
}
