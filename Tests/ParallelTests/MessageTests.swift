// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

@testable import VTParallel

/// What messages hold: it comes back as it was, and a part of it is refused.
@Suite struct MessageTests {
    /// Reads all of the bytes, then each of their beginnings, which must fail.
    private func check(
        _ writer: ByteWriter, _ read: (inout ByteReader) throws -> Void
    ) throws {
        try writer.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            try read(&reader)
            #expect(reader.left == 0)
            for count in 0..<bytes.count {
                var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                #expect(throws: ByteReader.Damaged.self) { try read(&reader) }
            }
        }
    }

    @Test func optionsOfWorkers() throws {
        var options = WorkerOptions(count: 3)
        options.memoryLimit = 1 << 30
        options.maxTasks = 7
        options.libraries = ["stats", ""]
        options.startTimeout = .milliseconds(250)
        options.searchPath.path = "?.lua"
        options.searchPath.directories = ["a b", "ü"]
        var writer = ByteWriter()
        writer.add(options)
        try check(writer) { reader in
            let read = try reader.readWorkerOptions()
            #expect(read.count == 3)
            #expect(read.memoryLimit == 1 << 30)
            #expect(read.maxTasks == 7)
            #expect(read.libraries == ["stats", ""])
            #expect(read.startTimeout == .milliseconds(250))
            #expect(read.searchPath.path == "?.lua")
            #expect(read.searchPath.cpath == "")
            #expect(read.searchPath.directories == ["a b", "ü"])
            #expect(read.initializer == nil)
        }
    }

    @Test func optionsOfCalls() throws {
        var options = CallOptions()
        options.timeout = .milliseconds(1500)
        options.retries = 2
        options.onError = .collect
        var writer = ByteWriter()
        writer.add(options)
        try check(writer) { reader in
            let read = try reader.readCallOptions()
            #expect(read.timeout == .milliseconds(1500))
            #expect(read.retries == 2)
            #expect(read.onError == .collect)
        }
    }

    @Test func failures() throws {
        let frame = LuaFrame(source: "@m.lua", shortSource: "m.lua", name: "f", line: 3)
        let failure = TaskFailure(cause: .died, message: "no ü more", traceback: [frame, frame])
        var writer = ByteWriter()
        writer.add(failure)
        try check(writer) { reader in
            let read = try reader.readFailure()
            #expect(read.cause == .died)
            #expect(read.message == "no ü more")
            #expect(read.traceback == [frame, frame])
            #expect(read.value == nil)
        }
    }
}
