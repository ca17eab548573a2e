// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension Fingerprint {
    /// The largest size, in bytes, of a file whose content is added; of a larger file, the times are
    /// added.
    private static let contentLimit = 64 << 10
    /// The longest step of the clock of file systems, in nanoseconds.
    private static let clockStep = 10_000_000

    /// Adds the files that the value at `index`, of the type `type`, names.
    mutating func add(files type: PortType, _ lua: borrowing Lua, at index: Int) throws {
        switch type {
        case .file: if let path = lua.text(at: index) { try add(file: path) }
        case .list(let element) where element.holdsFiles && lua.type(at: index) == .table:
            let list = lua.absolute(index)
            for position in 0..<lua.rawLength(at: list) {
                try lua.pushRawElement(position + 1, of: list)
                defer { lua.pop() }
                try add(files: element, lua, at: -1)
            }
        default: return
        }
    }

    /// Adds a file: the content of a small one; the device, inode, size and times of a large one,
    /// which change when its content does.
    ///
    /// - Throws: ``Impossible`` if the file is missing or cannot be read.
    mutating func add(file path: String) throws {
        var status = stat()
        // Opening anything else, such as a pipe, could block.
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Impossible(type: "missing file")
        }
        tag("p")
        add(path)
        if status.st_size <= Self.contentLimit, try addContent(of: path) { return }
        // A second write within the same step of the clock would not change the times.
        let age = status.age
        if age < Self.clockStep {
            var pause = timespec(tv_sec: 0, tv_nsec: Self.clockStep - max(0, age))
            nanosleep(&pause, nil)
            guard stat(path, &status) == 0 else { throw Impossible(type: "missing file") }
        }
        tag("t")
        add(raw: status.st_dev)
        add(raw: status.st_ino)
        add(raw: status.st_size)
        for time in [status.st_mtim, status.st_ctim] {
            add(raw: time.tv_sec)
            add(raw: time.tv_nsec)
        }
    }

    /// Adds the content of a small file. Returns false, and adds nothing, if the file has grown
    /// beyond the limit meanwhile.
    private mutating func addContent(of path: String) throws -> Bool {
        let limit = Self.contentLimit
        guard let content = try? File.read(path, limit: limit + 1) else {
            throw Impossible(type: "file that cannot be read")
        }
        if content.count > limit { return false }
        tag("c")
        content.withUnsafeBytes { add(bytes: $0) }
        return true
    }
}

extension stat {
    /// The time since the file's content or inode last changed, in nanoseconds.
    fileprivate var age: Int {
        let latest = max(
            st_mtim.tv_sec * 1_000_000_000 + st_mtim.tv_nsec,
            st_ctim.tv_sec * 1_000_000_000 + st_ctim.tv_nsec)
        return Int(Clock.wallNanoseconds) - latest
    }
}
