// SPDX-License-Identifier: BSD-3-Clause

/// A layered drawing of a graph: each node is in a layer after those of the nodes that it depends on,
/// and the order in a layer keeps connections short. The time to compute it is linear in nodes and
/// connections.
///
/// The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical
/// system structures", 1981.
struct Layers {
    /// A node, or a point at which a long connection crosses a layer.
    struct Vertex {
        /// The index of the node; nil for a point of a connection.
        var node: Int?
        var layer: Int
        var before: [Int] = []
        var behind: [Int] = []
    }

    struct Edge: Hashable {
        var source: Int
        var target: Int
    }

    private(set) var vertices: [Vertex]
    /// The vertices of each layer, in order.
    private(set) var layers: [[Int]] = []
    /// The vertices on the path of each edge, with its ends.
    private(set) var paths: [[Int]] = []

    /// The largest number of nodes in a layer.
    private static let mostInLayer = 40
    /// The largest number of layers that a connection may cross and still have points in them.
    private static let longest = 12

    /// - Parameter edges: the connections, without duplicates.
    init(count: Int, edges: [Edge]) {
        let depth = Self.depths(count, edges)
        let place = Self.narrow(depth)
        vertices = place.enumerated().map { Vertex(node: $0, layer: $1) }
        layers = Array(repeating: [], count: (place.max() ?? -1) + 1)
        for index in vertices.indices { layers[place[index]].append(index) }
        connect(edges, depth)
        for _ in 0..<6 { sweep() }
    }

    /// Returns the length of the longest path to each node. A node without dependencies is next to
    /// the first node that depends on it.
    private static func depths(_ count: Int, _ edges: [Edge]) -> [Int] {
        var targets: [[Int]] = Array(repeating: [], count: count)
        var missing = Array(repeating: 0, count: count)
        for edge in edges {
            targets[edge.source].append(edge.target)
            missing[edge.target] += 1
        }
        let isSource = missing.map { $0 == 0 }
        var depth = Array(repeating: 0, count: count)
        var ready = (0..<count).filter { missing[$0] == 0 }
        var next = 0
        while next < ready.count {
            let node = ready[next]
            next += 1
            for target in targets[node] {
                depth[target] = max(depth[target], depth[node] + 1)
                missing[target] -= 1
                if missing[target] == 0 { ready.append(target) }
            }
        }
        for node in 0..<count where isSource[node] {
            if let nearest = targets[node].map({ depth[$0] }).min() {
                depth[node] = max(0, nearest - 1)
            }
        }
        return depth
    }

    /// Splits layers that have too many nodes into several.
    private static func narrow(_ depth: [Int]) -> [Int] {
        var counts = Array(repeating: 0, count: (depth.max() ?? -1) + 1)
        for depth in depth { counts[depth] += 1 }
        var first: [Int] = []
        var total = 0
        for count in counts {
            first.append(total)
            total += max(1, (count + mostInLayer - 1) / mostInLayer)
        }
        var seen = Array(repeating: 0, count: counts.count)
        return depth.map { depth in
            defer { seen[depth] += 1 }
            return first[depth] + seen[depth] / mostInLayer
        }
    }

    /// Adds a point to long connections in each layer that they cross, up to a total number.
    private mutating func connect(_ edges: [Edge], _ depth: [Int]) {
        var room = 4 * vertices.count + 1000
        for edge in edges {
            var path = [edge.source]
            let (from, to) = (vertices[edge.source].layer, vertices[edge.target].layer)
            let span = to - from
            if span > 1, span <= Self.longest, span <= room,
                depth[edge.target] - depth[edge.source] > 1
            {
                room -= span
                for layer in (from + 1)..<to {
                    layers[layer].append(vertices.count)
                    path.append(vertices.count)
                    vertices.append(Vertex(node: nil, layer: layer))
                }
            }
            path.append(edge.target)
            for (one, other) in zip(path, path.dropFirst()) {
                vertices[one].behind.append(other)
                vertices[other].before.append(one)
            }
            paths.append(path)
        }
    }

    /// Orders each layer by the mean position of its neighbours, from the last layer to the first and
    /// back.
    private mutating func sweep() {
        var position = Array(repeating: 0.0, count: vertices.count)
        func note(_ layer: [Int]) {
            for (index, vertex) in layer.enumerated() { position[vertex] = Double(index) }
        }
        for layer in layers { note(layer) }
        func order(_ layer: [Int], _ neighbours: (Vertex) -> [Int]) -> [Int] {
            let wanted = layer.map { vertex in
                let around = neighbours(vertices[vertex])
                if around.isEmpty { return position[vertex] }
                return around.reduce(0) { $0 + position[$1] } / Double(around.count)
            }
            let sorted = layer.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
            return sorted.map { layer[$0] }
        }
        for index in layers.indices.reversed() {
            layers[index] = order(layers[index], \.behind)
            note(layers[index])
        }
        for index in layers.indices {
            layers[index] = order(layers[index], \.before)
            note(layers[index])
        }
    }
}
