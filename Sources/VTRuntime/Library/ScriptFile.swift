// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Files that can be scripts.
package enum ScriptFile {
    /// The largest size of a script, in bytes.
    private static let largest = 64 << 20

    /// Returns the reason why a path cannot be a script; nil if it can, and if it cannot be read.
    package static func objection(to path: String) -> String? {
        var about = stat()
        guard stat(path, &about) == 0 else { return nil }
        switch about.st_mode & S_IFMT {
        case S_IFREG:
            guard about.st_size > largest else { return nil }
            return
                "'\(path)' has \(about.st_size >> 20) MiB; a script has at most \(largest >> 20) MiB"
        case S_IFDIR: return nil
        // The shell passes the output of a command under such a name.
        case _ where path.hasPrefix("/dev/fd/") || path == "/dev/stdin": return nil
        case S_IFIFO: return "'\(path)' is a named pipe; give a script"
        case S_IFSOCK: return "'\(path)' is a socket; give a script"
        default: return "'\(path)' is a device; give a script"
        }
    }
}
