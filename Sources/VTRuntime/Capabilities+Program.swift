// SPDX-License-Identifier: BSD-3-Clause

package import Workflow

extension Capabilities {
    /// What modules may require in this program.
    package static var ofThisProgram: Capabilities {
        var found = Capabilities(
            absent: ["cluster": "there is none yet; use threads or processes of this machine"])
        do {
            _ = try WorkerRuntime.program()
            found.present.append("processes")
        } catch {
            found.absent["processes"] = error.message
        }
        return found
    }
}
