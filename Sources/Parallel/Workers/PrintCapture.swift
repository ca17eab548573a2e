// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTLuaBridge

/// The output of a worker's `print`, `io.write` and `io.stdout:write`, which is returned with the
/// task's result.
///
/// `io.write` to another file than standard output is not captured.
final class PrintCapture: TaskOutput {
    private var bytes: [UInt8] = []
    /// Holds the output where the parent process can read it, also after the end of this one.
    private let page: UnsafeMutablePointer<vtp_page>?
    /// True while there is output: the run of tasks pauses, so that it is added to its task.
    let attention = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

    /// The bytes of output that are kept for a task; the rest is dropped.
    private static let limit = Int(VTP_PRINTED)

    /// The number of bytes of notes among those that are held.
    private var notes = 0
    private static let mostNotes = Int(VTP_NOTES)

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
        lua.setTaskOutput(self)
    }

    deinit { attention.deallocate() }

    var isHolding: Bool { attention.pointee }

    func take() -> [UInt8] {
        attention.pointee = false
        notes = 0
        guard let page else {
            defer { bytes = [] }
            return bytes
        }
        defer { vtp_store(&page.pointee.printed, 0) }
        return Array(
            UnsafeRawBufferPointer(
                start: vtp_page_printed(page), count: Int(vtp_load(&page.pointee.printed))))
    }

    func add(note: [UInt8]) -> Bool {
        guard notes + note.count <= Self.mostNotes else { return false }
        attention.pointee = true
        notes += note.count
        note.withUnsafeBytes { keep($0) }
        return true
    }

    func add(printed: UnsafeRawBufferPointer) { add(printed) }

    private func add(_ more: UnsafeRawBufferPointer) {
        attention.pointee = true
        listener?(more)
        let held = page.map { Int(vtp_load(&$0.pointee.printed)) } ?? bytes.count
        keep(UnsafeRawBufferPointer(rebasing: more.prefix(max(0, Self.limit + notes - held))))
    }

    private func keep(_ more: UnsafeRawBufferPointer) {
        guard let page else { return bytes.append(contentsOf: more) }
        let held = Int(vtp_load(&page.pointee.printed))
        UnsafeMutableRawBufferPointer(start: vtp_page_printed(page) + held, count: more.count)
            .copyMemory(from: more)
        vtp_store(&page.pointee.printed, Int64(held + more.count))
    }
}
