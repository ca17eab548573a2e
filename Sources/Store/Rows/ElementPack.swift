// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// A group of elements as bytes: what is the same in another run with the same elements, and the times.
struct ElementPack {
    var elements: [ElementRecord]

    init(_ elements: [ElementRecord]) { self.elements = elements }

    private static let statuses: [ModuleRecord.Status] = [
        .computed, .cached, .failed, .stopped, .suspended,
    ]

    /// The elements column by column, without their times.
    var content: [UInt8] {
        var writer = CBORWriter()
        writer.array(5)
        writer.array(elements.count)
        for element in elements {
            writer.array(element.place.count)
            for position in element.place { writer.add(position) }
        }
        writer.array(elements.count)
        for element in elements { writer.add(Self.statuses.firstIndex(of: element.status) ?? 0) }
        writer.array(elements.count)
        for element in elements { writer.add(element.key?.bytes) }
        writer.array(elements.count)
        for element in elements {
            writer.array(element.inputs.count)
            for input in element.inputs { writer.add(input) }
        }
        writer.array(elements.count)
        for element in elements { writer.add(element.error) }
        return writer.bytes
    }

    /// The times in microseconds, the workers and the attempts; empty where no element was computed.
    ///
    /// - Parameter start: the start of the run, in seconds since 1970.
    func times(since start: Double) -> [UInt8] {
        if elements.allSatisfy({ $0.status == .cached }) { return [] }
        func microseconds(_ seconds: Double) -> Int {
            seconds > 0 && seconds < 1e9 ? Int((seconds * 1e6).rounded()) : 0
        }
        var writer = CBORWriter()
        writer.array(4 * elements.count)
        for element in elements {
            writer.add(element.started == 0 ? 0 : microseconds(element.started - start))
            writer.add(microseconds(element.seconds))
            writer.add(element.worker)
            writer.add(element.attempts)
        }
        return writer.bytes
    }

    /// Reads a group; nil where the bytes are damaged.
    init?(content: [UInt8], times: [UInt8], since start: Double) {
        elements = []
        var reader = CBORReader(content)
        do throws(CBORReader.Malformed) {
            _ = try reader.array(of: 5)
            let places = try reader.list { reader throws(CBORReader.Malformed) in
                try reader.integers()
            }
            let statuses = try reader.integers()
            let keys = try reader.list { reader throws(CBORReader.Malformed) in
                try reader.optionalData()
            }
            let inputs = try reader.list { reader throws(CBORReader.Malformed) in
                try reader.list { reader throws(CBORReader.Malformed) in try reader.text() }
            }
            let errors = try reader.list { reader throws(CBORReader.Malformed) in
                try reader.optionalText()
            }
            let counts = [statuses.count, keys.count, inputs.count, errors.count]
            guard counts.allSatisfy({ $0 == places.count }) else { return nil }
            for (index, place) in places.enumerated() {
                guard Self.statuses.indices.contains(statuses[index]) else { return nil }
                var element = ElementRecord(place: place, status: Self.statuses[statuses[index]])
                element.key = keys[index].map(Digest.init(bytes:))
                element.inputs = inputs[index]
                element.error = errors[index]
                elements.append(element)
            }
            if times.isEmpty { return }
            var reader = CBORReader(times)
            let numbers = try reader.integers()
            guard numbers.count == 4 * elements.count else { return nil }
            for index in elements.indices {
                let started = numbers[4 * index]
                elements[index].started = started == 0 ? 0 : start + Double(started) * 1e-6
                elements[index].seconds = Double(numbers[4 * index + 1]) * 1e-6
                elements[index].worker = numbers[4 * index + 2]
                elements[index].attempts = numbers[4 * index + 3]
            }
        } catch { return nil }
    }
}
