// SPDX-License-Identifier: BSD-3-Clause

/// The coordinates of the vertices of a layered graph: layers from left to right, the vertices of a
/// layer from top to bottom, as level with their neighbours as the order allows.
struct Placement {
    static let boxWidth = 168.0
    static let boxHeight = 44.0
    private static let gap = 46.0

    /// The vertical position of the centre of each vertex.
    private(set) var y: [Double]
    private(set) var width: Double
    private(set) var height: Double

    static func x(ofLayer layer: Int) -> Double { Double(layer) * (boxWidth + gap) }

    init(_ graph: Layers) {
        y = Array(repeating: 0, count: graph.vertices.count)
        for layer in graph.layers {
            var top = 0.0
            for (index, vertex) in layer.enumerated() {
                if index > 0 { top += Self.distance(layer[index - 1], vertex, graph) }
                y[vertex] = top
            }
        }
        width = Self.x(ofLayer: max(0, graph.layers.count - 1)) + Self.boxWidth
        height = 0
        for _ in 0..<4 {
            for layer in graph.layers.reversed() { level(layer, graph, \.behind) }
            for layer in graph.layers { level(layer, graph, \.before) }
        }
        for layer in graph.layers.reversed() { level(layer, graph) { $0.before + $0.behind } }
        let half = Self.boxHeight / 2
        let top = (y.min() ?? 0) - half
        for vertex in y.indices { y[vertex] -= top }
        height = (y.max() ?? 0) + half
    }

    /// Returns the smallest distance between the centres of two vertices of a layer.
    private static func distance(_ one: Int, _ other: Int, _ graph: Layers) -> Double {
        let isBox = (graph.vertices[one].node != nil, graph.vertices[other].node != nil)
        return switch isBox {
        case (true, true): boxHeight + 16
        case (false, false): 12
        default: boxHeight / 2 + 14
        }
    }

    /// Moves the vertices of a layer towards the mean of their neighbours, with their distances kept:
    /// a least-squares fit by the pool adjacent violators algorithm.
    private mutating func level(
        _ layer: [Int], _ graph: Layers, _ neighbours: (Layers.Vertex) -> [Int]
    ) {
        var pools: [(mean: Double, weight: Double, count: Int)] = []
        var offsets: [Double] = []
        var offset = 0.0
        for (index, vertex) in layer.enumerated() {
            if index > 0 { offset += Self.distance(layer[index - 1], vertex, graph) }
            offsets.append(offset)
            let around = neighbours(graph.vertices[vertex])
            let wanted =
                around.isEmpty
                ? y[vertex] : around.reduce(0) { $0 + y[$1] } / Double(around.count)
            // Points of long connections have a large weight, so that these are straight.
            let weight = around.isEmpty ? 0.1 : graph.vertices[vertex].node == nil ? 4 : 1
            pools.append((wanted - offset, weight, 1))
            while pools.count > 1, pools[pools.count - 2].mean > pools[pools.count - 1].mean {
                let last = pools.removeLast()
                let before = pools.removeLast()
                let weight = before.weight + last.weight
                let mean = (before.mean * before.weight + last.mean * last.weight) / weight
                pools.append((mean, weight, before.count + last.count))
            }
        }
        var index = 0
        for pool in pools {
            for _ in 0..<pool.count {
                y[layer[index]] = pool.mean + offsets[index]
                index += 1
            }
        }
    }
}
