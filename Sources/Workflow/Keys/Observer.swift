// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// The place where `require` finds a module.
package enum ModuleSource {
    /// There is none.
    case absent
    /// The module is part of the program.
    case builtIn
    /// A file of Lua or C.
    case file([UInt8])
    /// A function in `package.preload`.
    case preloaded
    /// The host has served the code: a mark with its hash.
    case served([UInt8])
    /// A module of the program that embeds this library; the bytes have its version.
    case program([UInt8])
}

/// Makes observations of accesses, and checks whether observations still hold, in one run.
final class Observer {
    let log: AccessLog
    let names: PersistentNames
    let environment: PlannedEnvironment
    private let find: ([UInt8], borrowing Lua) throws -> ModuleSource
    /// The observations that were found to hold or not, until a module computes.
    private var verdicts: [Observation: Bool] = [:]

    init(
        _ names: PersistentNames, _ identities: Identities,
        find: @escaping ([UInt8], borrowing Lua) throws -> ModuleSource, _ lua: borrowing Lua
    ) throws {
        log = names.log
        self.names = names
        self.find = find
        try names.findChangedModules(lua)
        environment = try PlannedEnvironment(identities, names, lua)
    }

    /// A module may change files: observations are checked again.
    func beginComputing() {
        if !verdicts.isEmpty { verdicts = [:] }
    }

    // MARK: Observing

    /// Returns the observations of a reading event.
    ///
    /// - Throws: ``Obstacle``
    func observations(of event: AccessEvent, _ lua: borrowing Lua) throws -> [Observation] {
        switch event.kind {
        case .read: return [try file(event.name, event.status)]
        case .list:
            return [
                Observation(
                    kind: .listing, name: names.paths.name(ofGiven: event.name),
                    seen: event.other ?? [])
            ]
        case .environment:
            return [
                Observation(
                    kind: .environment, name: event.name,
                    seen: event.other.map { names.digest([1] + $0).bytes } ?? [])
            ]
        case .require:
            var found: [Observation] = []
            var visited: Set<[UInt8]> = []
            try require(event.name, into: &found, &visited, lua)
            return found
        case .requireFailed:
            return [
                Observation(kind: .module, name: event.name, seen: try seen(event.name, lua))
            ]
        case .loaded:
            let record = LoadRecord(path: event.other ?? [], status: event.status)
            return [Observation(kind: .module, name: event.name, seen: try seen(record))]
        case .tool: return [try tool(event)]
        case .glob, .status, .fileKind: return [found(event)]
        case .download:
            throw Obstacle(
                text: "it reads '\(event.name.text)', which may change; give `sha256`, or use the "
                    + "module http.file")
        default: return []
        }
    }

    private func file(_ path: [UInt8], _ status: FileStatus?) throws -> Observation {
        names.note(path)
        let name = names.paths.name(ofGiven: path)
        guard let status else { return Observation(kind: .file, name: name, seen: []) }
        switch status.kind {
        case .directory: return Observation(kind: .file, name: name, seen: Self.directoryMark)
        case .other: throw Obstacle(text: "it reads '\(path.text)', which is not a regular file")
        case .regular:
            guard FileStatus(path) == status, let digest = try? names.digest(ofFile: path) else {
                throw Obstacle(text: "'\(path.text)' was changed while the module computed")
            }
            return Observation(kind: .file, name: name, seen: digest.bytes)
        }
    }

    private static let directoryMark = Array("directory".utf8)

    private func require(
        _ name: [UInt8], into found: inout [Observation], _ visited: inout Set<[UInt8]>,
        _ lua: borrowing Lua
    ) throws {
        guard visited.insert(name).inserted else { return }
        guard let record = log.loads[name] else {
            // One of Lua's libraries, or a module that a script has put in its place.
            guard let placed = environment.placedModules[name.text] else {
                if try lua.isBuiltInModule(name.text) {
                    // A file of the user may take the place of a module of the library.
                    if case .builtIn = try find(name, lua) {
                        found.append(
                            Observation(kind: .module, name: name, seen: Self.builtInMark))
                    }
                    return
                }
                throw Obstacle(
                    text: "the module `\(name.text)` was put into package.loaded while it computed")
            }
            guard let digest = placed else {
                throw Obstacle(
                    text: "the module `\(name.text)` in package.loaded cannot be part of a key")
            }
            found.append(Observation(kind: .value, name: name, seen: digest.bytes))
            return
        }
        let seen = try self.seen(record, name) + (try change(of: name))
        found.append(Observation(kind: .module, name: name, seen: seen))
        if !record.isBuiltIn { try addGlobals(record, into: &found, lua) }
        for event in record.events {
            if event.kind == .require {
                try require(event.name, into: &found, &visited, lua)
            } else {
                found += try observations(of: event, lua)
            }
        }
    }

    /// Adds the globals that the code of a module reads and no library has.
    private func addGlobals(
        _ record: LoadRecord, into found: inout [Observation], _ lua: borrowing Lua
    ) throws {
        let globals = record.globals ?? Self.globals(in: record.path, lua)
        record.globals = globals
        if globals.mayUseAll {
            found.append(Observation(kind: .global, name: [], seen: seen(global: [])))
            return
        }
        for name in globals.names where !environment.builtIn.contains(name) {
            let name = Array(name.utf8)
            found.append(Observation(kind: .global, name: name, seen: seen(global: name)))
        }
    }

    private static func globals(in path: [UInt8], _ lua: borrowing Lua) -> GlobalNames {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        do {
            try lua.load(file: path.text)
            try lua.dump(strip: true)
        } catch {
            // A library of C, or a file that is gone.
            return GlobalNames()
        }
        return lua.withBytes(at: -1) { GlobalNames(in: $0, upvalues: [true]) } ?? GlobalNames()
    }

    // MARK: What is seen

    /// The module as it was loaded.
    private func seen(_ record: LoadRecord, _ name: [UInt8] = []) throws -> [UInt8] {
        if let seen = record.seen { return seen }
        let seen: [UInt8]
        if record.isBuiltIn {
            seen = Self.builtInMark
        } else if ProgramModuleSource.isSource(record.path) {
            seen = record.path
        } else if record.path == Array(":preload:".utf8) {
            guard let digest = environment.preloaded[name.text] ?? nil else {
                throw Obstacle(
                    text: "the module `\(name.text)` in package.preload cannot be part of a key")
            }
            seen = Array("preload".utf8) + digest.bytes
        } else if record.isServed {
            seen = record.path
        } else {
            guard let status = record.status else {
                throw Obstacle(text: "the file of module `\(name.text)` is not known")
            }
            seen = try self.seen(ofModuleAt: record.path, status)
        }
        record.seen = seen
        return seen
    }

    /// The additional bytes of a module that was changed after it was loaded.
    private func change(of name: [UInt8]) throws -> [UInt8] {
        guard let changed = environment.changedModules[name] else { return [] }
        guard let digest = changed else {
            throw Obstacle(
                text:
                    "the module `\(name.text)` was changed after it was loaded, and cannot be part "
                    + "of a key")
        }
        return [0] + digest.bytes
    }

    private static let builtInMark = Array("library".utf8)

    private func seen(ofModuleAt path: [UInt8], _ status: FileStatus) throws -> [UInt8] {
        let name = Array("file".utf8) + names.paths.name(ofPort: path) + [0]
        // A file that was changed since then is like no other.
        guard FileStatus(path) == status, let digest = try? names.digest(ofFile: path) else {
            return name + status.bytes
        }
        return name + digest.bytes
    }

    /// The module as `require` would find it now.
    private func seen(_ name: [UInt8], _ lua: borrowing Lua) throws -> [UInt8] {
        if let record = log.loads[name] {
            return try seen(record, name) + (try change(of: name))
        }
        switch try find(name, lua) {
        case .absent: return []
        case .builtIn: return Self.builtInMark
        case .served(let mark): return mark
        case .program(let source): return source
        case .preloaded:
            return (environment.preloaded[name.text] ?? nil).map {
                Array("preload".utf8) + $0.bytes
            } ?? [0]
        case .file(let path):
            guard let status = FileStatus(path) else { return [0] }
            return try seen(ofModuleAt: path, status)
        }
    }

    private func seen(global name: [UInt8]) -> [UInt8] {
        if name.isEmpty {
            let all = environment.allGlobals
            return all.isEmpty ? [] : names.digest(all).bytes
        }
        guard let global = environment.globals[name.text] else { return [] }
        return global?.bytes ?? [0]
    }

    // MARK: Checking

    /// Returns true if a look at the same thing would see the same.
    func holds(_ observation: Observation, _ lua: borrowing Lua) -> Bool {
        if let known = verdicts[observation] { return known }
        let holds = (try? seenNow(observation, lua)) == observation.seen
        verdicts[observation] = holds
        return holds
    }

    private func seenNow(_ observation: Observation, _ lua: borrowing Lua) throws -> [UInt8]? {
        let name = observation.name
        switch observation.kind {
        case .file, .output:
            let path = names.paths.path(name)
            return try file(path, FileStatus(path)).seen
        case .listing: return Self.listing(names.paths.path(name), names)
        case .tool: return seen(tool: name)
        case .glob: return seen(glob: name)
        case .status, .fileKind:
            return Array(
                FileTree.statusText(names.paths.path(name), all: observation.kind == .status).utf8)
        case .environment:
            return name.withPath { getenv($0) }.map { value in
                names.digest(
                    [1] + Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
                ).bytes
            } ?? []
        case .module:
            if environment.placedModules[name.text] != nil, log.loads[name] == nil { return nil }
            return try seen(name, lua)
        case .value:
            return environment.placedModules[name.text].flatMap { $0?.bytes }
        case .global: return seen(global: name)
        }
    }

    /// The digest of the names in a directory.
    static func listing(_ path: [UInt8], _ names: PersistentNames) -> [UInt8] {
        names.note(path)
        guard let entries = path.namesInDirectory else { return [] }
        return names.digest(Array("listing".utf8) + entries.flatMap { $0 + [0] }).bytes
    }
}

extension Lua {
    /// True for modules that every state has, such as `string`.
    fileprivate func isBuiltInModule(_ name: String) throws -> Bool {
        var found = false
        try forEachEnvironmentTable { table, _, copy in
            guard table == "loaded" else { return }
            try pushRawField(name, of: copy)
            found = !isNil(at: -1)
            pop()
        }
        return found
    }
}
