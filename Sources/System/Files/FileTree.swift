// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// Looking at files as the libraries `files` and `process` do.
package enum FileTree {
    /// Returns the paths that match a pattern, each ended by a zero byte; nil after an error.
    ///
    /// - Parameter flags: those of `vty_glob`.
    package static func glob(_ pattern: [UInt8], flags: Int32) -> [UInt8]? {
        var found = vty_names()
        guard pattern.withCPath({ vty_glob($0, flags, &found, nil, nil) }) == 0 else { return nil }
        defer { free(found.bytes) }
        return Array(UnsafeRawBufferPointer(start: found.bytes, count: found.length))
    }

    /// Returns the text by which the status of a file is observed; empty where there is none.
    ///
    /// - Parameter all: false for the kind of the file alone.
    package static func statusText(_ path: [UInt8], all: Bool) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 96) { text in
            guard let start = text.baseAddress else { return "" }
            path.withCPath { vty_status_text($0, all, start) }
            return String(cString: start)
        }
    }

    /// Returns the file of a program in a list of directories; nil: those of PATH.
    package static func program(_ name: [UInt8], in search: [UInt8]?) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(VTY_PROGRAM_PATH)) { path in
            guard let start = path.baseAddress else { return nil }
            let problem = name.withCPath { name in
                search?.withCPath { vty_find_program(name, $0, start) }
                    ?? vty_find_program(name, vty_program_path(nil), start)
            }
            return problem == 0
                ? Array(UnsafeRawBufferPointer(start: start, count: strlen(start))) : nil
        }
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes as a string of C.
    fileprivate func withCPath<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
        (self.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { bytes in
            // The buffer has at least the zero byte.
            body(bytes.baseAddress!)
        }
    }
}
