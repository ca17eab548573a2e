// SPDX-License-Identifier: BSD-3-Clause

package import VTWorkflow

extension Capabilities {
    /// What modules may require in this program.
    package static var ofThisProgram: Capabilities {
        var found = Capabilities(absent: [:])
        do {
            _ = try WorkerRuntime.program()
            found.present.append("processes")
        } catch {
            found.absent["processes"] = error.message
        }
        // Whether one is there is seen when it is asked for: the user may be offered one.
        found.present.append("cluster")
        return found
    }
}
