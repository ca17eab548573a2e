// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

/// An access by a computation, with the state of the file at that time.
package struct AccessEvent {
    enum Kind: UInt8 {
        /// A file was opened for reading; `status` is nil where there is none.
        case read = 1
        /// A file was created, or emptied.
        case create
        /// A file was opened for appending.
        case append
        /// A file was opened for changes.
        case update
        case remove
        case rename
        /// A name for a temporary file was made.
        case temporary
        /// A directory was made, if it did not exist.
        case makeDirectory
        /// The names in a directory were read.
        case list
        /// `other` is the value; nil for none.
        case environment
        case require
        /// A module could not be loaded.
        case requireFailed
        /// A worker has loaded a module from the file `other`.
        case loaded
        case clock
        case random
        /// A program was started.
        case program
        /// The following events are those of a worker on this host.
        case host
        /// A worker on another host has read something.
        case foreign
        /// The program `name` was run from the file `other`. A zero byte and the list of directories that
        /// were searched follow the name where they are not those of PATH.
        case tool
        /// Files were found by a pattern: the list `other`. The first byte of the name has the options.
        case glob
        /// The status of a file was read: the text `other`.
        case status
        /// The kind of a file was read: the text `other`, empty where there is none.
        case fileKind
        /// Something was read from the URL `name`, which may change.
        case download
    }

    var kind: Kind
    var name: [UInt8]
    var other: [UInt8]?
    var status: FileStatus?
    var existed = false
    var otherExisted = false
    /// The line that accessed, such as `modules/fit.lua:4`; empty where it is not known.
    var place = ""

    init(
        _ kind: Kind, _ name: [UInt8], other: [UInt8]? = nil, status: FileStatus? = nil,
        place: String = ""
    ) {
        self.kind = kind
        self.name = name
        self.other = other
        self.status = status
        self.place = place
    }

    /// The event of an access; nil where it had no effect.
    init?(_ access: LuaAccess) {
        let place = access.place.map { source, line in
            source.hasPrefix("@") ? "\(source.dropFirst()):\(line)" : ""
        }
        switch access.kind {
        case .requireBegin, .require: return nil
        case .open:
            let mode = access.other ?? []
            let updates = mode.contains(UInt8(ascii: "+"))
            switch mode.first {
            case UInt8(ascii: "w"): kind = .create
            case UInt8(ascii: "a"): kind = .append
            default: kind = updates ? .update : .read
            }
            if access.failed, kind != .read, kind != .update { return nil }
            if kind == .update, access.failed { kind = .read }
        case .remove: kind = .remove
        case .rename:
            if access.failed { return nil }
            kind = .rename
        case .temporary: kind = .temporary
        case .environment: kind = .environment
        case .clock: kind = .clock
        case .random: kind = .random
        case .tool: kind = .tool
        case .program: kind = .program
        case .glob: kind = .glob
        case .status: kind = (access.other?.count ?? 0) > 1 ? .status : .fileKind
        case .directory: kind = .makeDirectory
        case .download: kind = .download
        }
        name = access.name
        other = kind == .read || kind == .create ? nil : access.other
        existed = access.existed
        otherExisted = access.otherExisted
        self.place = place ?? ""
        if kind == .read { status = FileStatus(name) }
        if kind == .tool { status = other.flatMap { FileStatus($0) } }
    }
}

// MARK: - Bytes

extension AccessEvent {
    /// Appends the event to the bytes that a worker sends.
    func append(to bytes: inout [UInt8]) {
        bytes.append(kind.rawValue)
        bytes.append(
            (existed ? 1 : 0) | (otherExisted ? 2 : 0) | (other == nil ? 0 : 4)
                | (status == nil ? 0 : 8) | (status?.kind == .directory ? 16 : 0)
                | (status?.kind == .other ? 32 : 0))
        for part in [name, other ?? [], status?.bytes ?? [], Array(place.utf8)] {
            withUnsafeBytes(of: UInt32(part.count)) { bytes.append(contentsOf: $0) }
            bytes += part
        }
    }

    /// Reads the events that a worker has sent, up to the first damaged one.
    static func events(in bytes: [UInt8]) -> [AccessEvent] {
        var events: [AccessEvent] = []
        var rest = bytes[...]
        func take() -> [UInt8]? {
            guard rest.count >= 4 else { return nil }
            let count = rest.prefix(4).withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
            guard rest.count - 4 >= count else { return nil }
            defer { rest = rest.dropFirst(4 + count) }
            return Array(rest.dropFirst(4).prefix(count))
        }
        while let first = rest.popFirst(), let flags = rest.popFirst() {
            guard let kind = Kind(rawValue: first), let name = take(), let other = take(),
                let status = take(), let place = take()
            else { break }
            var event = AccessEvent(kind, name, other: flags & 4 == 0 ? nil : other)
            event.existed = flags & 1 != 0
            event.otherExisted = flags & 2 != 0
            if flags & 8 != 0 {
                event.status = FileStatus(
                    status, kind: flags & 16 != 0 ? .directory : flags & 32 != 0 ? .other : .regular
                )
            }
            event.place = place.text
            events.append(event)
        }
        return events
    }
}

extension FileStatus {
    fileprivate init?(_ bytes: [UInt8], kind: Kind) {
        guard bytes.count == 40 else { return nil }
        let fields = bytes.withUnsafeBytes { bytes in
            (0..<5).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int.self) }
        }
        self.kind = kind
        device = UInt(bitPattern: fields[0])
        inode = UInt(bitPattern: fields[1])
        (size, modified, changed) = (fields[2], fields[3], fields[4])
    }
}
