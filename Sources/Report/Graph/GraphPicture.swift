// SPDX-License-Identifier: BSD-3-Clause

internal import VTStore
internal import VTSystem
internal import VTWorkflow

/// The graph of a run as an SVG picture, with a box and a state for each node.
struct GraphPicture {
    /// A node of the picture.
    struct Box {
        var name: String
        var module: String
        var state: State
        /// The text below the name.
        var note: String
        /// The identifier of the section about the node; nil if there is none.
        var anchor: String?
        /// True for a node with elements.
        var isStack = false
    }

    private(set) var boxes: [Box] = []
    /// The connections between two nodes, with the names of their ports.
    private var connections: [Connection] = []
    /// The number of connections of inputs that get many, by the index of the node.
    private var bundles: [Int: String] = [:]

    private struct Connection {
        var edge: Layers.Edge
        /// The names of the ports, each with the number of its connections.
        var ports: [(text: String, count: Int)] = []
        /// False for one of many connections of an input of which others are drawn.
        var isDrawn = true

        var title: String {
            var lines = ports.prefix(20).map {
                $0.count > 1 ? "\($0.text) \u{d7} \($0.count)" : $0.text
            }
            if ports.count > 20 { lines.append("and \(ports.count - 20) more") }
            return lines.joined(separator: "\n")
        }
    }

    /// The largest number of connections of one input that are drawn.
    private static let mostDrawn = 60

    init(_ report: Report) {
        var numbers: [String: Int] = [:]
        for node in report.nodes {
            let state = State(node.record)
            let ran = state == .computed || state == .failed
            let count = node.elements.count
            numbers[node.record.node] = boxes.count
            boxes.append(
                Box(
                    name: node.record.node, module: "\(node.record.module) \(node.record.version)",
                    state: state,
                    note: (count > 0
                        ? "\u{d7} \(Format.count(count))" + (ran ? "" : ", \(state.rawValue)")
                        : state.rawValue)
                        + (ran ? ", \(Format.duration(node.record.seconds))" : ""),
                    anchor: node.anchor, isStack: count > 0))
        }
        // A node that had not started when the run was stopped is known by its connections only.
        func number(of name: String) -> Int {
            if let known = numbers[name] { return known }
            numbers[name] = boxes.count
            boxes.append(
                Box(
                    name: name, module: "", state: .waiting, note: State.waiting.rawValue,
                    anchor: nil))
            return boxes.count - 1
        }
        var places: [Layers.Edge: Int] = [:]
        for connection in report.run.connections {
            let edge = Layers.Edge(
                source: number(of: connection.source), target: number(of: connection.node))
            let ports = "\(connection.output) \u{2192} \(connection.input)"
            if edge.source == edge.target { continue }
            let place = places[edge] ?? connections.count
            if place == connections.count {
                places[edge] = place
                connections.append(Connection(edge: edge))
            }
            if connections[place].ports.last?.text == ports {
                connections[place].ports[connections[place].ports.count - 1].count += 1
            } else {
                connections[place].ports.append((ports, 1))
            }
        }
        bundle(report)
    }

    /// Leaves out most connections of inputs that get values of very many nodes; their number is drawn
    /// instead.
    private mutating func bundle(_ report: Report) {
        var sources: [[String]: Set<String>] = [:]
        for connection in report.run.connections {
            sources[[connection.node, connection.port], default: []].insert(connection.source)
        }
        let most = Self.mostDrawn
        var many: [String: [String]] = [:]
        for (place, names) in sources where names.count > most {
            many[place[0], default: []].append("\(Format.count(names.count)) \u{2192} \(place[1])")
        }
        if many.isEmpty { return }
        var total: [Int: Int] = [:]
        for connection in connections { total[connection.edge.target, default: 0] += 1 }
        var seen: [Int: Int] = [:]
        for index in connections.indices {
            let target = connections[index].edge.target
            guard let labels = many[boxes[target].name] else { continue }
            bundles[target] = labels.sorted().joined(separator: ", ")
            let number = seen[target, default: 0]
            seen[target] = number + 1
            // Of all, as many as are drawn, at equal distances.
            let count = total[target] ?? 0
            connections[index].isDrawn = (number + 1) * most / count != number * most / count
        }
    }

    var svg: HTML {
        let graph = Layers(count: boxes.count, edges: connections.map(\.edge))
        let placement = Placement(graph)
        let margin = 10.0
        let (width, height) = (placement.width + 2 * margin, placement.height + 2 * margin)
        var picture: HTML = """
            <svg id="graph-picture" viewBox="0 0 \(width) \(height)" width="\(width)" \
            height="\(height)" role="group" aria-label="Graph of \(Format.count(boxes.count, "node"))">
            <g transform="translate(\(margin) \(margin))">
            """
        var ends = Array(repeating: 0, count: boxes.count)
        for connection in connections {
            ends[connection.edge.source] += 1
            ends[connection.edge.target] += 1
        }
        for (path, connection) in zip(graph.paths, connections) where connection.isDrawn {
            let (source, target) = (connection.edge.source, connection.edge.target)
            // Many connections of one node are drawn faint.
            let kind = max(ends[source], ends[target]) > 60 ? "edge faint" : "edge"
            picture += """
                <path class="\(kind)" data-ends="\(source) \(target)" \
                d="\(HTML(markup: line(path, graph, placement)))"><title>\
                \(boxes[source].name) \u{2192} \(boxes[target].name)
                \(connection.title)</title></path>

                """
        }
        for (index, box) in boxes.enumerated() {
            picture += drawn(
                box, index, x: Placement.x(ofLayer: graph.vertices[index].layer),
                y: placement.y[index] - Placement.boxHeight / 2)
        }
        picture += "</g></svg>"
        return picture
    }

    private func drawn(_ box: Box, _ number: Int, x: Double, y: Double) -> HTML {
        let (width, height) = (Placement.boxWidth, Placement.boxHeight)
        // Boxes of failed and stopped nodes have sharp corners; the style sheet draws dashed borders.
        let radius = box.state == .failed || box.state == .stopped ? 0.0 : 8.0
        let stack: HTML =
            box.isStack
            ? """
            <rect class="stack" x="8" y="-8" width="\(width)" height="\(height)" rx="\(radius)"/>\
            <rect class="stack" x="4" y="-4" width="\(width)" height="\(height)" rx="\(radius)"/>
            """ : ""
        let bundle: HTML =
            bundles[number].map {
                "<text class=\"bundle\" x=\"-6\" y=\"\(height / 2 - 6)\">\($0)</text>"
            }
            ?? ""
        let drawing: HTML = """
            <g class="node \(box.state.style)" data-node="\(number)" \
            transform="translate(\(x) \(y))"><title>\(box.name)
            \(box.module)
            \(box.note)</title>\(stack)\(bundle)<rect class="box" width="\(width)" height="\(height)" rx="\(radius)"/>\
            \(sign(of: box.state))<svg x="36" width="\(width - 42)" height="\(height)">\
            <text class="name" y="19">\(Self.short(box.name, 20))</text>\
            <text class="note" y="34">\(Self.short(box.note, 24))</text></svg></g>
            """
        guard let anchor = box.anchor else { return drawing }
        return "<a href=\"#\(anchor)\">\(drawing)</a>\n"
    }

    private func sign(of state: State) -> HTML {
        let shape: HTML =
            switch state {
            case .computed, .cached: "<circle class=\"sign\" cx=\"19\" cy=\"22\" r=\"9\"/>"
            case .failed: "<path class=\"sign\" d=\"M19 11 30 22 19 33 8 22Z\"/>"
            case .stopped: "<rect class=\"sign\" x=\"10\" y=\"13\" width=\"18\" height=\"18\"/>"
            case .skipped, .notNeeded, .suspended, .waiting:
                "<circle class=\"sign hollow\" cx=\"19\" cy=\"22\" r=\"8.5\"/>"
            }
        return "\(shape)<text class=\"glyph\" x=\"19\" y=\"26\">\(state.sign)</text>"
    }

    private func line(_ path: [Int], _ graph: Layers, _ placement: Placement) -> String {
        func text(_ number: Double) -> String { String(Int(number.rounded())) }
        var line = ""
        for (one, other) in zip(path, path.dropFirst()) {
            let x1 = Placement.x(ofLayer: graph.vertices[one].layer) + Placement.boxWidth
            let x2 = Placement.x(ofLayer: graph.vertices[other].layer)
            let (y1, y2) = (placement.y[one], placement.y[other])
            let bend = min(60, abs(x2 - x1) / 2)
            if line.isEmpty { line = "M\(text(x1)) \(text(y1))" } else { line += "H\(text(x1))" }
            line += "C\(text(x1 + bend)) \(text(y1)) \(text(x2 - bend)) \(text(y2)) "
            line += "\(text(x2)) \(text(y2))"
        }
        return line
    }

    /// Shortens a name that is longer than `most` characters to its start and its end.
    static func short(_ name: String, _ most: Int) -> String {
        guard name.count > most else { return name }
        let half = (most - 1) / 2
        return "\(name.prefix(most - 1 - half))\u{2026}\(name.suffix(half))"
    }
}

extension RunDescription.Connection {
    /// The name of the input port. A port in a table is connected to a place in it, such as
    /// `values[3]`.
    var port: String { String(input.prefix { $0 != "[" && $0 != "." }) }
}
