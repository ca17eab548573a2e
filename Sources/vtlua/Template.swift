// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTSystem

/// The contents of the files that `vtlua new` writes.
enum Template {
    static func parts(of name: String, such example: String = "img.blur") throws -> [String] {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for part in parts {
            let isWord = part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard isWord, let first = part.first, !first.isNumber else {
                throw ValidationError(
                    "'\(name)' is not a valid name; use letters, digits and _, as in \(example)")
            }
        }
        return parts
    }

    static let siblingFiles = """
        Also writes a spec for vtlua test, .luarc.json for editors, .luacheckrc and .gitignore. \
        Existing files are not overwritten.
        """

    static func flow(_ name: String) -> String {
        """
        -- \(name): describe the workflow here.

        local square = vt.module {
          name = "\(name).square",
          version = "1.0.0",
          doc = "Squares a number.",
          inputs = { x = { "number", doc = "any number" } },
          outputs = { y = { "number", doc = "x times x" } },
        }

        function square:compute(inputs)
          return { y = inputs.x * inputs.x }
        end

        local flow = vt.workflow {
          name = "\(name)",
          params = { x = { "number", default = 3, doc = "the base" } },
        }

        local first = flow:add("first", square, { x = flow.params.x })
        local second = flow:add("second", square, { x = first.y })

        return flow:outputs { fourth_power = second.y }

        """
    }

    static func module(_ name: String) -> String {
        """
        --- Describe the module here.
        local M = vt.module {
          name = "\(name)",
          version = "1.0.0",
          doc = "Describe the module here.",
          inputs = { x = { "number", doc = "describe the input" } },
          outputs = { y = { "number", doc = "describe the output" } },
        }

        function M:compute(inputs)
          return { y = inputs.x }
        end

        return M

        """
    }

    static func flowSpec(_ name: String) -> String {
        """
        describe("\(name)", function()
          it("computes the fourth power", function()
            expect(vt.compute("\(name)", { x = 2 })).to_equal { fourth_power = 16 }
          end)
        end)

        """
    }

    static func moduleSpec(_ name: String) -> String {
        """
        describe("\(name)", function()
          it("computes y", function()
            expect(vt.compute("\(name)", { x = 1 })).to_equal { y = 1 }
          end)

          it("rejects a string", function()
            expect(function() vt.compute("\(name)", { x = "one" }) end)
              .to_raise "input `x`: number expected, got string"
          end)
        end)

        """
    }

    /// The settings of the Lua language server.
    static let editor = """
        {
          "runtime.version": "Lua 5.4",
          "runtime.path": ["?.lua", "?/init.lua", "modules/?.lua", "modules/?/init.lua"],
          "workspace.library": ["\(definitions)"],
          "workspace.checkThirdParty": false
        }

        """

    /// The directory of the definitions, which ``editor`` refers to.
    static let definitions = ".vtlua/definitions"

    static let ignored = """
        # Results and records of runs, and editor definitions (vtlua doc --definitions \
        .vtlua/definitions)
        .vtlua/
        /results/

        """
}
