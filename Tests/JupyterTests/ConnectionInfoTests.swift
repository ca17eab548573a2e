// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import Testing
import VTSystem

@Suite struct ConnectionInfoTests {
    /// A client's file, with some members set anew.
    private func read(
        _ changes: [String: JSON] = [:], role: ConnectionInfo.Role = .client
    ) throws -> ConnectionInfo {
        let file: JSON = [
            "ssh": "", "interface": "tcp://127.0.0.1", "registration": 40653, "control": 38029,
            "mux": 43339, "task": 41999, "task_scheme": "leastload", "iopub": 42311,
            "notification": 44293, "broadcast": 38767, "key": "68f5955e", "curve_serverkey": nil,
            "location": "vm", "pack": "json", "unpack": "json", "signature_scheme": "hmac-sha256",
        ]
        let members = (file.members ?? []).filter { changes[$0.key] == nil }
        let all = members + changes.map { ($0.key, $0.value) }
        return try ConnectionInfo(parsing: JSON.object(all).bytes, role: role, source: "FILE")
    }

    private func refusal(
        _ changes: [String: JSON] = [:], role: ConnectionInfo.Role = .client
    ) -> String {
        do {
            _ = try read(changes, role: role)
            return "none"
        } catch { return "\(error)" }
    }

    @Test func tellsWhereThingsAre() throws {
        let info = try read()
        #expect(info.endpoint("mux") == "tcp://127.0.0.1:43339")
        #expect(info.address == "tcp://127.0.0.1:40653")
        #expect(info.broadcast == [38767])
        #expect(info.curve == nil)
        #expect(try read(["broadcast": [1, 2]]).broadcast == [1, 2])
        #expect(try read(["broadcast": nil]).broadcast == [])
        #expect(try read(["interface": "ipc:///tmp/x"]).endpoint("mux") == "ipc:///tmp/x-43339")
        #expect(try read(["pack": "orjson", "unpack": "orjson"]).taskScheme == "leastload")
    }

    /// An address of all interfaces is none to connect to.
    @Test func findsTheMachine() throws {
        let everywhere: JSON = "tcp://0.0.0.0"
        let there = try read(["interface": everywhere, "location": "elsewhere.example"])
        #expect(there.endpoint("mux") == "tcp://elsewhere.example:43339")
        let here = try read(["interface": "tcp://*", "location": .string(hostName())])
        #expect(here.endpoint("mux") == "tcp://127.0.0.1:43339")
    }

    @Test func saysWhatIsWrong() {
        #expect(
            refusal(role: .engine) == "FILE has no port `hb_ping`; is it the client's file?")
        #expect(
            refusal(["mux": 70000]) == "FILE has no port `mux`; is it the engine's file?")
        #expect(
            refusal(["pack": "pickle"])
                == "FILE: the controller packs messages as pickle, and only json is understood; "
                + "start it with --Session.packer=json")
        #expect(
            refusal(["signature_scheme": "hmac-md5"])
                == "FILE: the signature scheme is hmac-md5, and only hmac-sha256 is understood")
        #expect(
            refusal(["key": ""])
                == "FILE has no key: any process could send code. Start the controller with a "
                + "key, or with --enable-curve")
        #expect(
            refusal(["curve_serverkey": "short"])
                == "FILE: `curve_serverkey` is not a key of 40 letters")
        #expect(
            refusal(["ssh": "gate", "location": "far"])
                == "FILE: the controller is reached through ssh (gate), which is not done here; "
                + "forward its ports with ssh -L, and set `ssh` to \"\"")
    }

    @Test(arguments: ["", "{", "[1", "nonsense", "{\"a\":}"])
    func isNoJSON(_ text: String) {
        #expect(throws: ConnectionError.self) {
            try ConnectionInfo(parsing: Array(text.utf8), role: .client, source: "FILE")
        }
    }
}
