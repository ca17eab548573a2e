// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

// Programs, the files that a pattern finds, and the status of files.

extension Observer {
    /// Returns the observation of a program that was run.
    ///
    /// - Throws: ``Obstacle``
    func tool(_ event: AccessEvent) throws -> Observation {
        var seen: [UInt8] = []
        if let path = event.other {
            guard let status = event.status, FileStatus(path) == status,
                let found = self.seen(file: path)
            else { throw Obstacle(text: "the program '\(path.text)' was changed while it ran") }
            seen = found
        }
        // A name with a slash is a path.
        let name = event.name.contains(47) ? names.paths.name(ofGiven: event.name) : event.name
        return Observation(kind: .tool, name: name, seen: seen)
    }

    private func seen(file path: [UInt8]) -> [UInt8]? {
        guard let digest = try? names.digest(ofFile: path) else { return nil }
        return names.paths.name(ofPort: path) + [0] + digest.bytes
    }

    /// The program of a name as it would be found now.
    func seen(tool name: [UInt8]) -> [UInt8] {
        var parts = name.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let search = parts.count > 1 ? parts.removeLast() : nil
        let path = names.paths.path(Array(parts.first ?? []))
        guard let file = FileTree.program(path, in: search.map(Array.init)) else { return [] }
        return seen(file: file) ?? []
    }

    /// Returns the observation of a list of files, or of a status.
    func found(_ event: AccessEvent) -> Observation {
        let seen = event.other ?? []
        switch event.kind {
        case .glob:
            let pattern = names.paths.name(ofGiven: Array(event.name.dropFirst()))
            return Observation(
                kind: .glob, name: event.name.prefix(1) + pattern, seen: digest(ofList: seen))
        default:
            return Observation(
                kind: event.kind == .status ? .status : .fileKind,
                name: names.paths.name(ofGiven: event.name), seen: seen)
        }
    }

    /// The digest of a list of paths, each ended by a zero byte. Where they are inside the flow's
    /// directory, they count relative to it.
    private func digest(ofList list: [UInt8]) -> [UInt8] {
        var bytes = Array("glob".utf8)
        for path in list.split(separator: 0) {
            bytes += names.paths.name(ofGiven: Array(path)) + [0]
        }
        return names.digest(bytes).bytes
    }

    /// The files that a pattern finds now.
    func seen(glob name: [UInt8]) -> [UInt8] {
        let flags = Int32(name.first ?? 48) - 48
        let pattern = names.paths.path(Array(name.dropFirst()))
        return digest(ofList: FileTree.glob(pattern, flags: flags) ?? [])
    }
}
