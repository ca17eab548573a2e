// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension Run {
    /// The largest size, in bytes, of a file that is read for the record alone.
    private static let readLimit = 16 << 20

    /// Returns the files that the inputs and outputs of a step name, without those that cannot be
    /// read.
    func files(of step: Plan.Step, at index: Int, _ lua: borrowing Lua) throws -> [FileRecord] {
        var files: [FileRecord] = []
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            try add(input, of: port, into: &files, lua)
        }
        guard let table = outputs[index] else { return files }
        for port in step.definition.outputs where port.type.holdsFiles {
            try lua.push(table)
            try lua.pushRawField(port.name, of: -1)
            defer { lua.pop(2) }
            try collect(port.type, (port.name, true), into: &files, lua)
        }
        return files
    }

    /// Appends the files that an input names.
    private func add(
        _ input: Plan.Input, of port: Port, into files: inout [FileRecord], _ lua: borrowing Lua
    ) throws {
        switch input {
        case .absent, .element: return
        case .value(let value):
            guard port.type.holdsFiles else { return }
            try lua.push(value)
            defer { lua.pop() }
            try collect(port.type, (port.name, false), into: &files, lua)
        case .output(let source):
            let output = plan.steps[source.step].definition.outputs[source.output]
            let type = port.type.holdsFiles ? port.type : output.type
            guard type.holdsFiles else { return }
            try pushOutput(source, lua)
            defer { lua.pop() }
            try collect(type, (port.name, false), into: &files, lua)
        case .table(let table):
            try add(.value(table.constants), of: port, into: &files, lua)
            for element in table.elements {
                try add(element.input, of: element.port, into: &files, lua)
            }
        }
    }

    /// Appends the files that the value on top names.
    private func collect(
        _ type: PortType, _ place: (port: String, isOutput: Bool), into files: inout [FileRecord],
        _ lua: borrowing Lua
    ) throws {
        switch type {
        case .file:
            var status = stat()
            guard let path = lua.text(at: -1), stat(path, &status) == 0 else { return }
            let isSmall = status.st_size <= Self.readLimit
            let digest = keys?.names.digest(ofRecordedFile: path, reading: isSmall)
            files.append(
                FileRecord(
                    port: place.port, isOutput: place.isOutput, path: path, size: status.st_size,
                    digest: digest?.hexadecimal))
        case .list(let element) where element.holdsFiles && lua.type(at: -1) == .table:
            for position in 0..<lua.rawLength(at: -1) {
                try lua.pushRawElement(position + 1, of: -1)
                defer { lua.pop() }
                try collect(element, place, into: &files, lua)
            }
        default: return
        }
    }
}
