// SPDX-License-Identifier: BSD-3-Clause

/// A row of the table `parts`: a text that many rows of `runs` and `nodes` share.
struct PartsRow: TableRow {
    static let table = "parts"

    enum Column: String, TableColumn {
        case digest, parts
    }

    /// The first digits of the text's digest.
    var digest: String
    /// ``Fields``.
    var parts: [UInt8]

    static let insertion = insertStatement("INSERT OR IGNORE")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .digest: .text(digest)
        case .parts: .utf8(parts)
        }
    }
}
