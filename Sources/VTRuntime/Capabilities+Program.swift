// SPDX-License-Identifier: BSD-3-Clause

internal import Jupyter
package import Workflow

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
        // Whether it answers is seen when it is asked for.
        if ConnectionFile(profile: nil, clusterID: nil, role: .client).exists {
            found.present.append("cluster")
        } else {
            found.absent["cluster"] = "there is none; start one with: vtlua cluster start"
        }
        return found
    }
}
