// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// Events and records with `***` in the place of each secret. Events are also what a host of the library
// receives.

extension RunEvent {
    /// The event without secrets.
    var masked: RunEvent {
        switch self {
        case .progress(let node, let fraction, let note):
            .progress(node: node, fraction: fraction, note: note.map(Secrets.masked))
        case .printed(let node, let text): .printed(node: node, text: Secrets.masked(text))
        case .logged(let node, let level, let message):
            .logged(node: node, level: level, message: Secrets.masked(message))
        case .moduleFinished(let record): .moduleFinished(record.masked)
        case .runStarted, .moduleStarted, .tasks, .runFinished: self
        }
    }
}

extension ModuleRecord {
    /// The record without secrets.
    var masked: ModuleRecord {
        guard Secrets.exist else { return self }
        var record = self
        record.printed = Secrets.masked(printed)
        record.annotations = annotations.map { (Secrets.masked($0.key), $0.value.masked) }
        record.obstacle = obstacle.map(Secrets.masked)
        record.notices = notices.map(Secrets.masked)
        record.failure = failure?.masked
        return record
    }
}

extension ModuleFailure {
    /// The failure without secrets.
    var masked: ModuleFailure {
        var failure = self
        failure.message = Secrets.masked(message)
        failure.inputs = inputs.map { input in
            var input = input
            input.value = Secrets.masked(input.value)
            return input
        }
        failure.task?.message = Secrets.masked(task?.message ?? "")
        failure.thrown = thrown?.masked
        return failure
    }
}

extension LuaValue {
    /// The value with `***` in the place of each secret in its strings.
    var masked: LuaValue {
        switch self {
        case .string(let bytes): .string(LuaBytes(Secrets.masked(bytes.bytes)))
        case .table(let pairs):
            .table(pairs.map { Pair(key: $0.key.masked, value: $0.value.masked) })
        default: self
        }
    }
}
