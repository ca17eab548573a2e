// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing
import VTSystem

@Suite struct FileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func readsWhatWasWritten() throws {
        let path = scratch["a"]
        for size in [0, 1, 4095, 4096, 4097, 300_000] {
            let text = String(repeating: "x", count: size)
            try File.replace(path, by: text)
            #expect(try File.read(path) == Array(text.utf8))
            #expect(File.text(path) == text)
        }
        #expect(scratch.names == ["a"])
    }

    @Test func stopsAtTheLimit() throws {
        try File.replace(scratch["a"], by: "0123456789")
        #expect(try File.read(scratch["a"], limit: 4) == Array("0123".utf8))
        #expect(try File.read(scratch["a"], limit: 0) == [])
    }

    @Test func readsFilesWithoutASize() throws {
        #expect(try File.read("/proc/self/stat").count > 50)
        #expect(try File.read("/dev/null") == [])
    }

    @Test func saysWhatCannotBeRead() throws {
        let path = scratch["missing"]
        let error = #expect(throws: SystemError.self) { try File.read(path) }
        #expect(error?.description == "cannot read '\(path)': No such file or directory")
        #expect(error?.number == ENOENT)
        #expect(error?.path == path)
        #expect(File.text(scratch.path) == nil)
    }

    @Test func failingWriteLeavesTheOldFile() throws {
        let path = scratch["a"]
        try File.replace(path, by: "old")
        let error = #expect(throws: SystemError.self) {
            try File.replace(path) { file throws(SystemError) in
                try File.write("half", to: file)
                throw SystemError("cannot write", ENOSPC)
            }
        }
        #expect(error?.description == "cannot write '\(path)': No space left on device")
        #expect(File.text(path) == "old")
        #expect(scratch.names == ["a"])
    }

    /// Swift hides `fork`; the child here calls only what is safe in one: file operations.
    private static let fork = unsafeBitCast(
        dlsym(nil, "fork"), to: (@convention(c) () -> pid_t).self)

    @Test func killedWriterLeavesTheOldFile() throws {
        let path = scratch["a"]
        try File.replace(path, by: "old")
        let child = Self.fork()
        if child == 0 {
            try? File.replace(path) { file throws(SystemError) in
                try File.write(String(repeating: "x", count: 100_000), to: file)
                kill(getpid(), SIGKILL)
            }
            _exit(1)
        }
        #expect(ProcessEnd.reap(child, waits: true) == .signal(SIGKILL))
        #expect(File.text(path) == "old")
        // The draft of the dead process is beside it, and does not disturb the next writer.
        #expect(scratch.names.count == 2)
        try File.replace(path, by: "new")
        #expect(File.text(path) == "new")
    }

    @Test func replacesDurably() throws {
        let path = scratch["a"]
        try File.replace(path, isDurable: true) { file throws(SystemError) in
            try File.write([1, 2, 3], to: file)
        }
        #expect(try File.read(path) == [1, 2, 3])
    }

    @Test func keepsToTheMode() throws {
        try File.replace(scratch["a"], by: "", mode: 0o600)
        var about = stat()
        #expect(stat(scratch["a"], &about) == 0 && about.st_mode & 0o777 == 0o600)
    }

    @Test func writesDevicesDirectly() throws {
        try File.replace("/dev/null", by: "x")
        var about = stat()
        #expect(stat("/dev/null", &about) == 0 && about.st_mode & S_IFMT == S_IFCHR)
    }

    @Test func replacesWhatIsNoFile() throws {
        try File.replace(scratch["kept"], by: "kept")
        #expect(symlink(scratch["kept"], scratch["link"]) == 0)
        #expect(mkfifo(scratch["fifo"], 0o600) == 0)
        for name in ["link", "fifo"] {
            try File.replace(scratch[name], onlyReplaces: true) { file throws(SystemError) in
                try File.write("new", to: file)
            }
            var about = stat()
            #expect(lstat(scratch[name], &about) == 0 && about.st_mode & S_IFMT == S_IFREG)
            #expect(File.text(scratch[name]) == "new")
        }
        #expect(File.text(scratch["kept"]) == "kept")
    }

    @Test func drawsNamesOfDrafts() {
        let endings = (0..<1000).map { _ in Leftovers.draftEnding(beside: scratch["a"]) }
        #expect(Set(endings).count == 1000)
        for ending in endings {
            #expect(Leftovers.mark(ofDraft: "a" + ending)?.target == "a")
        }
    }

    @Test(arguments: [
        "a.tmp", "a.vtlua-1-2-3-4.tmp", "a.vtlua-1-2-3-4-x.tmp", "a.vtlua-1-2-0-4-5.tmp",
        "a.vtlua-1-2-3-4-5", "a.vtlua-1-2-3-4-11112222333344445.tmp", "a.vtlua-1-2-3-4-.tmp",
    ])
    func leavesFilesOfOthers(_ name: String) throws {
        #expect(Leftovers.mark(ofDraft: name) == nil)
        try Directory.make(scratch["d"])
        try File.replace(scratch["d/\(name)"], by: "")
        _ = Leftovers.draftEnding(beside: scratch["d/other"])
        #expect(File.exists(scratch["d/\(name)"]))
    }

    @Test func createsOnlyNewFiles() throws {
        #expect(try File.create(scratch["a"], "one"))
        #expect(try !File.create(scratch["a"], "two"))
        #expect(File.text(scratch["a"]) == "one")
    }

    @Test func appends() throws {
        try File.append("a\n", to: scratch["a"], mode: 0o600)
        try File.append("b\n", to: scratch["a"], mode: 0o600)
        #expect(File.text(scratch["a"]) == "a\nb\n")
    }

    @Test func readsLinks() throws {
        #expect(symlink("somewhere", scratch["link"]) == 0)
        #expect(File.target(ofLink: scratch["link"]) == "somewhere")
        #expect(File.target(ofLink: scratch["missing"]) == nil)
    }
}

@Suite struct DirectoryTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func makesAllThatIsMissing() throws {
        try Directory.make(scratch["a/b/c"])
        try Directory.make(scratch["a//b/c/"])
        #expect(Directory.isDirectory(scratch["a/b/c"]))
    }

    @Test(arguments: ["file", "file/a", "file/a/b", "file/"])
    func namesTheFileThatIsInTheWay(_ name: String) throws {
        try File.replace(scratch["file"], by: "")
        let error = #expect(throws: SystemError.self) { try Directory.make(scratch[name]) }
        let path = error?.path ?? ""
        #expect(path == scratch["file"] || path == scratch["file/"])
        #expect(error?.number == EEXIST)
        #expect(error?.description == "cannot make the directory '\(path)': File exists")
    }

    @Test func namesADirectoryThatCannotBeMade() throws {
        let error = #expect(throws: SystemError.self) { try Directory.make("/proc/a/b") }
        #expect(error?.path == "/proc/a")
        // The working directory.
        try Directory.make("")
    }

    @Test func removesTreesWithoutFollowingLinks() throws {
        try Directory.make(scratch["tree/a"])
        try Directory.make(scratch["kept"])
        try File.replace(scratch["kept/file"], by: "x")
        #expect(symlink(scratch["kept"], scratch["tree/link"]) == 0)
        Directory.removeTree(scratch["tree"])
        #expect(scratch.names == ["kept"])
        #expect(File.exists(scratch["kept/file"]))
    }

    @Test(arguments: [("a", ""), ("a/b", "a"), ("/a", "/"), ("/a/b", "/a"), ("", "")])
    func splitsPaths(_ path: String, _ directory: String) {
        #expect(path.directoryPart == directory)
    }
}
