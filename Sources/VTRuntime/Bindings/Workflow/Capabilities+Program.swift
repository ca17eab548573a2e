// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
package import VTWorkflow

extension Capabilities {
    /// The features that modules may require in this program.
    package static var ofThisProgram: Capabilities {
        var found = Capabilities(absent: [:])
        if Sandbox.refusesPrograms {
            found.absent[.processes] = WorkerProgram.sandboxed
        } else {
            found.addProcesses()
        }
        if Sandbox.refusesNetwork {
            found.absent[.cluster] =
                "the sandbox of this run has no network; --allow-network allows it"
        } else {
            // Looked up at the first use, because the user may be asked to start a cluster.
            found.present.append(.cluster)
        }
        return found
    }

    private mutating func addProcesses() {
        do {
            _ = try WorkerProgram.path()
            present.append(.processes)
        } catch {
            absent[.processes] = error.message
        }
    }
}
