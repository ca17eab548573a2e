// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The names and digests that make a fingerprint the same in every process. They replace the
/// numbers of ``Identities``, and the times of files.
final class PersistentNames {
    let digest: ([UInt8]) -> Digest
    private let contentDigest: (String) throws -> Digest
    /// The digests of files that the key and the result of the current step cover, by path.
    private var metFiles: [String: Digest] = [:]
    /// Returns the file of a module of the project; nil for any other name.
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

    /// Forgets the files of the step before.
    func beginStep() {
        if !metFiles.isEmpty { metFiles = [:] }
    }

    /// Returns the digest of a file's content, and remembers it for the current step.
    func digest(ofFile path: String) throws -> Digest {
        let digest = try contentDigest(path)
        metFiles[path] = digest
        return digest
    }

    /// Returns the digest that a file had when the key or the result of the current step was made,
    /// without reading it again. Another file is read only if `mayRead` is true.
    func digest(ofRecordedFile path: String, reading mayRead: Bool) -> Digest? {
        metFiles[path] ?? (mayRead ? try? contentDigest(path) : nil)
    }

    /// Returns the path of a script, relative to the directory of the workflow.
    func place(_ source: String) -> String {
        let path = source.hasPrefix("@") ? String(source.dropFirst()) : source
        let start = directory.hasSuffix("/") || directory.isEmpty ? directory : directory + "/"
        return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : path
    }

    /// Returns the name of the object with a number, such as `string.format`; nil if it has none.
    func name(of number: Int, _ identities: Identities, _ lua: borrowing Lua) throws -> String? {
        if let name = identities.name(of: number) { return name }
        if names == nil { names = try named(identities, lua) }
        return names?[number]
    }

    /// Names libraries that are identified by identity, and the C functions in them.
    private func named(_ identities: Identities, _ lua: borrowing Lua) throws -> [Int: String] {
        var libraries: [String] = []
        try lua.pushLoadedModules()
        defer { lua.pop() }
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
