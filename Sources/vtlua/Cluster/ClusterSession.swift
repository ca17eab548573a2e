// SPDX-License-Identifier: BSD-3-Clause

import VTLocalCluster
import VTRuntime
import VTSystem

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
            VTSystem.exit(signals.exitCode ?? 130)
        } catch let error as ResultStream.Failure {
            report("error: \(error)\n")
            VTSystem.exit(1)
        } catch {
            report("error: \(error)\n")
            VTSystem.exit(5)
        }
        VTSystem.exit(0)
    }
}
