// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge

/// The output of a worker's `print` and `io.write`, which is returned with the task's result.
///
/// `io.write` to another file than standard output is not captured.
final class PrintCapture {
    private var bytes: [UInt8] = []
    /// True while there is output: the run of tasks pauses, so that it is added to its task.
    let attention = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

    /// The bytes of output that are kept for a task; the rest is dropped.
    private static let limit = 1 << 20

    /// Called with the output at once.
    var listener: ((UnsafeRawBufferPointer) -> Void)?

    init(_ lua: borrowing Lua) throws {
        attention.initialize(to: false)
        try lua.redirectPrint { [unowned self] in { self.add($0) } }
    }

    deinit { attention.deallocate() }

    var isHolding: Bool { attention.pointee }

    func take() -> [UInt8] {
        attention.pointee = false
        defer { bytes = [] }
        return bytes
    }

    private func add(_ more: UnsafeRawBufferPointer) {
        attention.pointee = true
        listener?(more)
        bytes.append(contentsOf: more.prefix(max(0, Self.limit - bytes.count)))
    }
}
