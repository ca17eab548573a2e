// SPDX-License-Identifier: BSD-3-Clause

import Testing

@testable import VTJupyter

@Suite struct SharedSignaturesTests {
    private let key = Key("a key of this test \(UInt64.random(in: .min ... .max))")
    private func signature(_ number: Int) -> [UInt8] { key.sign([Array("\(number)".utf8)]) }

    /// Each engine accepts what no other has received, and the scheduler may give a task to several.
    @Test func oneEngineAcceptsARequest() throws {
        try Socket.load()
        let engines = try (0..<3).map { _ in try #require(SharedSignatures(key)) }
        for number in 0..<1000 {
            #expect(engines[number % 3].add(signature(number), isDirect: true))
            for engine in engines {
                #expect(!engine.add(signature(number), isDirect: true))
                #expect(!engine.add(signature(number), isDirect: false))
            }
        }
        for engine in engines { #expect(engine.add(signature(-1), isDirect: false)) }
        #expect(!engines[0].add(signature(-1), isDirect: true))
    }

    @Test func memoryIsRemovedWithTheLast() throws {
        try Socket.load()
        do {
            let engine = try #require(SharedSignatures(key))
            #expect(engine.add(signature(1), isDirect: true))
        }
        let engine = try #require(SharedSignatures(key))
        #expect(engine.add(signature(1), isDirect: true))
        #expect(SharedSignatures(Key("")) == nil)
    }

    /// Many signatures do not fill it: the earliest are forgotten.
    @Test func forgetsTheEarliest() throws {
        try Socket.load()
        let engine = try #require(SharedSignatures(key))
        var refused = 0
        for number in 0..<150_000
        where !engine.add(Array("\(number)".utf8).randomDigits, isDirect: true) { refused += 1 }
        #expect(refused == 0)
    }
}

extension [UInt8] {
    /// 64 digits that depend on these bytes.
    fileprivate var randomDigits: [UInt8] {
        var state: UInt64 = reduce(14_695_981_039_346_656_037) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        return (0..<64).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Array("0123456789abcdef".utf8)[Int(state >> 60)]
        }
    }
}
