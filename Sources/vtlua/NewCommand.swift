// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc

/// `vtlua new flow|module NAME`
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write the beginning of a workflow or a module.",
        subcommands: [FlowTemplate.self, ModuleTemplate.self])

    struct FlowTemplate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "flow", abstract: "Write NAME.lua, a workflow that runs.")

        @Argument(help: "Its name: letters, digits and _.")
        var name: String

        func validate() throws {
            guard try Template.parts(of: name).count == 1 else {
                throw ValidationError("a workflow's name has no dots: '\(name)'")
            }
        }

        func run() throws {
            try Template.create(Template.flow(name), to: "\(name).lua")
            report("wrote \(name).lua; run it with: vtlua run \(name).lua\n")
        }
    }

    struct ModuleTemplate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "module",
            abstract: "Write modules/NAME.lua; img.blur is modules/img/blur.lua.")

        @Argument(help: "Its name: parts of letters, digits and _, with dots between.")
        var name: String

        func validate() throws { _ = try Template.parts(of: name) }

        func run() throws {
            let parts = try Template.parts(of: name)
            var directory = "modules"
            mkdir(directory, 0o777)
            for part in parts.dropLast() {
                directory += "/\(part)"
                mkdir(directory, 0o777)
            }
            let path = "modules/\(parts.joined(separator: "/")).lua"
            try Template.create(Template.module(name), to: path)
            report(
                "wrote \(path); use it with: flow:add(\"\(parts.last ?? "it")\", \"\(name)\", { x = 1 })\n"
            )
        }
    }
}

/// What `new` writes.
enum Template {
    static func parts(of name: String) throws -> [String] {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for part in parts {
            let isWord = part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard isWord, let first = part.first, !first.isNumber else {
                throw ValidationError(
                    "'\(name)' cannot be a name: use letters, digits and _, such as img.blur")
            }
        }
        return parts
    }

    /// Writes a new file; one that is there is left alone.
    static func create(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
        guard file >= 0 else {
            let reason = errno == EEXIST ? "it is there already" : String(cString: strerror(errno))
            report("error: cannot write '\(path)': \(reason)\n")
            throw ExitCode(1)
        }
        defer { close(file) }
        let written = text.utf8.withContiguousStorageIfAvailable {
            write(file, $0.baseAddress, $0.count)
        }
        guard written == text.utf8.count else {
            unlink(path)
            report("error: cannot write '\(path)': \(String(cString: strerror(errno)))\n")
            throw ExitCode(1)
        }
    }

    static func flow(_ name: String) -> String {
        """
        -- \(name): say here what it finds out.

        local square = vt.module {
          name = "\(name).square",
          version = "1.0.0",
          doc = "The square of a number.",
          inputs = { x = { "number", doc = "any number" } },
          outputs = { y = { "number", doc = "x times x" } },
        }

        function square:compute(inputs)
          return { y = inputs.x * inputs.x }
        end

        local flow = vt.workflow {
          name = "\(name)",
          params = { x = { "number", default = 3, doc = "what is squared" } },
        }

        local first = flow:add("first", square, { x = flow.params.x })
        local second = flow:add("second", square, { x = first.y })

        return flow:outputs { fourth_power = second.y }

        """
    }

    static func module(_ name: String) -> String {
        """
        --- Say here what it computes.
        local M = vt.module {
          name = "\(name)",
          version = "1.0.0",
          doc = "Say here what it computes.",
          inputs = { x = { "number", doc = "what it is" } },
          outputs = { y = { "number", doc = "what it is" } },
        }

        function M:compute(inputs)
          return { y = inputs.x }
        end

        return M

        """
    }
}
