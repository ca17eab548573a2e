// SPDX-License-Identifier: BSD-3-Clause

internal import VTReport
package import VTStore

extension ReportReader {
    /// Returns the page of a run; nil if the run is not recorded.
    package static func page(of run: String, in store: Store) throws -> String? {
        guard let found = try store.runs(named: run).first else { return nil }
        var reader = try ReportReader(store)
        return try reader.report(of: found).html
    }
}
