// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import Testing
import VTSystem

@Suite struct SessionTests {
    private let key = Key("68f5955e-8b1d84ea9f5bafbd0c58560d")

    init() throws { try Socket.load() }

    private func session(_ id: String = "vtlua-1", key: Key? = nil) -> Session {
        Session(id: id, key: key ?? self.key, username: "u", process: 7)
    }

    /// Frames that are signed as they should be, whatever they hold.
    private func signed(_ frames: [String]) -> [[UInt8]] {
        let frames = frames.map { Array($0.utf8) }
        return [Array("<IDS|MSG>".utf8), key.sign(frames)] + frames
    }

    private let header = #"{"msg_id":"1","msg_type":"t","session":"s"}"#

    /// Why frames are not taken; nil when they are.
    private func rejection(_ frames: [[UInt8]]) -> Rejection? {
        do {
            var session = session()
            _ = try session.open(parts(frames), isFresh: true)
            return nil
        } catch { return error as? Rejection }
    }

    private func parts(_ frames: [[UInt8]]) throws -> [Part] { try frames.map { try Part($0) } }

    @Test func opensWhatItMakes() throws {
        var sender = session()
        let made = sender.make(
            "apply_request", to: [Array("engine".utf8)], parent: Array(header.utf8),
            metadata: ["label": nil], content: ["text": "é"])
        #expect(made.id == "vtlua-1_7_1")
        #expect(made.frames.count == 7)
        var receiver = session("other")
        let message = try receiver.open(parts(made.frames + [[1, 2]]))
        #expect(message.identities == [Array("engine".utf8)])
        #expect(message.id == "vtlua-1_7_1")
        #expect(message.type == "apply_request")
        #expect(message.session == "vtlua-1")
        #expect(message.header == made.frames[3])
        #expect(message.parentID == "1")
        #expect(message.metadata == ["label": nil])
        #expect(message.content == ["text": "é"])
        #expect(message.buffers.map(\.array) == [[1, 2]])
        #expect(sender.make("t").id == "vtlua-1_7_2")
    }

    @Test func headersAreWhole() throws {
        var sender = session()
        let made = sender.make("t")
        let header = try JSON(parsing: made.frames[2])
        #expect(
            header.members?.map(\.key)
                == ["msg_id", "msg_type", "username", "session", "date", "version"])
        #expect(header["username"].string == "u")
        #expect(header["version"].string == "5.3")
        let date = try #require(header["date"].string)
        #expect(date.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
    }

    @Test func refusesOtherSignatures() {
        let right = signed([header, "{}", "{}", "{}"])
        #expect(rejection(right) == nil)
        for frame in 2..<6 {
            var changed = right
            changed[frame].append(UInt8(ascii: " "))
            #expect(rejection(changed) == .badSignature)
        }
        for signature in [[], Array(right[1].dropLast()), right[1] + [0x30]] {
            var changed = right
            changed[1] = signature
            #expect(rejection(changed) == .badSignature)
        }
        // What is in one frame cannot be moved to the next without notice by the parser.
        #expect(rejection(signed([header + "{}", "", "{}", "{}"])) == .malformed)
    }

    @Test func refusesTheSameTwice() throws {
        let frames = try parts(signed([header, "{}", "{}", "{}"]))
        var receiver = session()
        _ = try receiver.open(frames, isFresh: true)
        #expect(throws: Rejection.replayed) { try receiver.open(frames, isFresh: true) }
        // Where it does not matter, it is taken.
        _ = try receiver.open(frames)
        // Without a key there are no signatures to know it by.
        var unsigned = session(key: Key(""))
        _ = try unsigned.open(frames, isFresh: true)
        _ = try unsigned.open(frames, isFresh: true)
    }

    /// Of as many as come within a short while, none is forgotten.
    @Test func rememberingHasABound() throws {
        var receiver = session()
        var sender = session("other")
        let first = try parts(sender.make("t").frames)
        _ = try receiver.open(first, isFresh: true)
        for _ in 0..<(1 << 16) {
            _ = try receiver.open(parts(sender.make("t").frames), isFresh: true)
        }
        #expect(throws: Rejection.replayed) { try receiver.open(first, isFresh: true) }
    }

    @Test(
        arguments: [
            ["", "{}", "{}", "{}"], ["{}", "{}", "{}", "{}"], ["[]", "{}", "{}", "{}"],
            [#"{"msg_id":1,"msg_type":"t"}"#, "{}", "{}", "{}"],
            [#"{"msg_id":"1"}"#, "{}", "{}", "{}"],
            [#"{"msg_id":"1","msg_type":"t"}"#, "{", "{}", "{}"],
            [#"{"msg_id":"1","msg_type":"t"}"#, "{}", "nul", "{}"],
            [#"{"msg_id":"1","msg_type":"t"}"#, "{}", "{}", "{} {}"],
        ])
    func refusesWhatIsNoMessage(_ frames: [String]) {
        #expect(rejection(signed(frames)) == .malformed)
    }

    @Test func refusesOtherShapes() {
        let right = signed([header, "{}", "{}", "{}"])
        #expect(rejection([]) == .malformed)
        for count in 0..<right.count {
            #expect(rejection(Array(right.prefix(count))) == .malformed)
        }
        #expect(rejection(Array(right.dropFirst())) == .malformed)
        #expect(rejection([[UInt8](repeating: 1, count: 256)] + right) == .malformed)
        #expect(rejection([[UInt8](repeating: 1, count: 255)] + right) == nil)
        var long = right
        long[1] = [UInt8](repeating: 0x30, count: 129)
        #expect(rejection(long) == .malformed)
    }

    /// Looked at before it is parsed, or even signed.
    @Test func sizeHasABound() {
        let most = 32 << 20
        func frames(_ size: Int) -> [String] {
            let rest = header.utf8.count + 4
            return [
                header, "{}", "{}", "\"" + String(repeating: "x", count: size - rest - 2) + "\"",
            ]
        }
        #expect(rejection(signed(frames(most))) == nil)
        #expect(rejection(signed(frames(most + 1))) == .malformed)
    }
}
