// SPDX-License-Identifier: BSD-3-Clause

import CVTParallel
import CVTSystem
import Glibc
import VTLuaBridge
import VTShipping
import Testing

@testable import VTParallel
import VTSystem

/// What a process and its child say to each other, over a real socket pair.
@Suite struct LinkTests {
    private static func pair() throws -> (Link, Link) {
        var ends: [Int32] = [-1, -1]
        try #require(vty_socket_pair(&ends) == 0)
        return (Link(ends[0]), Link(ends[1]))
    }

    private static func frame(_ link: Link) throws -> Link.Frame {
        guard case .frame(let frame) = try link.receive(until: Clock.now + 5 * Clock.second) else {
            throw Link.Broken(reason: "nothing came")
        }
        return frame
    }

    @Test func messagesComeInOrder() throws {
        let (here, there) = try Self.pair()
        for number in 0..<1000 {
            var header = FrameHeader(.tasks)
            header.first = Int64(number)
            try here.send(
                header, Array(repeating: UInt8(truncatingIfNeeded: number), count: number))
            let frame = try Self.frame(there)
            #expect(frame.kind == .tasks)
            #expect(frame.header.first == Int64(number))
            #expect(frame.body.count == number)
            #expect(frame.body.allSatisfy { $0 == UInt8(truncatingIfNeeded: number) })
        }
        guard case .nothing = try there.receive(until: Clock.now) else {
            return #expect(Bool(false), "there was one more")
        }
    }

    /// Large payloads are not in the socket; the body still is.
    @Test(arguments: [0, 1, Segment.smallest - 1, Segment.smallest, 5 << 20])
    func aPayloadOfAnySize(_ count: Int) throws {
        let (here, there) = try Self.pair()
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for round in 0..<3 {
            try payload.withUnsafeBytes {
                try here.send(FrameHeader(.results), [1, 2, 3], payload: $0)
            }
            let frame = try Self.frame(there)
            #expect((frame.memory != nil) == (count >= Segment.smallest), "round \(round)")
            var reader = ByteReader(frame.body)
            #expect(Array(try reader.readBytes(3)) == [1, 2, 3])
            try frame.payload(&reader).withBytes { #expect($0.elementsEqual(payload)) }
        }
    }

    /// A string that the other process copies for itself.
    @Test func largeStringsGoBesideThePayload() throws {
        let (here, there) = try Self.pair()
        let state = try LuaState()
        try state.run { lua in
            try lua.openShipping()
            let encoder = ShippingEncoder(.sharedStrings)
            try lua.load("return { ('x'):rep(100000), 7, ('y'):rep(300000) }")
            try lua.call(results: 1)
            try encoder.encode(lua, at: -1)
            let shipment = encoder.ship()
            #expect(shipment.count < 100)
            #expect(shipment.weight > 400_000)
            try here.send(FrameHeader(.call), [9], shipment, 0..<shipment.count)
            let frame = try Self.frame(there)
            var reader = ByteReader(frame.body)
            #expect(try reader.read(UInt8.self) == 9)
            var position = 0
            try ShippingDecoder(trustsCode: false)
                .decode(frame.payload(&reader), at: &position, lua)
            try lua.setGlobal("got")
            let got: Bool = try lua.evaluate(
                "return got[1] == ('x'):rep(100000) and got[2] == 7 and got[3] == ('y'):rep(300000)"
            )
            #expect(got)
            encoder.copyOutSharedStrings()
        }
    }

    @Test func theEndOfTheOtherIsToldAsSuch() throws {
        let (here, there) = try Self.pair()
        try here.send(FrameHeader(.ready))
        here.shutDown()
        // What was sent before still comes.
        #expect(try Self.frame(there).kind == .ready)
        #expect {
            try there.receive(until: Clock.now + Clock.second)
        } throws: {
            ($0 as? Link.Broken)?.reason == "it has ended"
        }
    }

    /// The length of a message is limited before memory is reserved for it.
    @Test(arguments: [UInt64(1) << 30 + 1, 1 << 40 - 1, 1 << 40, .max])
    func aLengthBeyondTheLimit(_ length: UInt64) throws {
        var ends: [Int32] = [-1, -1]
        try #require(vty_socket_pair(&ends) == 0)
        let there = Link(ends[1])
        var header = FrameHeader(.results)
        header.length = length
        let size = MemoryLayout<FrameHeader>.size
        #expect(withUnsafeBytes(of: header) { write(ends[0], $0.baseAddress, size) } == size)
        defer { close(ends[0]) }
        #expect {
            while case .frame = try there.receive(until: Clock.now + Clock.second) {}
        } throws: {
            ($0 as? Link.Broken)?.reason
                == "it sent a message of \(length) bytes; at most 1073741824 are accepted"
        }
    }

    /// A child that was damaged may send anything.
    @Test func garbageIsNoMessage() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var ends: [Int32] = [-1, -1]
            try #require(vty_socket_pair(&ends) == 0)
            let there = Link(ends[1])
            var bytes = (0..<256).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Sometimes the kind is one there is, and the length large.
            if Bool.random() { bytes.replaceSubrange(0..<4, with: [8, 0, 0, 0]) }
            #expect(write(ends[0], bytes, bytes.count) == bytes.count)
            close(ends[0])
            #expect(throws: Link.Broken.self) {
                while case .frame = try there.receive(until: Clock.now + Clock.second) {}
            }
        }
    }
}
