// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// Something that a person can get wrong, and all that vtlua says about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    var title: String
    /// The command line.
    var arguments: [String]
    var files: [String: Bytes]
    var directories: [String]
    var code: Int32
    var output: String
    var error: String

    /// - Parameters:
    ///   - flow: what is in flow.lua, if there is one.
    ///   - files: what else there is; `math.double` always is.
    ///   - prints: all of standard output.
    ///   - says: all of standard error.
    init(
        _ title: String, run arguments: [String] = ["run", "--progress", "none", "flow.lua"],
        flow: Bytes? = nil, files: [String: Bytes] = [:], directories: [String] = [],
        exits code: Int32, prints output: String = "", says error: String
    ) {
        self.title = title
        self.arguments = arguments
        self.files = files
        self.files["flow.lua"] = flow
        self.directories = directories
        self.code = code
        self.output = output
        self.error = error
    }

    /// A mistake in a module `bad`, which node `a` of flow.lua computes.
    ///
    /// - Parameters:
    ///   - compute: what is between the module's description and its `return M`.
    ///   - outputs: what it says it gives.
    ///   - also: what else its description has.
    init(
        _ title: String, run arguments: [String] = ["run", "--progress", "none", "flow.lua"],
        compute: String, outputs: String = #"{ y = "number" }"#, also: String = "",
        files: [String: Bytes] = [:], exits code: Int32, prints output: String = "",
        says error: String
    ) {
        self.init(
            title, run: arguments, flow: Self.runsBad, files: files, exits: code, prints: output,
            says: error)
        let more = also.isEmpty ? "" : " " + also
        self.files["modules/bad.lua"] = """
            local M = vt.module {
              name = "bad", version = "1.2", inputs = { x = "any" }, outputs = \(outputs),\(more)
            }

            \(compute)return M

            """
    }

    var testDescription: String { title }

    static let double: Bytes = """
        local M = vt.module {
          name = "math.double", version = "1.0.0",
          inputs = { x = { "number", min = 0 } }, outputs = { y = "number" },
        }
        function M:compute(inputs)
          return { y = 2 * inputs.x }
        end
        return M

        """

    static let runsBad: Bytes = """
        local flow = vt.workflow { name = "f" }
        local a = flow:add("a", "bad", { x = { 1, 2, 3 } })
        return flow:outputs { y = a.y }

        """

    /// A workflow with parameters of many types, and a node `alpha`.
    static let echo: Bytes = """
        local echo = vt.module {
          name = "echo",
          inputs = { radius = "number", how = "any", list = "any", on = "any", path = "any", count \
        = "any" },
          outputs = { radius = "number" },
        }
        function echo:compute(inputs) return { radius = inputs.radius } end
        local flow = vt.workflow {
          name = "f",
          params = {
            radius = { "number", default = 2, min = 0, max = 64 },
            count = { "integer", default = 3 },
            how = { "string", default = "low", choices = { "low", "high" } },
            list = { "list<number>", default = { 1 } },
            on = { "boolean", default = true },
            path = { "file", default = "flow.lua" },
          },
        }
        local p = flow.params
        local a = flow:add("alpha", echo, { radius = p.radius, how = p.how, list = p.list, on = \
        p.on, path = p.path, count = p.count })
        return flow:outputs { radius = a.radius }

        """

    /// Makes it, and looks at everything that comes back.
    func make() throws {
        var files = files
        if !directories.contains("modules"), files["modules"] == nil {
            files["modules/math/double.lua"] = Self.double
        }
        let folder = try Folder(files, directories: directories)
        let before = folder.names
        let found = try folder.vtlua(arguments)
        #expect(found.error.withoutRun == error)
        #expect(found.output.withoutRun == output)
        #expect(found.end == .exit(code))
        #expect(folder.names == before, "a file was left behind")
        let lines = found.error.text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("error:") } == lines.count { $0.contains("rror: ") })
    }
}
