// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTSystem

/// A directory of its own for each test, removed at its end.
final class Scratch {
    let path: String

    init() throws { path = try Directory.makeTemporary("/tmp/vtlua-system-XXXXXX") }

    deinit { Directory.removeTree(path) }

    subscript(name: String) -> String { "\(path)/\(name)" }

    var names: [String] { Directory.entries(of: path).map(\.name).sorted() }
}
