// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem
internal import VTSystem

/// Flushes the output of scripts and C code. It does not wait for a thread that reads from a file
/// or a program.
package func flushOutput() { vty_flush_output() }

/// Writes a text to a file descriptor, after the output of C code. Returns the error number, or nil
/// on success.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
    flushOutput()
    do {
        try File.write(Secrets.masked(text), to: descriptor)
        return nil
    } catch {
        return error.number
    }
}

/// Writes bytes to a file descriptor, after the output of C code. Returns the error number, or nil
/// on success.
package func writeAll(bytes: [UInt8], to descriptor: Int32) -> Int32? {
    flushOutput()
    do {
        try File.write(Secrets.masked(bytes), to: descriptor)
        return nil
    } catch {
        return error.number
    }
}
