// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Testing

/// `vtlua cluster`, where no controller is needed, or one that a script plays.
@Suite struct ClusterCommandTests {
    // MARK: Finding ipyparallel

    @Test func withoutIPyParallel() throws {
        let found = try Home().run("start")
        #expect(
            found.error.text == """
                error: ipyparallel is not installed; run: vtlua cluster install
                  or install it yourself: pip install 'ipyparallel>=9.2'
                  or set VTLUA_IPCONTROLLER to the path of an ipcontroller installed elsewhere

                """)
        #expect(found.output == "")
        #expect(found.end == .exit(5))
    }

    @Test func whatIsNamedHasToBeThere() throws {
        let home = try Home()
        let found = try home.run("start", environment: ["VTLUA_IPCONTROLLER": "/nowhere/python"])
        #expect(
            found.error.text == "error: VTLUA_IPCONTROLLER names '/nowhere/python': "
                + "No such file or directory\n")
        try home.folder.write("/nowhere/else\nmore\n", to: ".config/vtlua/python")
        #expect(
            try home.run("start").error.text
                == "error: \(home.path)/.config/vtlua/python names '/nowhere/else': "
                + "No such file or directory\n")
        let other = try home.run("start", environment: ["VTLUA_IPCONTROLLER": home.path])
        #expect(
            other.error.text == "error: VTLUA_IPCONTROLLER names '\(home.path)': not a program\n")
    }

    /// The controller, which ends at once, is found in each place, the earlier first.
    @Test func wherePlacesComeInTurn() throws {
        let home = try Home()
        func says(_ name: String, _ environment: [String: String?] = [:]) throws -> Bool {
            try home.run("start", environment: environment).error.text.hasSuffix(
                "ends with:\n    \(name)\n")
        }
        try home.script("echo path >&2", "bin/ipcontroller")
        #expect(try says("path", ["PATH": "\(home.path)/bin:/usr/bin:/bin"]))
        try home.script("echo installed >&2", ".local/share/vtlua/ipyparallel/bin/ipcontroller")
        #expect(try says("installed", ["PATH": "\(home.path)/bin:/usr/bin:/bin"]))
        try home.script(#"echo "$1 $2" >&2"#, "python3.99")
        try home.folder.write(" \(home.path)/python3.99 \n", to: ".config/vtlua/python")
        #expect(try says("-m ipyparallel.controller"))
        try home.script("echo named >&2", "controller")
        #expect(try says("named", ["VTLUA_IPCONTROLLER": "\(home.path)/controller"]))
    }

    // MARK: Starting

    @Test func controllerThatEnds() throws {
        let home = try Home(controller: "echo 'no such thing' >&2; exit 3")
        let found = try home.run("start", "-n", "1")
        #expect(
            found.error.text == """
                error: the controller has ended with exit code 3
                  \(home.profile)/log/vtlua-controller.log ends with:
                    no such thing

                """)
        #expect(found.output == "")
        #expect(found.end == .exit(5))
        #expect(home.names("pid") == [])
    }

    @Test func controllerThatDoesNothing() throws {
        let home = try Home(controller: "echo waiting; echo $$ > pid; sleep 300 & wait")
        // A longer limit where the script has not come that far.
        var found = try home.run("start", "-n", "1", "--timeout", "0.3")
        for limit in ["3", "30"] where home.folder.text(of: "pid")?.isEmpty ?? true {
            found = try home.run("start", "-n", "1", "--timeout", limit)
        }
        #expect(
            found.error.text == """
                error: the controller did not write its connection files in time
                  \(home.profile)/log/vtlua-controller.log ends with:
                    waiting

                """)
        #expect(found.end == .exit(5))
        #expect(home.names("pid") == [])
        let pid = try #require(home.folder.text(of: "pid").flatMap { Int32($0.dropLast()) })
        // Nor what it has started.
        #expect(Home.living(inSession: pid) == [])
    }

    @Test func whatTheControllerIsTold() throws {
        let home = try Home(controller: #"echo "$@" >&2; env | grep -c ^IPP_ >&2; exit 1"#)
        func told(_ arguments: String...) throws -> String {
            let found = try home.run(
                ["start"] + arguments, environment: ["IPP_CLUSTER_ID": "x", "SLURM_PROCID": "3"])
            return found.error.text.split(separator: "\n").dropFirst(2).joined(separator: "\n")
        }
        let directory =
            "    --profile-dir=\(home.profile) --ping=500 "
            + "--HeartMonitor.max_heartmonitor_misses=30"
        let plain = try told()
        #expect(plain == "\(directory) --nodb\n    0")
        let encrypted = try told("--db", "--curve")
        #expect(encrypted == "\(directory) --IPController.enable_curve=True\n    0")
        let open = try told("--ip", "0.0.0.0", "--reuse", "--controller-arg=--hwm=0")
        #expect(open == "\(directory) --nodb --ip=0.0.0.0 --reuse --hwm=0\n    0")
        let restored = try told("--cluster-id", "two", "--restore")
        #expect(restored == "\(directory) --cluster-id=two --nodb --restore\n    0")
    }

    @Test func secondStartWhileTheFirstIsAtWork() throws {
        let home = try Home(controller: "sleep 300")
        let first = try home.program().start(["cluster", "start"])
        #expect(eventually { home.names("pid") != [] })
        let found = try home.run("start", "--timeout", "0.2")
        #expect(
            found.error.text == "error: another `vtlua cluster` command is changing the profile "
                + "'default'; try again when it has finished\n")
        #expect(found.end == .exit(5))
        first.signal(SIGINT)
        let end = try first.finish()
        #expect(end.error.text == "error: interrupted\n")
        #expect(end.end == .exit(130))
        #expect(home.names("pid") == [])
    }

    @Test(arguments: [
        (["start", "-n=-1"], "-n must be 0 to 10000, got -1"),
        (["scale", "20000"], "the number of engines must be 0 to 10000, got 20000"),
        (
            ["start", "--cluster-id", "a/b"],
            "'a/b' cannot be a cluster's id: use letters, digits and . _ -"
        ),
        (
            ["status", "--profile", "a", "--profile-dir", "b"],
            "--profile and --profile-dir cannot be combined"
        ),
        (
            ["status", "--profile", "a", "--file", "b"],
            "--file cannot be combined with options that select a profile"
        ),
        (["logs", "engine", "x"], "expected controller, engine or engine N, got 'engine x'"),
        (["start", "--timeout", "0"], "--timeout must be positive, got 0.0"),
    ])
    func wrongUsage(_ arguments: [String], _ message: String) throws {
        let found = try Home().run(arguments)
        #expect(
            found.error.text == """
                error: \(message)
                  See 'vtlua cluster \(arguments[0]) --help' for more information.

                """)
        #expect(found.end == .exit(2))
    }

    // MARK: A cluster that is not there

    @Test func withoutACluster() throws {
        let home = try Home()
        let absent =
            "error: no cluster runs in the profile 'default'; start one with: "
            + "vtlua cluster start\n"
        for command in [["status"], ["stop"], ["scale", "2"], ["logs"]] {
            let found = try home.run(command)
            #expect(found.error.text == absent)
            #expect(found.output == "")
            #expect(found.end == .exit(5))
        }
        let other = try home.run("status", "--profile", "mine", "--cluster-id", "two")
        #expect(
            other.error.text == "error: there is no profile 'mine' "
                + "(\(home.path)/.ipython/profile_mine); start one with: "
                + "vtlua cluster start --profile mine --cluster-id two\n")
        let copied = try home.run("status", "--file", "/nowhere/client.json")
        #expect(
            copied.error.text
                == "error: there is no connection file /nowhere/client.json\n")
        #expect(home.folder.names == [])
    }

    @Test func withoutAClusterAsJSON() throws {
        let home = try Home()
        let found = try home.run("status", "--json")
        #expect(
            found.output.text == #"{"schema": 1, "status": "not-running", "profile": "default", "#
                + #""directory": "\#(home.profile)", "cluster_id": "", "error": "no cluster runs in "#
                + #"the profile 'default'; start one with: vtlua cluster start"}"# + "\n")
        #expect(found.end == .exit(5))
    }

    @Test func garbageInTheConnectionFile() throws {
        let home = try Home()
        let path = "\(home.profile)/security/ipcontroller-client.json"
        func status(_ text: String) throws -> String {
            try home.folder.write(
                Bytes(text), to: ".ipython/profile_default/security/ipcontroller-client.json")
            return try home.run("status").error.text
        }
        #expect(try status("{\"key\":") == "error: \(path) is not JSON (at byte 7)\n")
        #expect(try status("[]") == "error: \(path) holds no JSON object\n")
        #expect(
            try status("{}") == "error: \(path) has no port `registration`; "
                + "is it the engine's file?\n")
    }

    @Test func staleConnectionFile() throws {
        let home = try Home()
        try home.folder.write(
            """
            {"interface": "tcp://127.0.0.1", "registration": 9, "control": 9, "mux": 9, "task": 9,
             "iopub": 9, "notification": 9, "key": "k", "location": "localhost"}
            """, to: ".ipython/profile_default/security/ipcontroller-client.json")
        let found = try home.run("status")
        #expect(
            found.error.text == "error: nothing listens at tcp://127.0.0.1:9: the connection file "
                + "is stale or the controller is gone; start one with: vtlua cluster start\n")
        #expect(found.end == .exit(5))
    }

    /// The number is this process's now: it is not the one that was started.
    @Test func staleStateKillsNobody() throws {
        let home = try Home()
        let file = ".ipython/profile_default/pid/vtlua-cluster.json"
        try home.folder.write(home.state(pid: getpid(), start: 1), to: file)
        let found = try home.run("stop")
        #expect(
            found.error.text == "error: no cluster runs in the profile 'default'; start one with: "
                + "vtlua cluster start\n")
        #expect(home.names("pid") == [])
        for text in ["nonsense", "{}", home.state(pid: -1, start: 1).text] {
            try home.folder.write(Bytes(text), to: file)
            #expect(try home.run("stop").end == .exit(5))
        }
    }

    @Test func clusterOfAnotherMachine() throws {
        let home = try Home()
        try home.folder.write(
            home.state(pid: getpid(), start: 1, host: "elsewhere"),
            to: ".ipython/profile_default/pid/vtlua-cluster.json")
        for command in [["status"], ["stop"], ["logs"]] {
            let found = try home.run(command)
            #expect(
                found.error.text == "error: the cluster of the profile 'default' was started on "
                    + "elsewhere; use this command there, or remove "
                    + "\(home.profile)/pid/vtlua-cluster.json when it is gone\n")
            #expect(found.end == .exit(5))
        }
    }

    // MARK: Installing

    @Test func installWithoutPython() throws {
        let found = try Home().run("install", "--python", "no-python")
        #expect(
            found.error.text == "error: 'no-python' was not found, and ipyparallel needs it; "
                + "on Debian: apt install python3 python3-venv\n")
        #expect(found.end == .exit(5))
    }

    @Test func installThatFails() throws {
        let home = try Home()
        try home.script("echo ensurepip is not available; mkdir -p \"$4\"; exit 1", "python3")
        let found = try home.run("install", "--python", "./python3")
        let directory = "\(home.path)/.local/share/vtlua"
        #expect(
            found.error.text == """
                error: making \(directory)/ipyparallel failed; on Debian: apt install python3-venv
                  \(directory)/install.log ends with:
                    ensurepip is not available

                """)
        #expect(found.end == .exit(5))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory) == ["install.log"])
    }

    @Test func installThatTakesTooLong() throws {
        let home = try Home()
        try home.script("sleep 100", "python3")
        let found = try home.run("install", "--python", "./python3", "--timeout", "0.2")
        let directory = "\(home.path)/.local/share/vtlua"
        #expect(
            found.error.text == """
                error: making \(directory)/ipyparallel took too long; see --timeout
                  \(directory)/install.log is empty

                """)
    }

    @Test func installThatWorks() throws {
        let home = try Home()
        // The environment's Python is this script again; as pip it makes the controller.
        try home.script(
            #"""
            if [ "$2" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; exit; fi
            echo "$@" > "$HOME/pip"
            printf '#!/bin/sh\necho 9.2.0\n' > "$(dirname "$0")/ipcontroller"
            chmod 755 "$(dirname "$0")/ipcontroller"
            """#, "python3")
        let directory = "\(home.path)/.local/share/vtlua/ipyparallel"
        for already in ["", "already "] {
            let found = try home.run("install", "--python", "./python3")
            #expect(
                found.error.text == "ipyparallel 9.2.0 is installed \(already)in \(directory); "
                    + "start a cluster with: vtlua cluster start\n")
            #expect(found.end == .exit(0))
        }
        #expect(
            home.folder.text(of: "pip")
                == "-m pip install --disable-pip-version-check --no-input ipyparallel>=9.2\n")
    }
}

/// A home directory of its own, without an ipyparallel.
final class Home {
    let folder: Folder
    private let controller: String?

    /// - Parameter controller: a script for the shell, in place of ipcontroller.
    init(controller: String? = nil) throws {
        folder = try Folder()
        self.controller = controller
        if let controller { try script(controller, "ipcontroller") }
    }

    var path: String { folder.path }
    var profile: String { "\(path)/.ipython/profile_default" }

    func script(_ text: String, _ name: String) throws {
        if let slash = name.lastIndex(of: "/") { try folder.make(String(name[..<slash])) }
        // By another process: one that a test beside this one starts just now would hold the file
        // open for a moment, and what is open for writing cannot be run.
        let writer = Program("/bin/sh")
        let made = try writer.run(
            "-c", #"cat >"$0" && chmod 755 "$0""#, Bytes("\(path)/\(name)"),
            input: Bytes("#!/bin/sh\n\(text)\n"))
        guard made.end == .exit(0) else { throw SystemError("cat") }
    }

    /// Names in a directory of the profile.
    func names(_ directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(profile)/\(directory)")) ?? [])
            .sorted()
    }

    func program(_ environment: [String: String?] = [:]) -> Program {
        var variables: [String: String?] = [
            "HOME": path, "IPYTHONDIR": nil, "XDG_DATA_HOME": nil, "XDG_CONFIG_HOME": nil,
            "PATH": "/usr/bin:/bin",
            "VTLUA_IPCONTROLLER": controller == nil ? nil : "\(path)/ipcontroller",
        ]
        for (name, value) in environment { variables[name] = value }
        return folder.program(variables)
    }

    func run(
        _ arguments: [String], environment: [String: String?] = [:]
    ) throws -> Program.Outcome {
        try program(environment).run(["cluster"] + arguments.map { Bytes($0) })
    }

    func run(
        _ arguments: String..., environment: [String: String?] = [:]
    ) throws -> Program.Outcome {
        try run(arguments, environment: environment)
    }

    /// Processes of a session, but for those that have ended and that nobody has waited for.
    static func living(inSession session: Int32) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { pid in
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else {
                return false
            }
            // State is the field behind the name in parentheses, the session the third after it.
            let text = String(decoding: bytes, as: UTF8.self)
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 3 && fields[0] != "Z" && fields[3] == "\(session)"
        }
    }

    /// What a profile's file says of a cluster.
    func state(pid: Int32, start: Int, host: String? = nil) -> Bytes {
        let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))
        return """
            {"schema": 1, "token": "t", "host": "\(host ?? ProcessInfo.processInfo.hostName)", \
            "boot": "\(boot?.dropLast() ?? "")", "controller": {"pid": \(pid), "start": \(start), \
            "log": "", "keeps_files": false}, "engines": [{"number": 1, "pid": \(pid), \
            "start": \(start), "log": ""}]}
            """
    }
}
