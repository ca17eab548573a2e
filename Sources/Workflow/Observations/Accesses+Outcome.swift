// SPDX-License-Identifier: BSD-3-Clause

/// The meaning of a computation's accesses for its result.
struct ComputationOutcome {
    /// The observations that must hold for the result to be used again.
    var observations: [Observation] = []
    /// The files and directories that the computation has made, as it has named them.
    var products: [[UInt8]] = []
    /// The reason why the result must not be used again.
    var obstacle: String?
    /// The things that the result depends on and no observation covers, such as the current time, each with its
    /// place.
    var notices: [(what: String, place: String)] = []
}

extension Accesses {
    /// Reads the events in order.
    ///
    /// - Parameters:
    ///   - covered: returns true for an absolute path whose content is an input, or that is in the
    ///     scratch directory: its reading is no observation.
    ///   - observe: returns the observations of a reading event; throws ``Obstacle`` where it cannot be
    ///     observed.
    func outcome(
        covered: ([UInt8]) -> Bool, isScratch: ([UInt8]) -> Bool,
        observe: (AccessEvent) throws -> [Observation]
    ) rethrows -> ComputationOutcome {
        var outcome = ComputationOutcome()
        outcome.observations = inherited
        var files = ChangedFiles()
        let directory = [UInt8].workingDirectory
        for event in events {
            let path = event.name.absolutePath(in: directory)
            switch event.kind {
            case .read, .list, .status, .fileKind:
                if files.hasMade(path) || isScratch(path) { continue }
                // The content of a file does not cover its times.
                if event.kind != .status, covered(path) { continue }
                if path.isSystemFile {
                    outcome.notices.append(("the file '\(event.name.text)'", event.place))
                    continue
                }
                files.read[path] = files.read[path] ?? event
                do {
                    outcome.observations += try observe(event)
                } catch let obstacle as Obstacle {
                    outcome.obstacle = outcome.obstacle ?? obstacle.reason(event.place)
                }
            case .glob:
                let pattern = Array(event.name.dropFirst()).absolutePath(in: directory)
                if files.isTemporary(pattern) || isScratch(pattern) { continue }
                outcome.observations += try observe(event)
            case .environment, .require, .requireFailed, .loaded, .tool,
                .download:
                do {
                    outcome.observations += try observe(event)
                } catch let obstacle as Obstacle {
                    outcome.obstacle = outcome.obstacle ?? obstacle.reason(event.place)
                }
            case .clock: outcome.notices.append(("the clock (\(event.name.text))", event.place))
            case .random:
                outcome.notices.append(("random numbers without a seed", event.place))
            case .program:
                outcome.notices.append(("the program `\(event.name.text)`", event.place))
            case .foreign:
                outcome.notices.append(("files on the host \(event.name.text)", event.place))
            case .host: continue
            case .create, .append, .update, .remove, .rename, .temporary, .makeDirectory:
                if isScratch(path) || path.isSystemFile { continue }
                let target = event.other.map { $0.absolutePath(in: directory) }
                files.take(event, path, target.flatMap { isScratch($0) ? nil : $0 })
            }
        }
        outcome.products = files.products
        outcome.obstacle = files.obstacle ?? outcome.obstacle
        return outcome
    }
}

/// A reason why a result must not be used again.
struct Obstacle: Error {
    var text: String

    /// The reason with the line of code that it comes from.
    func reason(_ place: String) -> String { place.isEmpty ? text : "\(place): \(text)" }
}

/// The files that a computation has changed.
private struct ChangedFiles {
    /// The files that it read before it made them.
    var read: [[UInt8]: AccessEvent] = [:]
    /// The files that it has made, each with whether the file was there before.
    private var made: [[UInt8]: (existed: Bool, given: [UInt8])] = [:]
    private var temporary: Set<[UInt8]> = []
    /// Files of others that it has removed.
    private var removed: [(path: [UInt8], event: AccessEvent)] = []
    private var changed: (path: [UInt8], what: String, place: String)?

    func hasMade(_ path: [UInt8]) -> Bool { made[path] != nil || isTemporary(path) }

    /// True for a temporary file, or a path in a temporary directory.
    func isTemporary(_ path: [UInt8]) -> Bool {
        temporary.contains(path)
            || temporary.contains { path.starts(with: $0 + [UInt8(ascii: "/")]) }
    }

    mutating func take(_ event: AccessEvent, _ path: [UInt8], _ target: [UInt8]?) {
        switch event.kind {
        case .temporary: temporary.insert(path)
        case .create, .makeDirectory: make(path, event, existed: event.existed)
        case .append, .update:
            if hasMade(path) { return }
            if event.kind == .append, !event.existed { return make(path, event, existed: false) }
            change(event, event.kind == .append ? "appends to" : "changes")
        case .remove:
            if temporary.remove(path) != nil || isTemporary(path) { return }
            let existed = made.removeValue(forKey: path)?.existed
            if existed ?? event.existed { removed.append((path, event)) }
        case .rename:
            let isOwn = hasMade(path)
            let existed = made.removeValue(forKey: path)?.existed ?? false
            temporary.remove(path)
            guard isOwn else { return change(event, "renames") }
            if existed { removed.append((path, event)) }
            if let target {
                make(target, event, existed: event.otherExisted, given: event.other)
            }
        default: return
        }
    }

    private mutating func make(
        _ path: [UInt8], _ event: AccessEvent, existed: Bool, given: [UInt8]? = nil
    ) {
        if isTemporary(path) { return }
        if read[path] != nil, made[path] == nil, event.kind != .makeDirectory {
            changed = changed ?? (path, "reads and then writes '\(event.name.text)'", event.place)
        }
        made[path] = (made[path]?.existed ?? existed, given ?? event.name)
    }

    private mutating func change(_ event: AccessEvent, _ verb: String) {
        changed = changed ?? (event.name, "\(verb) '\(event.name.text)'", event.place)
    }

    var products: [[UInt8]] { made.values.map(\.given) }

    var obstacle: String? {
        if let changed {
            return Obstacle(text: "it \(changed.what), which a cached result would not repeat")
                .reason(changed.place)
        }
        guard let removed = removed.first(where: { made[$0.path] == nil }) else { return nil }
        return Obstacle(
            text: "it removes '\(removed.event.name.text)', which a cached result would not repeat"
        ).reason(removed.event.place)
    }
}

extension [UInt8] {
    /// True for files whose content the system makes up.
    fileprivate var isSystemFile: Bool {
        ["/proc/", "/sys/", "/dev/"].contains { starts(with: Array($0.utf8)) }
    }

}
