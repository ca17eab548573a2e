// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge

/// The output of a worker's `print`, `io.write` and `io.stdout:write`, which is returned with the
/// task's result.
///
/// `io.write` to another file than standard output is not captured.
final class PrintCapture {
    private var bytes: [UInt8] = []
    /// Holds the output where the parent process can read it, also after the end of this one.
    private let page: UnsafeMutablePointer<vtp_page>?
    /// True while there is output: the run of tasks pauses, so that it is added to its task.
    let attention = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

    /// The bytes of output that are kept for a task; the rest is dropped.
    private static let limit = Int(VTP_PRINTED)

    /// Called with the output at once.
    var listener: ((UnsafeRawBufferPointer) -> Void)?

    /// - Parameter page: the memory that a worker process shares with its parent; nil in a thread.
    init(_ lua: borrowing Lua, page: UnsafeMutablePointer<vtp_page>?) throws {
        self.page = page
        attention.initialize(to: false)
        try lua.redirectPrint { [unowned self] in { self.add($0) } }
        try lua.check(
            vtp_capture_output(
                lua.L,
                { context, bytes, count in
                    guard let context else { return }
                    Unmanaged<PrintCapture>.fromOpaque(context)._withUnsafeGuaranteedRef {
                        $0.add(UnsafeRawBufferPointer(start: bytes, count: count))
                    }
                }, Unmanaged.passUnretained(self).toOpaque()))
    }

    deinit { attention.deallocate() }

    var isHolding: Bool { attention.pointee }

    func take() -> [UInt8] {
        attention.pointee = false
        guard let page else {
            defer { bytes = [] }
            return bytes
        }
        defer { vtp_store(&page.pointee.printed, 0) }
        return Array(
            UnsafeRawBufferPointer(
                start: vtp_page_printed(page), count: Int(vtp_load(&page.pointee.printed))))
    }

    private func add(_ more: UnsafeRawBufferPointer) {
        attention.pointee = true
        listener?(more)
        guard let page else {
            bytes.append(contentsOf: more.prefix(max(0, Self.limit - bytes.count)))
            return
        }
        let held = Int(vtp_load(&page.pointee.printed))
        let kept = more.prefix(max(0, Self.limit - held))
        UnsafeMutableRawBufferPointer(start: vtp_page_printed(page) + held, count: kept.count)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: kept))
        vtp_store(&page.pointee.printed, Int64(held + kept.count))
    }
}
