// SPDX-License-Identifier: BSD-3-Clause

/// Calls the body with access to several buffers at once; rethrows the body's error.
func lending<Value, Failure: Error>(
    _ buffers: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) throws(Failure) -> Value
) throws(Failure) -> Value {
    var all: [UInt8] = []
    all.reserveCapacity(buffers.reduce(0) { $0 + $1.count })
    for buffer in buffers { all += buffer }
    var result: Result<Value, Failure>?
    all.withUnsafeBytes { bytes in
        var end = 0
        let pieces = buffers.map { buffer in
            defer { end += buffer.count }
            return UnsafeRawBufferPointer(rebasing: bytes[end..<(end + buffer.count)])
        }
        do throws(Failure) {
            result = .success(try body(pieces))
        } catch { result = .failure(error) }
    }
    guard let result else { preconditionFailure("the body was called") }
    return try result.get()
}
