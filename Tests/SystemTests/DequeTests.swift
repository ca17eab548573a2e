// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTSystem

/// The queue with two ends, beside an array.
@Suite struct DequeTests {
    @Test func ends() {
        var queue: Deque<String> = ["b"]
        queue.prepend("a")
        queue.append("c")
        queue += ["d", "e"]
        #expect(Array(queue) == ["a", "b", "c", "d", "e"])
        #expect(queue.popFirst() == "a")
        #expect(queue.removeFirst() == "b")
        #expect(queue.first == "c" && queue.last == "e" && queue.count == 3)
        queue[1] = "x"
        queue.removeAll { $0 == "c" }
        #expect(Array(queue) == ["x", "e"])
        #expect(queue.reversed() == ["e", "x"])
        #expect(queue.popFirst() == "x" && queue.popFirst() == "e" && queue.popFirst() == nil)
        #expect(queue.isEmpty && queue.first == nil)
    }

    /// The same changes as of an array, around the end of the ring and while it grows.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func likeAnArray(seed: UInt64) {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var queue = Deque<Int>()
        var array: [Int] = []
        for number in 0..<5000 {
            switch random(8) {
            case 0, 1, 2:
                queue.append(number)
                array.append(number)
            case 3:
                queue.prepend(number)
                array.insert(number, at: 0)
            case 4, 5:
                #expect(queue.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
            case 6 where !array.isEmpty:
                let place = random(array.count)
                queue[place] = -number
                array[place] = -number
            case 7 where random(20) == 0:
                queue.removeAll { $0 % 3 == 0 }
                array.removeAll { $0 % 3 == 0 }
            default: break
            }
            if number % 50 == 0 { #expect(Array(queue) == array) }
        }
        #expect(Array(queue) == array && queue.count == array.count)
    }

    /// A copy is independent, and an element that was removed is released.
    @Test func values() {
        final class Token {}
        var queue: Deque<Token> = []
        weak var token: Token?
        do {
            let made = Token()
            token = made
            queue.append(made)
        }
        let copy = queue
        _ = queue.popFirst()
        #expect(copy.count == 1 && queue.isEmpty && token != nil)
        withExtendedLifetime(copy) {}
        queue.append(Token())
        token = queue.first
        queue.removeFirst()
        #expect(token == nil)
    }
}
