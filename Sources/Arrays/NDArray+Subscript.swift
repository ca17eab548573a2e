// SPDX-License-Identifier: BSD-3-Clause

extension NDArray {
    /// The element at an index of an array with one axis, from 0.
    ///
    /// As for Swift's own arrays, an index out of bounds ends the program. The first change copies
    /// memory that is shared: see ``withMutableSpan(_:)`` for many changes in a row.
    @inlinable
    public subscript(_ index: Int) -> Element {
        get {
            checkRank(1)
            return load(place(index, 0))
        }
        set {
            checkRank(1)
            _ = place(index, 0)
            untyped.makeWritable()
            store(newValue, at: place(index, 0))
        }
    }

    /// The element at a row and a column of an array with two axes, from 0.
    @inlinable
    public subscript(_ row: Int, _ column: Int) -> Element {
        get {
            checkRank(2)
            return load(place(row, 0) + place(column, 1))
        }
        set {
            checkRank(2)
            _ = place(row, 0) + place(column, 1)
            untyped.makeWritable()
            store(newValue, at: place(row, 0) + place(column, 1))
        }
    }

    /// The element at one index for each axis, from 0.
    public subscript(_ index: Int...) -> Element {
        get { self[at: index] }
        set { self[at: index] = newValue }
    }

    /// The element at a list of one index for each axis, from 0.
    public subscript(at index: [Int]) -> Element {
        get {
            checkRank(index.count)
            return load(index.indices.reduce(0) { $0 + place(index[$1], $1) })
        }
        set {
            checkRank(index.count)
            _ = index.indices.reduce(0) { $0 + place(index[$1], $1) }
            untyped.makeWritable()
            store(newValue, at: index.indices.reduce(0) { $0 + place(index[$1], $1) })
        }
    }

    @usableFromInline
    func checkRank(_ indices: Int) {
        precondition(
            indices == rank, "NDArray: \(indices) indices for an array of \(rank) axes")
    }

    /// The distance of an index from the beginning of its axis, in bytes.
    @inlinable
    func place(_ index: Int, _ axis: Int) -> Int {
        precondition(
            index >= 0 && index < untyped.shape[axis], "NDArray: an index is out of bounds")
        return index * untyped.strides[axis]
    }

    @inlinable
    func load(_ place: Int) -> Element {
        let address = untyped.storage.data + (untyped.offset + place)
        defer { withExtendedLifetime(untyped.storage) {} }
        return address.assumingMemoryBound(to: Element.self).pointee
    }

    @inlinable
    func store(_ value: Element, at place: Int) {
        let address = untyped.storage.data + (untyped.offset + place)
        address.assumingMemoryBound(to: Element.self).pointee = value
        withExtendedLifetime(untyped.storage) {}
    }
}
