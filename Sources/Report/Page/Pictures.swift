// SPDX-License-Identifier: BSD-3-Clause

internal import VTStore

/// The distinct pictures among the outputs.
struct Pictures {
    struct Entry {
        var picture: Report.Picture
        /// The outputs with the picture: the node, the port, and the path of a file.
        var owners: [(node: String, anchor: String, port: String, path: String?)]
    }

    private(set) var all: [Entry] = []
    private var numbers: [Report.Picture: Int] = [:]

    init(_ report: Report) {
        for node in report.nodes {
            for output in node.outputs {
                guard let picture = output.picture else { continue }
                let owner = (node.record.node, node.anchor, output.name, output.value?.path)
                if let number = numbers[picture] {
                    all[number].owners.append(owner)
                } else {
                    numbers[picture] = all.count
                    all.append(Entry(picture: picture, owners: [owner]))
                }
            }
        }
    }

    func number(of picture: Report.Picture) -> Int? { numbers[picture] }

    var section: HTML {
        if all.isEmpty { return "" }
        var figures: HTML = ""
        for (number, entry) in all.enumerated() {
            var names: HTML = ""
            for (position, owner) in entry.owners.enumerated() {
                if position > 0 { names += ", " }
                names += "<a href=\"#\(owner.anchor)\">\(owner.node).\(owner.port)</a>"
                if let path = owner.path { names += " <code>\(path)</code>" }
            }
            let first = entry.owners[0]
            figures += """
                <figure id="picture-\(number + 1)"><div><img alt="\(first.port) of \(first.node)" \
                src="\(entry.picture.address)"></div>
                <figcaption>\(names)</figcaption></figure>

                """
        }
        return """
            <section id="pictures"><h2>Pictures</h2>
            <div class="figures">
            \(figures)</div></section>

            """
    }
}

extension Report.Output {
    var picture: Report.Picture? {
        switch value {
        case .svg(let text): Report.Picture(mediaType: "image/svg+xml", bytes: Array(text.utf8))
        case .file(let file): file.picture
        default: nil
        }
    }
}

extension Report.Value {
    fileprivate var path: String? { if case .file(let file) = self { file.path } else { nil } }
}

extension Report.Picture {
    /// A `data` URL with the picture. An `img` element runs no scripts of a picture.
    var address: String {
        "data:\(mediaType);base64,\(bytes.withUnsafeBytes { base64($0) })"
    }
}
