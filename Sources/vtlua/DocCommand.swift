// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua doc`
struct DocCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doc",
        abstract: "Describe a module, workflow or library: its ports, functions and source.",
        discussion: """
            MODULE is a name that require finds in the current directory, in modules/ or in the \
            library; the path of a script; vt or parallel; a function of a library, such as \
            csv.parse; or a method, such as flow:add.
            """)

    @Argument(help: "The module to describe.", completion: .file(extensions: ["lua"]))
    var module: String?

    @Flag(help: "Print a page of Markdown.")
    var markdown = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Write the definitions for editors and luacheck to this directory.",
            valueName: "dir"),
        completion: .directory)
    var definitions: String?

    func validate() throws {
        if markdown, json { throw ValidationError("--markdown and --json cannot be combined") }
        if (module == nil) == (definitions == nil) {
            throw ValidationError(
                "expected either a module, as in `vtlua doc csv`, or --definitions DIR")
        }
    }

    func run() throws {
        if let definitions {
            do {
                try Definitions.write(to: definitions)
            } catch {
                report("error: \(error)\n")
                throw ExitCode(2)
            }
            report("wrote \(definitions)/vt.lua and others; \(Self.advice(definitions))\n")
        } else if let module {
            try describe(module)
        }
    }

    private static func advice(_ directory: String) -> String {
        "in .luarc.json: \"workspace.library\": [\"\(directory)\"]"
    }

    private func describe(_ module: String) throws {
        let results = ResultStream.takingStandardOutput()
        do {
            let runtime = try Runtime(.ofProgram())
            try runtime.run { lua in
                let doc = try ModuleDoc(of: module, in: runtime.workspace, lua)
                if json {
                    try results.write(doc.json)
                } else {
                    try results.write(markdown ? doc.markdown : doc.text)
                }
            }
        } catch let error as WorkflowError {
            report("error: \(error.message)\n")
            throw ExitCode(2)
        }
    }
}
