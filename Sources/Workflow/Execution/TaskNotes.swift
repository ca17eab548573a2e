// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The kinds of notes that a worker adds to the output of a task that computes a module.
enum TaskNote: UInt8 {
    /// An attempt has ended; another may follow.
    case attemptEnded = 1
    /// A message of `self.log`: the level, and the text.
    case log
    /// An annotation: the key, and the value.
    case annotation
    /// The message of `self:fail`.
    case deliberateFailure
    /// The `TaskError` of a pool of the module.
    case taskError
    /// The accesses of the computation.
    case accesses
    /// The accesses while the worker loaded the module.
    case loadingAccesses
    /// The path of the scratch directory.
    case scratch
    /// The name of an input that the module has changed in place.
    case changedInput
    /// The name of a shared input that the module has changed in place, which is an error.
    case changedSharedInput
    /// The functions that were active when the module was stopped.
    case stoppedAt
    /// The record of a call of a pool of the module.
    case call
    /// The worker cannot load the module.
    case cannotLoad
    /// The processor time that the computation took, in nanoseconds.
    case processor
}

/// The notes between the texts of a task's output. Each note begins with a mark, random bytes that the
/// caller has chosen, so that no text can be mistaken for a note.
struct TaskNotes {
    /// The number of bytes of a mark.
    static let markLength = 12

    static func makeMark() -> [UInt8] {
        (0..<markLength).map { _ in UInt8.random(in: 128...255) }
    }

    static func bytes(_ note: TaskNote, mark: [UInt8], _ content: [UInt8]) -> [UInt8] {
        var bytes = mark
        bytes.reserveCapacity(mark.count + 9 + content.count)
        bytes.append(note.rawValue)
        bytes.append(text: content)
        return bytes
    }

    /// Calls `text` and `note` with the parts of a task's output, in order.
    static func forEach(
        in output: [UInt8], mark: [UInt8], text: (ArraySlice<UInt8>) -> Void,
        note: (TaskNote, ArraySlice<UInt8>) -> Void
    ) {
        guard let first = mark.first else { return }
        var start = 0
        var position = 0
        while let found = output[position...].firstIndex(of: first) {
            guard output[found...].starts(with: mark) else {
                position = found + 1
                continue
            }
            if found > start { text(output[start..<found]) }
            var reader = NoteReader(output[(found + mark.count)...])
            let kind = TaskNote(rawValue: reader.byte())
            let content = reader.text()
            if let kind { note(kind, content) }
            position = content.endIndex
            start = position
        }
        if start < output.count { text(output[start...]) }
    }
}
