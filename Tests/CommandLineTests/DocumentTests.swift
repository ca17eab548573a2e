// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing

/// What the articles show works, and prints what they say it does.
///
/// In their indented blocks, a first line `-- NAME.lua` is that file; `$ vtlua ...` is run among
/// the files so far, and gives the rest of the block; anything else is a script, which prints what
/// its `-->` say.
@Suite struct DocumentTests {
    @Test(arguments: ["parallel", "python"]) func blocksDoWhatTheySay(_ name: String) throws {
        let text = try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../docs/\(name).md"), encoding: .utf8)
        let folder = try Folder()
        let blocks = Self.blocks(of: text)
        #expect(blocks.count >= 3)
        for block in blocks {
            if let file = block.prefixMatch(of: /-- ([\w\/]+\.lua)\n/)?.1 {
                try folder.write(Bytes(block), to: String(file))
            } else if let command = block.prefixMatch(of: /\$ vtlua (.*)\n/) {
                var program = folder.program()
                program.name = "vtlua"
                let found = try program.run(command.1.split(separator: " ").map { Bytes("\($0)") })
                let said = block[command.range.upperBound...]
                #expect(Self.plain(found.output.text + found.error.text) == Self.plain("\(said)"))
            } else {
                try folder.write(Bytes(block), to: "block.lua")
                let found = try folder.vtlua("block.lua")
                let said = block.split(separator: "\n").compactMap { line in
                    line.firstMatch(of: /--> (.*)/).map { "\($0.1)\n" }
                }
                #expect(found.error == "", "\(block)")
                #expect(found.output.text == said.joined(), "\(block)")
            }
        }
    }

    /// Lines that are indented by four spaces, without them.
    private static func blocks(of text: String) -> [String] {
        var blocks: [String] = []
        var lines: [Substring] = []
        for line in (text + "\nend").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("    ") {
                lines.append(line.dropFirst(4))
            } else if line.isEmpty, !lines.isEmpty {
                lines.append("")
            } else if !lines.isEmpty {
                blocks += split(lines)
                lines = []
            }
        }
        return blocks
    }

    /// A command begins a block of its own.
    private static func split(_ lines: [Substring]) -> [String] {
        var blocks: [[Substring]] = [[]]
        for line in lines {
            if line.hasPrefix("$ ") { blocks.append([]) }
            blocks[blocks.count - 1].append(line)
        }
        return blocks.filter { !$0.isEmpty }.map { block in
            block.reversed().drop { $0 == "" }.reversed().joined(separator: "\n") + "\n"
        }
    }

    /// Without the names of runs, processes and workers.
    private static func plain(_ text: String) -> String {
        Bytes(text).withoutRun.replacing(/worker \d+/, with: "worker N")
    }
}
