// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// `vtlua` and Debian's `lua5.4` must print the same bytes and end in the same way.
@Suite(.enabled(if: Program.lua.isInstalled, "lua5.4 is not installed"))
struct LuaModeComparisonTests {
    @Test(arguments: LuaModeCase.options)
    func takesOptions(_ line: LuaModeCase) throws { try compare(line) }

    @Test(arguments: LuaModeCase.inputs)
    func readsStandardInput(_ line: LuaModeCase) throws { try compare(line) }

    @Test(arguments: LuaModeCase.environments)
    func honoursTheEnvironment(_ line: LuaModeCase) throws { try compare(line) }

    @Test(arguments: LuaModeCase.prompts)
    func answersAtThePrompt(_ line: LuaModeCase) throws { try compare(line) }

    @Test(arguments: LuaModeCase.scripts)
    func runsScripts(_ line: LuaModeCase) throws { try compare(line) }

    @Test(arguments: LuaModeCase.modules)
    func loadsModulesInC(_ line: LuaModeCase) throws { try compare(line) }

    private func compare(_ line: LuaModeCase) throws {
        let expected = try outcome(of: .lua, line)
        let found = try outcome(of: .vtlua, line)
        #expect(found.output == expected.output)
        #expect(found.error == expected.error)
        #expect(found.end == expected.end)
    }

    /// Both run under one name, so that nothing but the version's line and addresses differ.
    private func outcome(of program: Program, _ line: LuaModeCase) throws -> Program.Outcome {
        var program = program
        program.name = "lua"
        program.directory = LuaModeScripts.folder.directory
        // Readline must not wrap a line: it draws the wrapped part again, depending on the load.
        program.environment = line.environment.merging(["COLUMNS": "1000"]) { given, _ in given }
        var outcome = try program.run(line.arguments, input: line.input)
        outcome.output = normalised(outcome.output)
        outcome.error = normalised(outcome.error)
        return outcome
    }

    private func normalised(_ text: Bytes) -> Bytes {
        // Latin-1, so that every byte stays what it is.
        guard var letters = String(bytes: text.bytes, encoding: .isoLatin1) else { return text }
        letters = letters.replacing(/VTLua [0-9.]+ \((Lua [0-9.]+)\)/) { "\($0.1)" }
        letters = letters.replacing(/0x[0-9a-f]{6,}/, with: "0x")
        return Bytes(Array(letters.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }))
    }
}
