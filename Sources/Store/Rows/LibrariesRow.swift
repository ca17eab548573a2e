// SPDX-License-Identifier: BSD-3-Clause

/// A row of the table `libraries`: a set of libraries that nodes share.
struct LibrariesRow: TableRow {
    static let table = "libraries"

    enum Column: String, TableColumn {
        case digest, libraries
    }

    /// The digest of the list.
    var digest: [UInt8]
    /// The list as CBOR; see ``CBORWriter/libraries(_:)``.
    var libraries: [UInt8]

    static let insertion = insertStatement("INSERT OR IGNORE")

    func value(of column: Column) -> Database.Value {
        switch column {
        case .digest: .bytes(digest)
        case .libraries: .bytes(libraries)
        }
    }
}
