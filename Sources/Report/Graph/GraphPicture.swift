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
    }

    private(set) var boxes: [Box] = []
    /// The connections between two nodes, with the names of their ports.
    private var connections: [(edge: Layers.Edge, ports: String)] = []

    init(_ report: Report) {
        var numbers: [String: Int] = [:]
        for node in report.nodes {
            let state = State(node.record)
            let ran = state == .computed || state == .failed
            numbers[node.record.node] = boxes.count
            boxes.append(
                Box(
                    name: node.record.node, module: "\(node.record.module) \(node.record.version)",
                    state: state,
                    note: ran
                        ? "\(state.rawValue), \(Format.duration(node.record.seconds))"
                        : state.rawValue, anchor: node.anchor))
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
            if let place = places[edge] {
                connections[place].ports += "\n" + ports
            } else if edge.source != edge.target {
                places[edge] = connections.count
                connections.append((edge, ports))
            }
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
        for (path, connection) in zip(graph.paths, connections) {
            let (source, target) = (connection.edge.source, connection.edge.target)
            // Many connections of one node are drawn faint.
            let kind = max(ends[source], ends[target]) > 60 ? "edge faint" : "edge"
            picture += """
                <path class="\(kind)" data-ends="\(source) \(target)" \
                d="\(HTML(markup: line(path, graph, placement)))"><title>\
                \(boxes[source].name) \u{2192} \(boxes[target].name)
                \(connection.ports)</title></path>

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
        let drawing: HTML = """
            <g class="node \(box.state.style)" data-node="\(number)" \
            transform="translate(\(x) \(y))"><title>\(box.name)
            \(box.module)
            \(box.note)</title><rect width="\(width)" height="\(height)" rx="\(radius)"/>\
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
