// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// A piece of a session as it is given to Lua: what was typed, so wrapped that its own `local`
/// variables outlive it and those of earlier pieces are there.
///
/// ```lua
/// local _keep, x = ...; return function(...) local _whole <close> = nil;
/// local y = x + 1 ;_keep(1, function() return y end);
/// end
/// ```
///
/// Variables stay variables: the session joins the upvalue `x` with that of the function that
/// kept it. So functions made at a prompt have the upvalues that they would have in a script, and
/// travel to workers with them. Nothing but line 1 is longer, and no line is moved.
struct SessionCode {
    struct Variable: Equatable {
        enum Attribute { case none, constant, closed }
        var name: String
        var attribute = Attribute.none
    }

    /// The whole text for Lua.
    let text: String
    /// What is kept, by the number that `_keep` is told, from 1 on.
    let kept: [Variable]
    /// How many variables of the session it uses.
    let uses: Int

    /// Lua allows 200 local variables in a function, and the wrapping takes some.
    static let mostUses = 190

    /// - Parameters:
    ///   - code: what Lua has accepted as a chunk.
    ///   - known: the attribute of the session's variables, by name.
    init(_ code: String, known: [String: Variable.Attribute]) {
        let outline = LuaOutline(code)
        var used: Set<String> = []
        for (index, token) in outline.tokens.enumerated() where token.kind == .name {
            // Behind a dot it is no variable.
            if outline.isSymbol(index - 1, ".") || outline.isSymbol(index - 1, ":") { continue }
            used.insert(outline.text(index))
        }
        var keep = "_keep"
        while used.contains(keep) || used.contains(keep + "s") { keep += "_" }

        var body: [UInt8] = []
        var kept: [Variable] = []
        var done = 0
        for local in outline.locals {
            var calls = ""
            for variable in local.variables {
                var attribute = Variable.Attribute.none
                if let word = variable.attribute {
                    attribute = .constant
                    if outline.text(word) == "close" {
                        // It is closed with the session, not with this piece.
                        attribute = .closed
                        let range = outline.tokens[word].range
                        body += outline.bytes[done..<range.lowerBound]
                        body += "const".utf8
                        done = range.upperBound
                    }
                }
                // `_` is what came last.
                if variable.name == "_" { continue }
                kept.append(Variable(name: variable.name, attribute: attribute))
                calls += ";\(keep)(\(kept.count),function()return \(variable.name) end)"
            }
            body += outline.bytes[done..<local.end]
            done = local.end
            if !calls.isEmpty { body += (calls + ";").utf8 }
        }
        body += outline.bytes[done...]

        let names = known.keys.filter(used.contains).sorted()
        uses = names.count
        let known = names.map { $0 + (known[$0] == Variable.Attribute.none ? "" : "<const>") }
        let list = ([keep] + known).joined(separator: ",")
        // A function with a variable to close does not end in a tail call, which would hide the
        // line of this piece from a traceback.
        text =
            "local \(list) = ...;return function(...)local \(keep)s<close> = nil;"
            + String(decoding: body, as: UTF8.self) + "\nend"
        self.kept = kept
    }
}
