// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime

/// `vtlua new flow|module NAME`
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write a small workflow or module, with a spec.",
        subcommands: [FlowTemplate.self, ModuleTemplate.self])

    struct FlowTemplate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "flow", abstract: "Write a workflow to NAME.lua.",
            discussion: Template.siblingFiles)

        @Argument(help: "The workflow's name: letters, digits and _.")
        var name: String

        func validate() throws {
            guard try Template.parts(of: name, such: "sea_ice").count == 1 else {
                throw ValidationError("a workflow's name cannot contain dots, got '\(name)'")
            }
        }

        func run() throws {
            var files = NewFiles()
            try files.create("\(name).lua", Template.flow(name))
            try files.add("\(name)_spec.lua", Template.flowSpec(name))
            try files.addSettings()
            report(
                files.text + "run it with: vtlua run \(name).lua; test it with: vtlua test\n")
        }
    }

    struct ModuleTemplate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "module",
            abstract: "Write a module to modules/NAME.lua; img.blur is modules/img/blur.lua.",
            discussion: Template.siblingFiles)

        @Argument(help: "The module's name: parts of letters, digits and _, separated by dots.")
        var name: String

        func validate() throws { _ = try Template.parts(of: name) }

        func run() throws {
            let parts = try Template.parts(of: name)
            let path = "modules/\(parts.joined(separator: "/"))"
            var files = NewFiles()
            try files.create("\(path).lua", Template.module(name))
            try files.add("\(path)_spec.lua", Template.moduleSpec(name))
            try files.addSettings()
            report(
                files.text
                    + "use it with: flow:add(\"\(parts.last ?? "it")\", \"\(name)\", { x = 1 }); "
                    + "test it with: vtlua test\n")
        }
    }
}
