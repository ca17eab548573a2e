// SPDX-License-Identifier: BSD-3-Clause

/// A queue with two ends: elements in a ring buffer.
///
/// Appending and removing at both ends take constant time, amortized; other changes take time
/// proportional to the count.
package struct Deque<Element> {
    /// A power of two of places, or none.
    @usableFromInline var places: ContiguousArray<Element?> = []
    /// The place of the first element.
    @usableFromInline var head = 0
    @usableFromInline var used = 0

    /// Creates an empty queue.
    @inlinable
    package init() {}

    @inlinable
    func place(_ index: Int) -> Int { (head &+ index) & (places.count &- 1) }

    /// Doubles the places when all are used.
    @inlinable
    mutating func makeRoom() {
        guard used == places.count else { return }
        var larger = ContiguousArray<Element?>()
        larger.reserveCapacity(Swift.max(8, used * 2))
        for index in 0..<used { larger.append(places[place(index)]) }
        while larger.count < Swift.max(8, used * 2) { larger.append(nil) }
        places = larger
        head = 0
    }
}

extension Deque: Sendable where Element: Sendable {}

extension Deque: RandomAccessCollection, MutableCollection {
    /// 0.
    @inlinable
    package var startIndex: Int { 0 }
    /// The number of elements.
    @inlinable
    package var endIndex: Int { used }

    /// The element at an index, counted from 0.
    @inlinable
    package subscript(index: Int) -> Element {
        get {
            // A place within the count has an element.
            guard index >= 0, index < used, let element = places[place(index)] else {
                preconditionFailure("index out of range")
            }
            return element
        }
        set {
            precondition(index >= 0 && index < used, "index out of range")
            places[place(index)] = newValue
        }
    }
}

extension Deque: RangeReplaceableCollection, ExpressibleByArrayLiteral {
    /// Creates a queue from a literal.
    @inlinable
    package init(arrayLiteral elements: Element...) {
        for element in elements { append(element) }
    }

    /// Adds an element at the end.
    @inlinable
    package mutating func append(_ element: Element) {
        makeRoom()
        places[place(used)] = element
        used += 1
    }

    /// Adds an element at the front.
    @inlinable
    package mutating func prepend(_ element: Element) {
        makeRoom()
        head = place(-1)
        places[head] = element
        used += 1
    }

    /// Removes and returns the first element; nil if there is none.
    @inlinable
    package mutating func popFirst() -> Element? {
        guard used > 0 else { return nil }
        let element = places[head]
        places[head] = nil
        head = place(1)
        used -= 1
        return element
    }

    /// Removes and returns the first element. There must be one.
    @inlinable
    @discardableResult
    package mutating func removeFirst() -> Element {
        guard let element = popFirst() else { preconditionFailure("the queue is empty") }
        return element
    }

    /// Replaces the elements of a range.
    package mutating func replaceSubrange(
        _ range: Range<Int>, with elements: some Collection<Element>
    ) {
        var changed = Deque()
        for index in 0..<range.lowerBound { changed.append(self[index]) }
        for element in elements { changed.append(element) }
        for index in range.upperBound..<used { changed.append(self[index]) }
        self = changed
    }
}
