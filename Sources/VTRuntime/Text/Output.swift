// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import Glibc

/// Flushes the output of scripts and C code. It does not wait for a thread that reads from a file
/// or a program.
package func flushOutput() { vtp_flush_output() }

/// Writes a text to a file descriptor, after the output of C code. Returns the error number, or nil
/// on success.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
    flushOutput()
    var text = text
    return text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return nil
    }
}

/// Reads a stream to its end.
package func readAll(_ stream: UnsafeMutablePointer<FILE>) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&chunk, 1, chunk.count, stream)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

/// Writes a message to standard error. A failure is ignored, because it could not be reported.
package func report(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
