// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Testing

@testable import VTRuntime

@Suite struct StandardLibraryTests {
    /// `stdlib/` at the top of the project.
    private static let folder = #filePath.components(before: "/Tests/") + "/stdlib"

    private static func modules(in folder: String, prefix: String) -> [String] {
        names(in: folder).flatMap { name in
            name.hasSuffix(".lua")
                ? [prefix + name.dropLast(4)]
                : modules(in: "\(folder)/\(name)", prefix: "\(prefix)\(name).")
        }
    }

    @Test func theProgramHasWhatTheFolderHas() throws {
        let inFolder = Self.modules(in: Self.folder, prefix: "")
        #expect(inFolder.contains("json"))
        #expect(StandardLibrary.modules.sorted() == inFolder.sorted())
        for module in inFolder {
            let file = Self.folder + "/" + module.replacing(".", with: "/") + ".lua"
            let code = try #require(StandardLibrary.code(of: module))
            #expect(Array(code) == bytes(of: file), "\(module): run scripts/embed-stdlib")
        }
    }

    @Test func everyModuleLoads() throws {
        let runtime = try Runtime()
        try runtime.run { lua in
            for module in StandardLibrary.modules { try lua.execute("require '\(module)'") }
        }
        #expect(StandardLibrary.code(of: "no.such") == nil)
    }

    private func bytes(of file: String) -> [UInt8] {
        guard let stream = fopen(file, "rb") else { return [] }
        defer { fclose(stream) }
        var content: [UInt8] = []
        while case let byte = getc(stream), byte != EOF { content.append(UInt8(byte)) }
        return content
    }
}

extension String {
    /// What comes before the last place of `part`.
    func components(before part: String) -> String {
        guard let place = ranges(of: part).last else { return self }
        return String(self[..<place.lowerBound])
    }
}
