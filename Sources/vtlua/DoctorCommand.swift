// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaBridge
import VTRuntime
import VTSystem

/// `vtlua doctor`
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the installation and suggest fixes.")

    @Flag(help: "Print one JSON object.")
    var json = false

    struct Finding {
        var what: String
        var isFine: Bool
        var isNeeded: Bool
        var detail: String
        /// The command or action that fixes it.
        var remedy: String?
    }

    func run() throws {
        let findings =
            [lua()] + libraries() + [
                library(), scratch(), ipyparallel(), jupyter(), graphviz(), terminal(),
            ]
        let isOK = findings.allSatisfy { $0.isFine || !$0.isNeeded }
        if json {
            let list = findings.map { finding in
                JSON.object([
                    ("what", .string(finding.what)), ("ok", .boolean(finding.isFine)),
                    ("needed", .boolean(finding.isNeeded)), ("detail", .string(finding.detail)),
                    (
                        "remedy", finding.isFine ? .null : finding.remedy.map(JSON.string) ?? .null
                    ),
                ])
            }
            let object = JSON.document([
                ("ok", .boolean(isOK)), ("findings", .array(list)),
            ])
            try ResultStream.standardOutput.write(object)
        } else {
            try ResultStream.standardOutput.write(findings.map(line).joined())
        }
        throw ExitCode(isOK ? 0 : 1)
    }

    private func line(_ finding: Finding) -> String {
        let mark = finding.isFine ? "ok     " : finding.isNeeded ? "MISSING" : "absent "
        let remedy =
            finding.remedy.map { finding.isFine ? "" : "\n                    \($0)" } ?? ""
        return "\(mark) \(finding.what.padded(to: 11)) \(finding.detail)\(remedy)\n"
    }

    private func lua() -> Finding {
        Finding(
            what: "lua", isFine: true, isNeeded: true,
            detail: "\(LuaRelease.name), \(Version.swift), vtlua \(Version.number)")
    }

    /// Runs a small workflow.
    private func library() -> Finding {
        let code = """
            local M = vt.module { name = "doctor.one", outputs = { y = "integer" } }
            function M:compute() return { y = 1 } end
            local flow = vt.workflow { name = "doctor" }
            flow:outputs { y = flow:add("one", M).y }
            return flow:run().outputs.y
            """
        do {
            let answer = try Runtime(.ofProgram()).run { lua in
                try lua.evaluate(code, name: "=doctor", as: Int.self)
            }
            return Finding(
                what: "workflow", isFine: answer == 1, isNeeded: true,
                detail: "a workflow of one module ran")
        } catch {
            return Finding(
                what: "workflow", isFine: false, isNeeded: true, detail: "\(error)",
                remedy: "report this, with the output of: vtlua doctor --json")
        }
    }

    private func scratch() -> Finding {
        let path = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let fine = access(path, W_OK | X_OK) == 0
        return Finding(
            what: "scratch", isFine: fine, isNeeded: true,
            detail: fine
                ? "'\(path)' is writable" : "'\(path)': \(String(cString: strerror(errno)))",
            remedy: "set TMPDIR to a directory that you can write")
    }

    private func terminal() -> Finding {
        Finding(
            what: "terminal", isFine: true, isNeeded: false,
            detail: Terminal.canRedraw
                ? "progress is a live bar" : "progress is one line per module")
    }
}
