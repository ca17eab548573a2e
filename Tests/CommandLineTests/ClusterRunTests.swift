// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Testing

/// `vtlua cluster` with the controller of ipyparallel that `VTLUA_IPCONTROLLER` names.
@Suite(.serialized, .enabled(if: RealHome.isPossible)) struct ClusterRunTests {
    @Test func fromStartToStop() throws {
        let home = try RealHome()
        let started = try home.run("start", "-n", "2")
        #expect(
            started.output.text.withoutNumbers == "tcp://127.0.0.1:PORT: 2 engines in the profile "
                + "'default'; stop with: vtlua cluster stop\n")
        #expect(started.error == "")
        #expect(started.end == .exit(0))
        #expect(
            home.status == """
                profile default
                controller tcp://127.0.0.1:PORT, pid PID, alive

                HOST: 2 engines
                 id kind pid state tasks memory version
                 0 lua PID idle 0 NN MB 0.1.0, Lua 5.4.4
                 1 lua PID idle 0 NN MB 0.1.0, Lua 5.4.4

                """)

        let again = try home.run("start")
        #expect(
            again.error.text.replacing(/[0-9]+/, with: "PID")
                == "error: a cluster runs in the profile 'default' already (controller PID); see: "
                + "vtlua cluster status\n")
        #expect(again.end == .exit(5))

        #expect(
            try home.run("scale", "3").error.text == "2 -> 3 engines in the profile 'default'\n")
        #expect(
            try home.run("scale", "1").error.text == "3 -> 1 engines in the profile 'default'\n")
        #expect(
            home.status.replacing(#/ [01] lua/#, with: " N lua") == """
                profile default
                controller tcp://127.0.0.1:PORT, pid PID, alive

                HOST: 1 engine
                 id kind pid state tasks memory version
                 N lua PID idle 0 NN MB 0.1.0, Lua 5.4.4

                """)

        let processes = home.processes
        #expect(processes.count >= 10)
        let stopped = try home.run("stop")
        #expect(stopped.error.text == "stopped the cluster of the profile 'default'\n")
        #expect(stopped.end == .exit(0))
        #expect(home.processes == [])
        #expect(home.names("pid") == [])
        #expect(home.names("security") == [])
        let twice = try home.run("stop")
        #expect(
            twice.error.text == "error: no cluster runs in the profile 'default'; start one with: "
                + "vtlua cluster start\n")
        #expect(twice.end == .exit(5))
    }

    @Test func statusForPrograms() throws {
        let home = try RealHome()
        let started = try home.run("start", "-n", "1", "--curve", "--json")
        let status = try home.run("status", "--json")
        for text in [started.output.text, status.output.text] {
            #expect(
                text.replacing(/"(pid|worker|memory)": [0-9]+/) { "\"\($0.1)\": N" }
                    .replacing(/vtlua-[0-9a-f]+-[0-9a-f]+/, with: "UUID")
                    .replacing(/127.0.0.1:[0-9]+/, with: "127.0.0.1:PORT")
                    .replacing("\"\(home.hostName)\"", with: "\"HOST\"") == """
                        {"schema": 1, "status": "running", "profile": "default", \
                        "directory": "\(home.profile)", "cluster_id": "", \
                        "controller": {"address": "tcp://127.0.0.1:PORT", "host": "HOST", \
                        "encrypted": true, "pid": N, "memory": N, \
                        "log": "\(home.profile)/log/vtlua-controller.log"}, \
                        "engines": [{"id": 0, "uuid": "UUID", "kind": "lua", "state": "idle", \
                        "queue": 0, "tasks": 0, "host": "HOST", "pid": N, "worker": N, "memory": N, \
                        "restarts": 0, "version": "0.1.0", "lua": "Lua 5.4.4", \
                        "dropped": {"signature": 0, "replayed": 0, "malformed": 0, \
                        "misdirected": 0}}], \
                        "missing": [], "unassigned": 0}

                        """)
        }
    }

    @Test func filesAreForNobodyElse() throws {
        let home = try RealHome()
        _ = try home.run("start", "-n", "1")
        func mode(_ name: String) -> Int {
            var status = stat()
            return lstat("\(home.profile)/\(name)", &status) == 0 ? Int(status.st_mode & 0o777) : -1
        }
        for name in ["", "log", "pid", "security"] { #expect(mode(name) == 0o700, "\(name)") }
        for name in [
            "pid/vtlua-cluster.json", "log/vtlua-controller.log", "log/vtlua-engine-1.log",
            "security/ipcontroller-client.json", "security/ipcontroller-engine.json",
        ] {
            #expect(mode(name) == 0o600, "\(name)")
        }
    }

    @Test func logs() throws {
        let home = try RealHome()
        _ = try home.run("start", "-n", "2", "--cluster-id", "a")
        let all = try home.run("logs", "-n", "1", "--cluster-id", "a").output.text
        let labels = all.split(separator: "\n").map { $0.prefix { $0 != "|" } }
        #expect(labels == ["controller ", "engine 0   ", "engine 1   "])
        let one = try home.run("logs", "--cluster-id", "a", "engine", "1").output.text
        #expect(
            one.withoutNumbers
                == "vtlua engine: engine 1 of the controller at tcp://127.0.0.1:PORT\n")
        let none = try home.run("logs", "--cluster-id", "a", "engine", "7")
        #expect(
            none.error.text
                == "error: there is no log of engine 7; logs exist for: controller, "
                + "engine 0, engine 1\n")
        #expect(none.end == .exit(5))
    }

    /// A controller that is killed is noticed, and what it leaves is no obstacle.
    @Test func afterACrash() throws {
        let home = try RealHome()
        _ = try home.run("start", "-n", "1", "--reuse")
        let file = "\(home.profile)/security/ipcontroller-client.json"
        let before = FileManager.default.contents(atPath: file)
        try home.killController()
        let status = try home.run("status")
        #expect(
            status.error.text.split(separator: "\n").first == """
                error: the controller of the profile 'default' has ended; clean up with: \
                vtlua cluster stop
                """)
        #expect(status.end == .exit(5))
        let restored = try home.run("start", "-n", "2", "--restore")
        #expect(
            restored.output.text.withoutNumbers == "tcp://127.0.0.1:PORT: 2 engines in the profile "
                + "'default'; stop with: vtlua cluster stop\n")
        #expect(FileManager.default.contents(atPath: file) == before)
        try home.killController()
        #expect(try home.run("start", "-n", "1").end == .exit(0))
        #expect(home.status.contains("HOST: 1 engine\n"))
        #expect(try home.run("stop").end == .exit(0))
        #expect(home.processes == [])
    }

    @Test func stoppedProcessesAndDeadEngines() throws {
        let home = try RealHome()
        _ = try home.run("start", "-n", "2")
        let engines = try home.engines()
        kill(engines[0], SIGSTOP)
        kill(engines[1], SIGKILL)
        // The Hub learns of the dead one by itself.
        #expect(eventually { !home.status.contains("HOST: 2 engines\n") })
        let rows = home.status.split(separator: "\n").filter { $0.contains(" lua PID ") }
        #expect(rows == [" 0 lua PID silent 0 - -"] || rows == [" 1 lua PID silent 0 - -"])
        #expect(try home.run("stop").end == .exit(0))
        #expect(home.processes == [])
    }

    /// It ends with its owner, also when that is killed.
    @Test(arguments: [SIGTERM, SIGKILL]) func inTheForeground(_ signal: Int32) throws {
        let home = try RealHome()
        let owner = try home.program().start(["cluster", "start", "-n", "1", "--foreground"])
        #expect(try owner.read(until: "\n").contains("1 engine in the profile"))
        #expect(home.processes.count >= 10)
        owner.signal(signal)
        #expect(try owner.end() == (signal == SIGTERM ? .exit(143) : .signal(SIGKILL)))
        _ = eventually { home.names("pid") == [] && home.processes == [] }
        #expect(home.processes == [])
        #expect(home.names("pid") == [])
    }

    /// A controller of somebody else's gets engines of ours, and is not ended by mistake.
    @Test func somebodyElsesController() throws {
        let home = try RealHome()
        var program = home.program()
        program.path = RealHome.controller ?? ""
        program.environment["IPP_PROFILE_DIR"] = home.profile
        let controller = try program.start(
            ["--profile-dir=\(home.profile)", "--ping=300"].map {
                Bytes($0)
            })
        #expect(eventually { !home.status.isEmpty })
        #expect(
            home.status == """
                profile default
                controller tcp://127.0.0.1:PORT, started elsewhere
                engines none; start some with: vtlua cluster scale N

                """)
        let start = try home.run("start")
        #expect(
            start.error.text.withoutNumbers == "error: a controller that was started elsewhere "
                + "answers at tcp://127.0.0.1:PORT, in the profile 'default'; use it, or another "
                + "--cluster-id\n")
        #expect(
            try home.run("scale", "1").error.text == "0 -> 1 engines in the profile 'default'\n")
        #expect(
            try home.run("stop").error.text
                == "stopped the engines started by vtlua in the profile 'default'\n")
        let refused = try home.run("stop")
        #expect(
            refused.error.text.withoutNumbers
                == "error: the controller at tcp://127.0.0.1:PORT was "
                + "started by another program; stop it with that program, or with: "
                + "vtlua cluster stop --foreign\n"
        )
        #expect(refused.end == .exit(5))
        #expect(try home.run("stop", "--foreign").end == .exit(0))
        #expect(try controller.finish().end == .exit(0))
    }

    /// A wrong key, and a wrong key of CURVE: said within the time that was given.
    @Test func wrongKeys() throws {
        let home = try RealHome()
        for (option, pattern, message) in [
            (
                "--db", #""key": "...."#,
                "no reply from the controller at tcp://127.0.0.1:PORT after 1 s: wrong key, "
                    + "stale connection file, or the controller is gone"
            ),
            (
                "--curve", #""curve_serverkey": "...."#,
                "the controller at tcp://127.0.0.1:PORT does not accept the CURVE key of the "
                    + "connection file; it is another controller's"
            ),
        ] {
            _ = try home.run("start", "-n", "0", option)
            let name = ".ipython/profile_default/security/ipcontroller-client.json"
            let right = try #require(home.folder.text(of: name))
            let wrong = try right.replacing(Regex(pattern)) { "\($0.0.dropLast(4))AAAA" }
            #expect(wrong != right)
            try home.folder.write(Bytes(wrong), to: name)
            var found = try home.run("status", "--timeout", "1")
            // On a busy machine the refusal may come later than that.
            if option == "--curve", found.error.text.hasPrefix("error: no reply") {
                found = try home.run("status", "--timeout", "60")
            }
            #expect(found.error.text.withoutNumbers == "error: \(message)\n")
            #expect(found.end == .exit(5))
            _ = try home.run("stop")
        }
    }
}

/// A home in which the controller is a real one. What was started in it ends with it.
final class RealHome {
    let home: Home

    static var controller: String? { ProcessInfo.processInfo.environment["VTLUA_IPCONTROLLER"] }
    static var isPossible: Bool { controller != nil }

    init() throws { home = try Home() }

    deinit {
        for name in home.names("pid") {
            let id = name.dropFirst("vtlua-cluster-".count).dropLast(".json".count)
            let choice = id.isEmpty ? [] : ["--cluster-id", String(id)]
            _ = try? run(["stop"] + choice)
        }
    }

    var folder: Folder { home.folder }
    var profile: String { home.profile }
    func names(_ directory: String) -> [String] { home.names(directory) }
    var hostName: String { ProcessInfo.processInfo.hostName }

    func program() -> Program { home.program(["VTLUA_IPCONTROLLER": Self.controller]) }

    func run(_ arguments: [String]) throws -> Program.Outcome {
        try program().run(["cluster"] + arguments.map { Bytes($0) })
    }

    func run(_ arguments: String...) throws -> Program.Outcome { try run(arguments) }

    /// What `status` shows, without numbers and spaces that differ; nothing where it fails.
    var status: String {
        let text = (try? run("status"))?.output.text ?? ""
        return text.withoutNumbers.replacing("\(hostName): ", with: "HOST: ")
            .replacing(#/ +/#, with: " ")
    }

    /// Processes whose command names the profile.
    var processes: [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { pid in
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                return false
            }
            return String(decoding: bytes, as: UTF8.self).contains(home.path)
        }
    }

    private func state() throws -> String {
        try #require(folder.text(of: ".ipython/profile_default/pid/vtlua-cluster.json"))
    }

    func killController() throws {
        let found = try #require(try state().firstMatch(of: /"controller": {"pid": ([0-9]+)/))
        let pid = try #require(Int32(found.1))
        kill(pid, SIGKILL)
        _ = eventually { kill(pid, 0) != 0 }
    }

    /// The numbers of the engines' processes.
    func engines() throws -> [Int32] {
        try state().split(separator: #""engines": "#).last?.matches(of: /"pid": ([0-9]+)/)
            .compactMap { Int32($0.1) } ?? []
    }
}

extension String {
    /// Without ports, numbers of processes and amounts of memory.
    fileprivate var withoutNumbers: String {
        replacing(/127\.0\.0\.1:[0-9]+/, with: "127.0.0.1:PORT")
            .replacing(/pid [0-9]+/, with: "pid PID")
            .replacing(/(lua|python) +[0-9]+/) { "\($0.1) PID" }
            .replacing(/[0-9]+ MB/, with: "NN MB")
    }
}
