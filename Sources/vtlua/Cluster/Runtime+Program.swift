// SPDX-License-Identifier: BSD-3-Clause

import VTLocalCluster
import VTRuntime
import VTSystem

extension Runtime.Options {
    /// The options of this program's runtimes: scripts may offer to start a cluster, and warnings
    /// and what modules print go to standard error.
    ///
    /// - Parameter ask: the answer to offers of a cluster; nil: `VTLUA_ASK` or the user answers.
    static func ofProgram(ask: ClusterAnswers.Policy? = nil) -> Runtime.Options {
        var options = Runtime.Options()
        options.answer = ClusterAnswers.answering(ask)
        options.clusterStarter = { ClusterStarter() }
        options.warn = { report("warning: \($0)\n") }
        options.runOutput = { report($0) }
        options.printsLuaWarnings = true
        if isatty(STDERR_FILENO) != 0 { options.drawProgress = { report($0) } }
        return options
    }
}
