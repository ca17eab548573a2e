// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// The text of a piece as given to Lua. It wraps the typed code so that its `local` variables
/// outlive it and can use those of earlier pieces.
///
/// ```lua
/// local _keep, x = ...; return function(...) local _whole <close> = nil;
/// local y = x + 1 ;_keep(1, function() return y end);
/// end
/// ```
///
/// Variables stay variables: the session joins the upvalue `x` with that of the function that kept
/// it. Functions made at a prompt therefore have the same upvalues as in a script, and travel to
/// workers with them. Only line 1 becomes longer, and no line moves.
struct SessionCode {
    struct Variable: Equatable {
        enum Attribute { case none, constant, closed }
        var name: String
        var attribute = Attribute.none
    }

    /// The complete text for Lua.
    let text: String
    /// The variables that are kept, by the number passed to `_keep`, from 1.
    let kept: [Variable]
    /// The number of session variables that the piece uses.
    let uses: Int

    /// The largest number of session variables in a piece. Lua allows 200 local variables in a
    /// function, and the wrapping needs some.
    static let mostUses = 190

    /// Wraps a piece of code.
    ///
    /// - Parameters:
    ///   - code: code that Lua has accepted as a chunk.
    ///   - known: the attributes of the session's variables, by name.
    init(_ code: String, known: [String: Variable.Attribute]) {
        let outline = LuaOutline(code)
        var used: Set<String> = []
        for (index, token) in outline.tokens.enumerated() where token.kind == .name {
            // A name after a dot is not a variable.
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
                        // The variable is closed with the session, not with this piece.
                        attribute = .closed
                        let range = outline.tokens[word].range
                        body += outline.bytes[done..<range.lowerBound]
                        body += "const".utf8
                        done = range.upperBound
                    }
                }
                // `_` is the last result.
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
        // A function with a variable to close makes no tail calls, which would hide the line of
        // this piece from a traceback.
        text =
            "local \(list) = ...;return function(...)local \(keep)s<close> = nil;"
            + String(decoding: body, as: UTF8.self) + "\nend"
        self.kept = kept
    }
}
