// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser

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
