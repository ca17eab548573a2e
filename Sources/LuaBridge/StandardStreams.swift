// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard
internal import Glibc

/// C's standard streams, which are those of `print` and `io`. Text written past them would come
/// in another order.
public enum StandardStreams {
    /// Writes the bytes behind everything printed so far, and flushes.
    public static func write(_ bytes: UnsafeRawBufferPointer) {
        vtl_write(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
    }

    /// Writes the text behind everything printed so far, and flushes.
    public static func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes `program: text` and an end of line to standard error.
    public static func report(_ text: String, as program: UnsafePointer<CChar>?) {
        vtl_report(program, text)
    }

    /// Lends the next line of standard input, without its end; nil when there is none.
    public static func withLine<R>(
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R? {
        var length = 0
        guard let line = vtl_read_line(&length) else { return nil }
        defer { free(line) }
        return try body(UnsafeRawBufferPointer(start: line, count: length))
    }
}
