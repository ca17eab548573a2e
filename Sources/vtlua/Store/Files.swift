// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime

/// Writes a file under a temporary name and renames it, so that readers never see a partial file.
///
/// - Returns: the reason of a failure; nil on success.
func writeFile(_ text: String, to path: String) -> String? {
    var about = stat()
    // Anything but a regular file, such as /dev/stdout, is written directly.
    let isPlain = stat(path, &about) != 0 || about.st_mode & S_IFMT == S_IFREG
    let name = isPlain ? "\(path).\(getpid()).tmp" : path
    let file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard file >= 0 else { return String(cString: strerror(errno)) }
    var failed = writeAll(text, to: file)
    if close(file) != 0, failed == nil { failed = errno }
    if isPlain, failed == nil, rename(name, path) != 0 { failed = errno }
    guard let failed else { return nil }
    if isPlain { unlink(name) }
    return String(cString: strerror(failed))
}
