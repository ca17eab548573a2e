// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// Replaces a file, so that readers never see a partial one.
///
/// - Returns: the reason of a failure; nil on success.
func writeFile(_ text: String, to path: String) -> String? {
    flushOutput()
    do {
        try File.replace(path, by: text)
        return nil
    } catch {
        return error.reason
    }
}
