// SPDX-License-Identifier: BSD-3-Clause

// With any encoder, such as those of JSON. Arrays in values for Lua stay arrays, which share their
// memory.

extension NDArray: Codable {
    /// Reads nested lists of equal lengths, one level for each axis; an element alone is an array
    /// without axes.
    public init(from decoder: any Decoder) throws {
        guard var list = try? decoder.unkeyedContainer() else {
            let element = try decoder.singleValueContainer().decode(Element.self)
            self.init(shape: [], repeating: element)
            return
        }
        var lists = NestedLists<Element>()
        try lists.read(&list, axis: 0)
        self = try NDArray(lists.elements, shape: lists.shape)
    }

    /// Writes nested lists, one level for each axis; an array without axes as its element. Lengths
    /// after a 0 are lost.
    public func encode(to encoder: any Encoder) throws {
        guard rank > 0 else {
            var container = encoder.singleValueContainer()
            return try container.encode(elements[0])
        }
        var list = encoder.unkeyedContainer()
        try Self.write(untyped, to: &list)
    }

    private static func write(
        _ array: AnyArray, to list: inout any UnkeyedEncodingContainer
    ) throws {
        guard array.rank > 1 else {
            for element in array.elements(of: Element.self) { try list.encode(element) }
            return
        }
        for index in 0..<array.shape[0] {
            var row = list.nestedUnkeyedContainer()
            try write(array.part(at: index), to: &row)
        }
    }
}

/// Lists that are read, and the shape that their lengths make.
private struct NestedLists<Element: ArrayElement> {
    var elements: [Element] = []
    var shape: [Int] = []
    /// The number of axes, known after the first element.
    private var rank: Int?

    mutating func read(_ list: inout any UnkeyedDecodingContainer, axis: Int) throws {
        if shape.count == axis { shape.append(-1) }
        var count = 0
        while !list.isAtEnd {
            count += 1
            if axis + 1 < rank ?? 0 {
                var row = try list.nestedUnkeyedContainer()
                try read(&row, axis: axis + 1)
            } else if rank != nil {
                elements.append(try list.decode(Element.self))
            } else if let element = try? list.decode(Element.self) {
                rank = axis + 1
                elements.append(element)
            } else if axis + 1 < AnyArray.greatestRank, var row = try? list.nestedUnkeyedContainer()
            {
                try read(&row, axis: axis + 1)
            } else {
                elements.append(try list.decode(Element.self))  // throws
            }
        }
        if shape[axis] < 0 { shape[axis] = count }
        guard shape[axis] == count else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: list.codingPath,
                    debugDescription:
                        "lists of one axis have different lengths: \(shape[axis]) and \(count)"))
        }
    }
}

extension AnyArray: Codable {
    private enum Field: String, CodingKey { case dtype, shape, elements }

    /// Reads the fields `dtype`, `shape` and `elements`.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        let name = try fields.decode(String.self, forKey: .dtype)
        let shape = try fields.decode([Int].self, forKey: .shape)
        guard let dtype = DType(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .dtype, in: fields, debugDescription: "'\(name)' is no type of elements")
        }
        func read<Element: ArrayElement>(_ type: Element.Type) throws -> AnyArray {
            let elements = try fields.decode([Element].self, forKey: .elements)
            return AnyArray(try NDArray(elements, shape: shape))
        }
        self = try read(dtype.elementType)
    }

    /// Writes the type, the shape, and the elements in row-major order.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(dtype.rawValue, forKey: .dtype)
        try fields.encode(shape, forKey: .shape)
        func write<Element: ArrayElement>(_ type: Element.Type) throws {
            try fields.encode(elements(of: type), forKey: .elements)
        }
        try write(dtype.elementType)
    }
}
