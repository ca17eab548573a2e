// SPDX-License-Identifier: BSD-3-Clause

extension File {
    /// Writes all bytes to a descriptor.
    ///
    /// - Throws: ``SystemError``.
    package static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
    ) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            // Larger writes would be one system call that no signal ends.
            let count = VTSystem.write(descriptor, rest.baseAddress, min(rest.count, 1 << 24))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemError("cannot write") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes all bytes to a descriptor.
    ///
    /// - Throws: ``SystemError``.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var result: Result<Void, SystemError> = .success(())
        bytes.withUnsafeBytes { bytes in
            result = Result { () throws(SystemError) in try write(bytes, to: descriptor) }
        }
        try result.get()
    }

    /// Writes a whole text to a descriptor.
    ///
    /// - Throws: ``SystemError``.
    package static func write(_ text: String, to descriptor: Int32) throws(SystemError) {
        var text = text
        var result: Result<Void, SystemError> = .success(())
        text.withUTF8 { bytes in
            result = Result { () throws(SystemError) in
                try write(UnsafeRawBufferPointer(bytes), to: descriptor)
            }
        }
        try result.get()
    }

    /// Replaces a file by a text. See ``replace(_:mode:isDurable:_:)``.
    ///
    /// - Throws: ``SystemError``.
    package static func replace(
        _ path: String, by text: String, mode: UInt32 = 0o666
    ) throws(SystemError) {
        try replace(path, mode: mode) { descriptor throws(SystemError) in
            try write(text, to: descriptor)
        }
    }

    /// Replaces a file atomically: a reader sees the old contents or the new, and when the process
    /// is killed midway the old file stays. The contents are written beside the file, then renamed.
    ///
    /// A file that is not regular, such as `/dev/stdout`, is written directly, unless `onlyReplaces`.
    ///
    /// - Parameters:
    ///   - mode: the permissions of the new file, less the process's umask.
    ///   - isDurable: whether the file survives a power failure when this returns.
    ///   - onlyReplaces: whether anything of that name but a directory, such as a link, is replaced.
    ///   - body: writes the contents to a descriptor.
    /// - Throws: ``SystemError``; what `body` throws.
    package static func replace(
        _ path: String, mode: UInt32 = 0o666, isDurable: Bool = false, onlyReplaces: Bool = false,
        _ body: (Int32) throws(SystemError) -> Void
    ) throws(SystemError) {
        let isDirect = !onlyReplaces && isWrittenDirectly(path)
        let (draft, file) = isDirect ? try openDevice(path) : try makeDraft(of: path, mode)
        do throws(SystemError) {
            var isOpen = true
            defer { if isOpen { close(file) } }
            try body(file)
            if isDurable, fsync(file) != 0 { throw SystemError("cannot write", path: path) }
            isOpen = false
            if close(file) != 0 { throw SystemError("cannot write", path: path) }
            if let draft, rename(draft, path) != 0 { throw SystemError("cannot write", path: path) }
        } catch {
            let number = error.number
            if let draft { unlink(draft) }
            throw SystemError("cannot write", path: path, number)
        }
        if isDurable { try Directory.synchronize(path.directoryPart) }
    }

    /// True for what is no regular file, and for links of the system such as `/dev/stdout`.
    private static func isWrittenDirectly(_ path: String) -> Bool {
        if path.hasPrefix("/proc/") { return true }
        if path.hasPrefix("/dev/"), !path.hasPrefix("/dev/shm/") { return true }
        var about = stat()
        return stat(path, &about) == 0 && about.st_mode & S_IFMT != S_IFREG
    }

    private static func openDevice(_ path: String) throws(SystemError) -> (String?, Int32) {
        let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("cannot write", path: path) }
        return (nil, file)
    }

    /// Makes a file of a new name beside `path`. A link of that name is not followed.
    private static func makeDraft(
        of path: String, _ mode: UInt32
    ) throws(SystemError) -> (String?, Int32) {
        while true {
            let draft = Leftovers.draft(of: path)
            let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            if file >= 0 { return (draft, file) }
            guard errno == EEXIST else { throw SystemError("cannot write", path: path) }
        }
    }

    /// Writes a file that must not exist yet.
    ///
    /// - Returns: false, and nothing is written, where the file exists.
    /// - Throws: ``SystemError``.
    package static func create(
        _ path: String, _ text: String, mode: UInt32 = 0o666
    ) throws(SystemError) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        if file < 0, errno == EEXIST { return false }
        guard file >= 0 else { throw SystemError("cannot write", path: path) }
        defer { close(file) }
        do throws(SystemError) {
            try write(text, to: file)
        } catch {
            unlink(path)
            throw SystemError("cannot write", path: path, error.number)
        }
        return true
    }

    /// Appends a text to a file in one write, and makes the file where there is none.
    ///
    /// - Throws: ``SystemError``.
    package static func append(
        _ text: String, to path: String, mode: UInt32
    ) throws(SystemError) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode)
        guard file >= 0 else { throw SystemError("cannot write", path: path) }
        defer { close(file) }
        try write(text, to: file)
    }
}
