// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import Glibc

/// What scripts and C code have written to standard output and standard error goes out. It never
/// waits for a thread that reads from a file or a program.
package func flushOutput() { vtp_flush_output() }

/// Writes all of a text to a file descriptor, behind what C code wrote; gives the number of what
/// went wrong.
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

/// All that is left in a stream.
package func readAll(_ stream: UnsafeMutablePointer<FILE>) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&chunk, 1, chunk.count, stream)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

/// Tells a person something, on standard error. Where this fails there is nobody to tell.
package func report(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
