// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge

/// Keeps what a worker's `print` and `io.write` write, so that it comes back with the task.
///
/// `io.write` to another file than standard output goes there.
final class PrintCapture {
    private var bytes: [UInt8] = []
    /// Set while there is something: the run of tasks pauses, so that it is told whose it is.
    let attention = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

    /// Beyond this many bytes what a task prints is not kept.
    private static let limit = 1 << 20

    /// Is told of it at once, too.
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
