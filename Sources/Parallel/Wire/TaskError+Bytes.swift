// SPDX-License-Identifier: BSD-3-Clause

internal import VTShipping

extension TaskError {
    /// The error as bytes, for ``init(bytes:)`` in another state.
    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.add(
            TaskFailure(
                cause: cause, message: message, traceback: traceback + (sender.map { [$0] } ?? []),
                value: value, omitted: omitted ?? ""))
        for number in [index, total, worker] { writer.add(Int64(number ?? -1)) }
        writer.add(sender == nil ? UInt8(0) : 1)
        writer.add(omitted == nil ? UInt8(0) : 1)
        writer.add(trustsValue ? UInt8(1) : 0)
        writer.add(kind.rawValue)
        writer.add(label == nil ? UInt8(0) : 1)
        writer.add(label ?? "")
        return writer.bytes
    }

    /// Reads the bytes of an error; nil if they are malformed.
    package init?(bytes: [UInt8]) {
        guard
            let error = try? bytes.withUnsafeBytes({ bytes throws -> TaskError? in
                var reader = ByteReader(bytes)
                return try TaskError(&reader)
            })
        else { return nil }
        self = error
    }

    private init?(_ reader: inout ByteReader) throws {
        let failure = try reader.readFailure()
        func number(_ value: Int64) -> Int? { value < 0 ? nil : Int(value) }
        let index = number(try reader.read())
        let total = number(try reader.read())
        let worker = number(try reader.read())
        let hasSender = try reader.read(UInt8.self) == 1
        let hasOmissions = try reader.read(UInt8.self) == 1
        let trustsValue = try reader.read(UInt8.self) == 1
        guard let kind = BackendKind(rawValue: try reader.readText()) else { return nil }
        let hasLabel = try reader.read(UInt8.self) == 1
        let label = try reader.readText()
        self.init(
            message: failure.message,
            traceback: hasSender ? failure.traceback.dropLast() : failure.traceback,
            index: index, total: total, worker: worker, kind: kind,
            label: hasLabel ? label : nil, sender: hasSender ? failure.traceback.last : nil,
            cause: failure.cause, value: failure.value,
            omitted: hasOmissions ? failure.omitted : nil, trustsValue: trustsValue)
    }
}
