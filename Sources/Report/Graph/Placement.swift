// SPDX-License-Identifier: BSD-3-Clause

/// Where the vertices of a layered graph are: layers from left to right, their vertices from top
/// to bottom, as level with their neighbours as the order allows.
struct Placement {
    static let boxWidth = 168.0
    static let boxHeight = 44.0
    private static let gap = 46.0

    /// The middle of each vertex, from the top.
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

    /// How far the middles of two vertices have to be from each other.
    private static func distance(_ one: Int, _ other: Int, _ graph: Layers) -> Double {
        let isBox = (graph.vertices[one].node != nil, graph.vertices[other].node != nil)
        return switch isBox {
        case (true, true): boxHeight + 16
        case (false, false): 12
        default: boxHeight / 2 + 14
        }
    }

    /// Moves the vertices of a layer to the mean of their neighbours, or as near as those above
    /// and below let them: least squares, by pooling of adjacent violators.
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
            // Long connections are to be straight; a vertex alone gives way.
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
