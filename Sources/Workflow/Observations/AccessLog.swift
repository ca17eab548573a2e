// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTLuaBridge
package import VTParallel

/// Collects what computations in one Lua state access, and what modules accessed while they were
/// loaded.
package final class AccessLog {
    /// A call of `require` that has not returned.
    private struct Frame {
        var name: [UInt8]
        var stack: UInt
        var events: [AccessEvent] = []
    }

    private var frames: [Frame] = []
    private(set) var loads: [[UInt8]: LoadRecord] = [:]
    /// The files of ``loads``.
    private(set) var paths: Set<[UInt8]> = []
    /// The files of the modules that were loaded.
    package var filesOfModules: Set<[UInt8]> {
        paths.filter { $0.first != UInt8(ascii: "@") && $0.first != UInt8(ascii: ":") }
    }
    /// The computations in progress, each with the calls of `require` around it.
    private var computations: [(accesses: Accesses, frames: [Frame])] = []

    package init() {}

    /// Receives the accesses of a state from now on.
    package func attach(to lua: borrowing Lua) {
        lua.setAccessSink { [weak self] in self?.receive($0) }
        lua.watchAccess(true)
        // Until a computation starts, random numbers need no notice.
        lua.setRandomSeeded(true)
    }

    // MARK: Computations

    /// Starts to collect what a computation accesses.
    package func begin(_ lua: borrowing Lua) -> Accesses {
        lua.setRandomSeeded(false)
        let accesses = Accesses()
        computations.append((accesses, frames))
        frames = []
        return accesses
    }

    /// Ends the innermost computation. What it accessed belongs to the one around it, too.
    ///
    /// - Parameters:
    ///   - sent: the bytes that workers have sent meanwhile.
    ///   - inherits: false if what it accessed does not belong to the one around it.
    package func end(
        _ accesses: Accesses, adding sent: [[UInt8]] = [], inherits: Bool = true,
        _ lua: borrowing Lua
    ) {
        guard let (last, around) = computations.last, last === accesses else { return }
        while !frames.isEmpty { leave(failed: true) }
        for bytes in sent { add(bytes) }
        computations.removeLast()
        frames = around
        lua.setRandomSeeded(computations.isEmpty)
        if computations.isEmpty || !inherits { return }
        inherit(accesses.inherited)
        for event in accesses.events { add(event) }
    }

    /// Adds an event to the computation in progress, or to the module that is being loaded.
    package func add(_ event: AccessEvent) {
        if frames.isEmpty {
            computations.last?.accesses.add(event)
        } else {
            frames[frames.count - 1].events.append(event)
            if !event.isReading { computations.last?.accesses.add(event) }
        }
    }

    /// Notes that a directory was made, or was there already.
    package func noteDirectory(_ path: String, existed: Bool) {
        var event = AccessEvent(.makeDirectory, Array(path.utf8))
        event.existed = existed
        add(event)
    }

    /// Notes that a program was started, by the code at a place such as `modules/fit.lua:4`.
    package func noteProgram(_ command: String, place: String) {
        add(AccessEvent(.program, Array(command.utf8), place: place))
    }

    /// Adds the events that a worker has sent. What a worker on another host has read cannot be
    /// compared later.
    private func add(_ bytes: [UInt8]) {
        var host: [UInt8]?
        for event in AccessEvent.events(in: bytes) {
            if event.kind == .host {
                host = event.name == Self.host ? nil : event.name
            } else if let host, event.isReading {
                add(AccessEvent(.foreign, host, place: event.place))
            } else {
                add(event)
            }
        }
    }

    /// The name of this machine.
    fileprivate static var host: [UInt8] {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: name.nodename) { Array($0.prefix { $0 != 0 }) }
    }

    /// The events of a computation from a position on, as bytes for ``add(_:)`` of the process that
    /// started it. Modules are sent with their files.
    fileprivate func bytes(of events: ArraySlice<AccessEvent>) -> [UInt8] {
        if events.isEmpty { return [] }
        var bytes: [UInt8] = []
        AccessEvent(.host, Self.host).append(to: &bytes)
        var sent: Set<[UInt8]> = []
        func send(_ events: some Sequence<AccessEvent>) {
            for event in events {
                guard event.kind == .require, let record = loads[event.name] else {
                    event.append(to: &bytes)
                    continue
                }
                guard sent.insert(event.name).inserted else { continue }
                // A module of an engine itself, which may be found beside the program's source.
                if event.name.starts(with: Array("vt.".utf8)) { continue }
                AccessEvent(.loaded, event.name, other: record.path, status: record.status)
                    .append(to: &bytes)
                send(record.events)
            }
        }
        send(events)
        return bytes
    }

    /// True if what a worker has loaded is what this state has loaded: the code of both is the same.
    func hasLoaded(_ bytes: [UInt8]) -> Bool {
        AccessEvent.events(in: bytes).allSatisfy { event in
            guard event.kind == .loaded else { return true }
            guard let record = loads[event.name] else { return false }
            return record.status == event.status && record.isBuiltIn == (event.status == nil)
        }
    }

    /// Adds the observations of a result that a computation has used.
    func inherit(_ observations: [Observation]) {
        computations.last?.accesses.inherited += observations
    }

    // MARK: Accesses

    private func receive(_ access: LuaAccess) {
        // Frames below the current one have been left by an error.
        while let last = frames.last,
            last.stack < access.stack || last.stack == access.stack && access.kind != .require
        {
            leave(failed: true)
        }
        switch access.kind {
        case .requireBegin: frames.append(Frame(name: access.name, stack: access.stack))
        case .require:
            guard let frame = frames.last, frame.stack == access.stack else { return }
            if let path = access.other {
                loads[access.name] = LoadRecord(
                    path: path, events: frame.events, hash: access.hash)
                paths.insert(path)
            }
            leave(failed: false)
        default:
            if computations.isEmpty, frames.isEmpty { return }
            if let event = AccessEvent(access) { add(event) }
        }
    }

    private func leave(failed: Bool) {
        let frame = frames.removeLast()
        // The accesses of a module belong to its load record. One that could not be loaded has none,
        // and the caller may go on. Its frame also has the caller's later accesses, until one shows
        // that the frame was left.
        if failed {
            for event in frame.events {
                if event.isReading {
                    add(event)
                } else if !frames.isEmpty {
                    frames[frames.count - 1].events.append(event)
                }
            }
        }
        add(AccessEvent(failed ? .requireFailed : .require, frame.name))
    }
}

/// A module that was loaded: its file as it was then, and what it accessed meanwhile.
final class LoadRecord {
    /// The file, or another text of the searcher such as `:preload:`.
    let path: [UInt8]
    let status: FileStatus?
    let events: [AccessEvent]
    /// A hash of the module's state when it was loaded.
    let hash: UInt64
    /// The module as an observation sees it; made when it is first needed.
    var seen: [UInt8]?
    /// The globals that the code of the file reads; nil before they were looked up.
    var globals: GlobalNames?

    init(path: [UInt8], events: [AccessEvent], hash: UInt64) {
        self.path = path
        self.hash = hash
        self.events = events
        status = FileStatus(path)
    }

    /// A module that a worker has loaded.
    init(path: [UInt8], status: FileStatus?) {
        self.path = path
        self.status = status
        events = []
        hash = 0
    }

    /// True for a module of the library, which is embedded in the program.
    var isBuiltIn: Bool { path.starts(with: Array("@stdlib/".utf8)) }
    /// True for a module whose code the host has served.
    var isServed: Bool { path.starts(with: Array(":memory:".utf8)) }
}

extension AccessEvent {
    /// True if the access only reads.
    fileprivate var isReading: Bool {
        switch kind {
        case .read, .list, .environment, .require, .requireFailed, .loaded, .tool, .glob, .status,
            .fileKind, .download:
            true
        default: false
        }
    }
}

/// The accesses of one computation, in order.
package final class Accesses {
    private(set) var events: [AccessEvent] = []
    /// The observations of results that the computation has used.
    fileprivate(set) var inherited: [Observation] = []
    private var known: [Known: AccessEvent.Kind] = [:]

    /// True if nothing was accessed.
    var isEmpty: Bool { events.isEmpty && inherited.isEmpty }

    private struct Known: Hashable {
        var kind: AccessEvent.Kind?
        var name: [UInt8]
    }

    /// Adds an event. One that repeats an earlier event is left out.
    func add(_ event: AccessEvent) {
        switch event.kind {
        case .read, .list, .environment, .require, .requireFailed, .loaded, .clock, .random,
            .program, .foreign, .tool, .glob, .status, .fileKind, .download:
            if known.updateValue(event.kind, forKey: Known(kind: event.kind, name: event.name))
                != nil
            {
                return
            }
        default:
            let last = known.updateValue(event.kind, forKey: Known(kind: nil, name: event.name))
            if last == event.kind, event.kind != .rename { return }
        }
        events.append(event)
    }

    fileprivate func removeAll() {
        events = []
        known = [:]
    }
}

extension AccessLog {
    /// Returns the files of a module that was loaded, and of those that it required.
    func files(of module: [UInt8]) -> [[UInt8]] {
        var files: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        func collect(_ name: [UInt8]) {
            guard seen.insert(name).inserted, let record = loads[name] else { return }
            if record.status?.kind == .regular { files.append(record.path) }
            for event in record.events where event.kind == .require { collect(event.name) }
        }
        collect(module)
        return files
    }
}

/// Collects the accesses of a worker's state.
package final class WorkerAccesses: AccessRecorder {
    package let log = AccessLog()
    private var accesses: Accesses
    private var sent = 0
    /// The things that the start of the worker accessed.
    private var kept: [AccessEvent] = []
    /// The things that the workers of this worker have sent.
    private let inner: AccessBuffer

    /// Starts to collect.
    ///
    /// - Parameter inner: receives the accesses of the calls that code of the state makes.
    package init(_ inner: AccessBuffer, _ lua: borrowing Lua) {
        self.inner = inner
        log.attach(to: lua)
        accesses = log.begin(lua)
        lua.observePrograms { [log] program in
            if program.signal == nil { log.noteProgram(program.command, place: program.place) }
        }
    }

    package func take() -> [UInt8] {
        let received = inner.take()
        guard accesses.events.count > sent else { return received.flatMap(\.self) }
        defer { sent = accesses.events.count }
        return received.reduce(into: log.bytes(of: accesses.events[sent...])) { $0 += $1 }
    }

    /// Starts to collect what one computation accesses, apart from the others of the worker.
    func beginTask(_ lua: borrowing Lua) -> Accesses { log.begin(lua) }

    /// Ends a computation and returns what it has accessed, as bytes; empty for nothing.
    func endTask(_ accesses: Accesses, _ lua: borrowing Lua) -> [UInt8] {
        let received = inner.take()
        log.end(accesses, inherits: false, lua)
        if accesses.events.isEmpty, received.isEmpty { return [] }
        return received.reduce(into: log.bytes(of: accesses.events[...])) { $0 += $1 }
    }

    package func restart() {
        accesses.removeAll()
        for event in kept { accesses.add(event) }
        sent = 0
    }

    package func keep() {
        kept = accesses.events
        for bytes in inner.take() { kept += AccessEvent.events(in: bytes) }
        restart()
    }
}

extension LuaProgram {
    /// The line that started it, such as `modules/fit.lua:4`; empty where it is in no file.
    package var place: String {
        guard let source, source.hasPrefix("@"), let line else { return "" }
        return "\(source.dropFirst()):\(line)"
    }
}
