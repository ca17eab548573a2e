// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard
internal import VTSystem

/// C's standard streams, which `print` and `io` use. Output that bypasses them would appear in
/// another order.
public enum StandardStreams {
    /// Writes bytes to standard output, after the buffered output, and flushes.
    public static func write(_ bytes: UnsafeRawBufferPointer) {
        vtl_write(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
    }

    /// Writes a text to standard output, after the buffered output, and flushes.
    public static func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes `program: text` and an end of line to standard error.
    public static func report(_ text: String, as program: UnsafePointer<CChar>?) {
        vtl_report(program, text)
    }

    /// True if bytes of standard input were read and not used yet.
    public static var hasBufferedInput: Bool { vtl_has_buffered_input() }

    /// Calls `body` with the next line of standard input, without its end; nil at the end of the
    /// input.
    public static func withLine<R>(
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R? {
        var wasInterrupted = false
        return try withLine(&wasInterrupted, body)
    }

    /// Calls `body` with the next line of standard input, without its end; nil at the end of the
    /// input, and when a signal has interrupted the wait, which `wasInterrupted` then says.
    public static func withLine<R>(
        _ wasInterrupted: inout Bool, _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R? {
        var length = 0
        guard let line = vtl_read_line(&length, &wasInterrupted) else { return nil }
        defer { free(line) }
        return try body(UnsafeRawBufferPointer(start: line, count: length))
    }
}
