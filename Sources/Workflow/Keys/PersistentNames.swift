// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// What makes a fingerprint the same in every process: names in place of numbers, and hashes.
final class PersistentNames {
    let digest: ([UInt8]) -> Digest
    private let contentDigest: (String) throws -> Digest
    /// Files that the key and the result of the present step were made with.
    private var metFiles: [String: Digest] = [:]
    /// The file of a module of the project; nil for any other string.
    let moduleFile: (String) -> String?
    private let directory: String
    private var names: [Int: String]?

    init(
        hasher: any ContentHasher, directory: String, moduleFile: @escaping (String) -> String?
    ) {
        digest = { hasher.digest($0) }
        contentDigest = { try hasher.digest(ofFile: $0) }
        self.moduleFile = moduleFile
        self.directory = directory
    }

    func beginStep() {
        if !metFiles.isEmpty { metFiles = [:] }
    }

    func digest(ofFile path: String) throws -> Digest {
        let digest = try contentDigest(path)
        metFiles[path] = digest
        return digest
    }

    /// Of a file that the present step was given or has made: as it was then, without a second
    /// look at its content. Another one is read only if it may be.
    func digest(ofRecordedFile path: String, reading mayRead: Bool) -> Digest? {
        metFiles[path] ?? (mayRead ? try? contentDigest(path) : nil)
    }

    /// A script's path as its reader knows it.
    func place(_ source: String) -> String {
        let path = source.hasPrefix("@") ? String(source.dropFirst()) : source
        let start = directory.hasSuffix("/") || directory.isEmpty ? directory : directory + "/"
        return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : path
    }

    /// `string.format` for Lua's own function of that name; nil for what has no name.
    func name(of number: Int, _ identities: Identities, _ lua: borrowing Lua) throws -> String? {
        if let name = identities.name(of: number) { return name }
        if names == nil { names = try named(identities, lua) }
        return names?[number]
    }

    /// The fixed libraries, and the functions of C in them.
    private func named(_ identities: Identities, _ lua: borrowing Lua) throws -> [Int: String] {
        var libraries: [String] = []
        try lua.pushGlobal("package")
        try lua.pushRawField("loaded", of: -1)
        defer { lua.pop(2) }
        try lua.forEachPair(of: -1) {
            guard lua.type(at: -1) == .table, let name = lua.string(at: -2) else { return }
            libraries.append(name)
        }
        var found: [Int: String] = [:]
        for library in libraries.sorted() {
            try lua.pushRawField(library, of: -1)
            defer { lua.pop() }
            guard let number = try identities.find(lua, at: -1) else { continue }
            found[number] = found[number] ?? library
            var functions: [(name: String, function: LuaReference)] = []
            try lua.forEachPair(of: -1) {
                guard lua.type(at: -1) == .function, let name = lua.string(at: -2),
                    try lua.definition(at: -1) == nil
                else { return }
                functions.append((name, try lua.reference(at: -1)))
            }
            for (name, function) in functions.sorted(by: { $0.name < $1.name }) {
                try lua.push(function)
                defer { lua.pop() }
                let number = try identities.number(lua, of: -1)
                found[number] = found[number] ?? "\(library).\(name)"
            }
        }
        return found
    }
}
