// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTRuntime
internal import VTSystem
internal import VTWorkflow

/// The documentation of a module, a workflow or a library.
package struct ModuleDoc {
    enum Kind: String { case module, workflow, library }

    /// The conditions under which results are cached; raw values are texts in JSON.
    enum Caching: String {
        case always, never
        case byInputs = "by inputs"
    }

    var kind: Kind
    var name: String
    var version: String?
    var doc: [String]
    /// The location of the description.
    var place: SourceLocation?
    var inputs: [PortDoc] = []
    var outputs: [PortDoc] = []
    var requires: [String] = []
    var caching: Caching?
    var timeout: Double?
    var retries: Int?
    var functions: [LuaComments.Function] = []
    var fields: [LuaComments.Field] = []

    struct PortDoc {
        var name: String
        var type: String
        var doc: String
        var isOptional: Bool
        var defaultValue: LuaValue?
        var minimum: Port.Bound?
        var maximum: Port.Bound?
        var choices: [LuaValue]
        var isSecret: Bool
        var environmentVariable: String?
    }
}

// MARK: - Reading

extension ModuleDoc {
    /// Reads the documentation.
    ///
    /// - Parameter name: a name for `require`, the path of a script, `vt` or `parallel`, or a
    ///   function of a library, such as `csv.parse`.
    /// - Throws: ``WorkflowError`` if the module does not exist or does not load.
    package init(
        of name: String, in workspace: Workspace, _ lua: borrowing Lua
    ) throws {
        if name.contains(":") {
            try self.init(ofMethod: name, in: workspace, lua)
            return
        }
        do {
            try self.init(ofModule: name, in: workspace, lua)
        } catch let error as WorkflowError {
            guard let dot = name.lastIndex(of: "."), dot > name.startIndex, !name.hasSuffix(".lua"),
                var library = try? ModuleDoc(ofModule: String(name[..<dot]), in: workspace, lua),
                library.kind == .library
            else { throw error }
            let names = library.functions.map(\.name)
            if let part = name.split(separator: ".", maxSplits: 1).last, part.contains("."),
                var whole = try? ModuleDoc(ofModule: "array", in: workspace, lua),
                name.hasPrefix("array."), whole.keepOnly(function: String(part))
            {
                // A function in a part, such as array.linalg.solve.
                self = whole
                return
            }
            guard library.keepOnly(function: name) else {
                throw WorkflowError(
                    "`\(library.name)` has no function `\(name[dot...].dropFirst())`"
                        + suggestion(for: name, among: names))
            }
            self = library
        }
    }

    /// Reads the documentation of a method, such as `workflow:add` or `pool:map`, of `vt` or `parallel`.
    private init(
        ofMethod name: String, in workspace: Workspace, _ lua: borrowing Lua
    ) throws {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        // The names of objects in examples.
        let owners = ["flow": "workflow", "self": "module", "pool": "view"]
        let owner = parts.first.map { owners[$0] ?? $0 } ?? ""
        let method = "\(owner):\(parts.last ?? "")"
        var names: [String] = []
        for library in ["vt", "parallel"] {
            var found = try ModuleDoc(ofModule: library, in: workspace, lua)
            names += found.functions.map(\.name).filter { $0.contains(":") }
            if found.keepOnly(function: method) {
                self = found
                return
            }
        }
        throw WorkflowError("there is no method `\(name)`" + suggestion(for: method, among: names))
    }

    /// Reads the documentation of a library that is part of the program, or of one of its
    /// functions, without loading it.
    ///
    /// - Parameter path: the name of the library, and optionally that of a function.
    init?(ofLibrary path: [String]) {
        guard let library = path.first, path.count <= 2, StandardLibrary.code(of: library) != nil
        else { return nil }
        self.init(library: library, text: Self.source(of: library, at: nil))
        if path.count > 1, !keepOnly(function: path.joined(separator: ".")) { return nil }
    }

    /// Removes all functions but one; returns false if there is no such function.
    private mutating func keepOnly(function name: String) -> Bool {
        functions.removeAll { $0.name != name }
        doc = []
        fields = []
        return !functions.isEmpty
    }

    private init(
        ofModule name: String, in workspace: Workspace, _ lua: borrowing Lua
    ) throws {
        if ["array", "vt", "parallel"].contains(name) {
            self.init(library: name, text: Definitions.text(of: name + ".lua") ?? "")
            if name == "parallel", let more = Definitions.text(of: "cluster.lua") {
                let cluster = LuaComments(more, of: "cluster")
                functions += cluster.functions
                fields += cluster.fields
            }
            return
        }
        var module = name
        if name.hasSuffix(".lua"), access(name, R_OK) == 0 {
            workspace.enter(directory: name.directoryPart)
            module = String((name.split(separator: "/").last ?? "").dropLast(4))
        }
        workspace.enter(directory: "")
        // Output of the script is discarded.
        try lua.redirectPrint { { _ in } }
        do {
            try workspace.loading { try workspace.pushRequired(module, lua) }
        } catch let error as LuaError {
            throw WorkflowError("module `\(module)` does not load: \(error.message)")
        }
        defer { lua.pop(2) }
        let file = lua.string(at: -1)
        if let flow = lua.object(Flow.luaClass, at: -2) {
            try self.init(flow.graph.asModule(), kind: .workflow, file: file, lua)
        } else if let definition = try workspace.definition(at: -2, lua) {
            try self.init(definition, kind: .module, file: file, lua)
        } else {
            self.init(library: module, text: Self.source(of: module, at: file))
            place = file.map { SourceLocation(file: $0.plainSource, line: 1) }
        }
    }

    private init(
        _ definition: ModuleDefinition, kind: Kind, file: String?, _ lua: borrowing Lua
    ) throws {
        self.init(
            kind: kind, name: definition.name,
            version: kind == .module ? definition.version : nil,
            doc: definition.doc.map { [$0] } ?? [],
            place: definition.location ?? file.map { SourceLocation(file: $0, line: 1) })
        inputs = try definition.inputs.map { try PortDoc($0, lua) }
        outputs = try definition.outputs.map { try PortDoc($0, lua) }
        requires = definition.requires.map(\.rawValue)
        timeout = definition.timeout?.inSeconds
        retries = definition.retries
        if kind == .workflow { return }
        switch definition.caching {
        case .always: caching = .always
        case .never: caching = .never
        case .when: caching = .byInputs
        }
    }

    private init(library: String, text: String) {
        let comments = LuaComments(text, of: library)
        self.init(kind: .library, name: library, doc: comments.head)
        functions = comments.functions
        fields = comments.fields
    }

    private static func source(of module: String, at file: String?) -> String {
        if let text = Definitions.text(of: module + ".lua") { return text }
        if let code = StandardLibrary.code(of: module) {
            return String(decoding: code, as: UTF8.self)
        }
        return file.flatMap { File.text($0) } ?? ""
    }
}

extension ModuleDoc.PortDoc {
    init(_ port: Port, _ lua: borrowing Lua) throws {
        var value: LuaValue?
        if let reference = port.defaultValue {
            try lua.push(reference)
            value = LuaValue(lua: lua, at: -1)
            lua.pop()
        }
        self.init(
            name: port.name, type: "\(port.type)", doc: port.doc ?? "",
            isOptional: port.isOptional, defaultValue: value, minimum: port.minimum,
            maximum: port.maximum, choices: port.choices, isSecret: port.isSecret,
            environmentVariable: port.environmentVariable)
    }

    /// The type and the permitted values: `integer, default 2, 0 to 64`.
    var constraint: String {
        var parts = [type]
        if let defaultValue { parts.append("default \(defaultValue.brief)") }
        if isOptional { parts.append("optional") }
        if isSecret { parts.append("secret") }
        if let environmentVariable { parts.append("env \(environmentVariable)") }
        switch (minimum, maximum) {
        case (let low?, let high?): parts.append("\(low.text) to \(high.text)")
        case (let low?, nil): parts.append("at least \(low.text)")
        case (nil, let high?): parts.append("at most \(high.text)")
        case (nil, nil): break
        }
        if !choices.isEmpty {
            parts.append("one of \(choices.map(\.brief).joined(separator: ", "))")
        }
        return parts.joined(separator: ", ")
    }
}

extension String {
    /// The file in the name of a chunk.
    fileprivate var plainSource: String { hasPrefix("@") ? String(dropFirst()) : self }
}
