// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Synchronization

/// A directory of scripts for a suite, made when it is first asked for and removed at exit.
struct Scripts: Sendable {
    let directory: String

    /// - Parameter files: what is in them, by their names; both of any bytes.
    init(_ files: [Bytes: Bytes]) {
        let place = FileManager.default.temporaryDirectory
            .appendingPathComponent("vtlua-tests-\(UUID().uuidString)")
        directory = place.path
        try? FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        Self.removeAtExit(directory)
        for (name, contents) in files {
            // Through C, for Foundation's names are text.
            let path = Array("\(directory)/".utf8) + name.bytes + [0]
            let file = open(path.map { CChar(bitPattern: $0) }, O_WRONLY | O_CREAT, 0o644)
            _ = contents.bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            close(file)
        }
    }

    private static let directories = Mutex<[String]>([])

    private static func removeAtExit(_ directory: String) {
        directories.withLock { directories in
            if directories.isEmpty {
                atexit {
                    for directory in Scripts.directories.withLock({ $0 }) {
                        try? FileManager.default.removeItem(atPath: directory)
                    }
                }
            }
            directories.append(directory)
        }
    }
}
