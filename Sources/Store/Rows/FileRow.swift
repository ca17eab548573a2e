// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// A row of the table `files`: the digest of a file's content, found again while the file is
/// unchanged.
struct FileRow: TableRow {
    static let table = "files"

    enum Column: String, TableColumn {
        case device, inode, size, modified, changed, digest
    }

    var device: Int
    var inode: Int
    var size: Int
    /// Nanoseconds since 1970: when the content and the inode changed.
    var modified: Int
    var changed: Int
    var digest: [UInt8] = []

    init(_ about: stat) {
        device = Int(bitPattern: UInt(about.st_dev))
        inode = Int(bitPattern: UInt(about.st_ino))
        size = about.st_size
        modified = about.st_mtim.nanoseconds
        changed = about.st_ctim.nanoseconds
    }

    static let insertion = insertStatement("INSERT OR REPLACE")

    /// The digest of a file of which all other columns are the same.
    static let selection = Selection<Column>(
        [.digest],
        """
        FROM files
        WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
        """)

    func value(of column: Column) -> Database.Value {
        switch column {
        case .device: .integer(device)
        case .inode: .integer(inode)
        case .size: .integer(size)
        case .modified: .integer(modified)
        case .changed: .integer(changed)
        case .digest: .bytes(digest)
        }
    }
}
