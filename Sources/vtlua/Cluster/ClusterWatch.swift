// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLocalCluster
import VTRuntime

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
