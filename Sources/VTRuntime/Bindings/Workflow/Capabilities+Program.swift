// SPDX-License-Identifier: BSD-3-Clause

package import VTWorkflow

extension Capabilities {
    /// The features that modules may require in this program.
    package static var ofThisProgram: Capabilities {
        var found = Capabilities(absent: [:])
        do {
            _ = try WorkerProgram.path()
            found.present.append("processes")
        } catch {
            found.absent["processes"] = error.message
        }
        // Looked up at the first use, because the user may be asked to start a cluster.
        found.present.append("cluster")
        return found
    }
}
