// SPDX-License-Identifier: BSD-3-Clause

import CVTSystem
import Glibc
import Testing
import VTSystem

@Suite struct ProcessTests {
    private func shell(_ code: String) -> Spawn { Spawn("/bin/sh", ["-c", code]) }

    @Test func reportsTheExitCode() throws {
        let process = try SpawnedProcess(shell("exit 3"))
        #expect(process.reap() == .code(3))
        #expect(process.reap() == .code(3))
        #expect("\(process.reap())" == "ended with exit code 3")
    }

    @Test func reportsTheSignal() throws {
        let process = try SpawnedProcess(shell("kill -SEGV $$"))
        #expect(process.reap() == .signal(SIGSEGV))
        #expect("\(process.reap())" == "was ended by SIGSEGV")
    }

    @Test func passesStreamsAndDirectory() throws {
        var spawn = shell("cat; pwd; echo $VTY_TEST; echo ${HOME-unset}")
        spawn.directory = "/"
        spawn.environment = ["VTY_TEST": "set", "HOME": nil]
        #expect(try spawn.output(input: "text\n") == "text\n/\nset\nunset\n")
    }

    @Test func outputOfAFailureIsNil() throws {
        #expect(try shell("echo x; exit 1").output(input: "") == nil)
    }

    @Test func readsMuchOutput() throws {
        let text = String(repeating: "0123456789", count: 50_000)
        #expect(try shell("cat").output(input: text) == text)
    }

    @Test func passesTheChannelAndNothingElse() throws {
        let pipe = try Pipe.make()
        defer { close(pipe.reading) }
        let other = open("/dev/null", O_RDONLY)  // not closed on exec
        defer { close(other) }
        var spawn = shell("ls /proc/$$/fd | tr '\\n' ' ' >&3")
        spawn.channel = pipe.writing
        let process = try SpawnedProcess(spawn)
        close(pipe.writing)
        #expect(process.reap() == .code(0))
        var block = [UInt8](repeating: 0, count: 256)
        let count = read(pipe.reading, &block, block.count)
        let fds = String(decoding: block.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        #expect(fds.prefix(4) == ["0", "1", "2", "3"])
        #expect(!fds.contains(Substring("\(other)")) || other < 4)
    }

    @Test func hasAGroupOfItsOwn() throws {
        let process = try SpawnedProcess(shell("sleep 60 & sleep 60"))
        #expect(getpgid(process.pid) == process.pid)
        #expect(getsid(process.pid) == getsid(0))
        process.kill()
        #expect(process.reap() == .signal(SIGKILL))
    }

    @Test func hasASessionOfItsOwn() throws {
        var spawn = shell("sleep 60")
        spawn.hasSession = true
        let process = try SpawnedProcess(spawn)
        #expect(getsid(process.pid) == process.pid)
        process.kill()
        process.reap()
    }

    @Test func leavesNoZombie() throws {
        let process = try SpawnedProcess(shell("exit 0"))
        #expect(process.wait(until: Clock.now + 20 * Clock.second) == .code(0))
        #expect(ProcessEnd.reap(process.pid, waits: false) == .unknown)
    }

    @Test func killsAtTheDeadline() throws {
        let process = try SpawnedProcess(shell("sleep 60"))
        #expect(process.wait(until: Clock.now) == .signal(SIGKILL))
    }

    @Test func reportsWhatCannotBeStarted() {
        var spawn = Spawn("/no/such/program")
        let error = #expect(throws: SystemError.self) { try spawn.start() }
        #expect(
            error?.description == "cannot start '/no/such/program': No such file or directory")
        spawn = shell("true")
        spawn.directory = "/no/such/directory"
        let other = #expect(throws: SystemError.self) { try spawn.start() }
        #expect(
            other?.description
                == "cannot start '/bin/sh' in '/no/such/directory': No such file or directory")
    }
}

@Suite struct LibraryTests {
    private func failure(_ name: String, function: String?) -> String {
        var failure = [CChar](repeating: 0, count: 512)
        var slot: UnsafeMutableRawPointer?
        let isLoaded = name.withCString { name in
            (function ?? "").withCString { function_ in
                "libfoo1".withCString { package in
                    withUnsafeMutablePointer(to: &slot) { slot in
                        var symbol = vty_symbol(name: function_, slot: slot)
                        var names: [UnsafePointer<CChar>?] = [name, nil]
                        return names.withUnsafeMutableBufferPointer { names in
                            withUnsafePointer(to: &symbol) { symbol in
                                var library = vty_library(
                                    names: names.baseAddress, package: package, symbols: symbol,
                                    count: function == nil ? 0 : 1)
                                return vty_library_load(&library, &failure, failure.count)
                            }
                        }
                    }
                }
            }
        }
        if isLoaded { return slot == nil ? "no function" : "loaded" }
        return String(
            decoding: failure.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func loadsFunctions() { #expect(failure("libc.so.6", function: "getpid") == "loaded") }

    @Test func namesWhatIsMissing() {
        #expect(
            failure("libfoo.so.1", function: nil)
                == "libfoo.so.1 cannot be loaded (Debian: libfoo1): libfoo.so.1: cannot open shared "
                + "object file: No such file or directory")
        #expect(
            failure("libc.so.6", function: "no_such_function")
                == "libc.so.6 lacks no_such_function; a newer one is needed (Debian: libfoo1)")
    }
}
