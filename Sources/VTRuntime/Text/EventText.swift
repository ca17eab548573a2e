// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
package import VTWorkflow

extension RunEvent {
    /// The output and messages of a module, as lines with its name in front; nil for other events.
    package var outputText: String? {
        switch self {
        case .printed(let node, let text): text.labelled(node)
        case .logged(_, .debug, _): nil
        case .logged(let node, let level, let message):
            "\(level.rawValue): \(message)\n".labelled(node)
        default: nil
        }
    }
}

extension RunEvent {
    /// The bytes of ``outputText``.
    package var outputBytes: [UInt8]? {
        if case .printed(let node, let text) = self { return text.bytes(labelled: node) }
        return outputText.map { Array($0.utf8) }
    }
}

extension UnsafeRawBufferPointer {
    /// The position of the first line end; the number of bytes where there is none.
    fileprivate var lineEnd: Int {
        guard let baseAddress, let end = memchr(baseAddress, Int32(UInt8(ascii: "\n")), count)
        else { return count }
        return baseAddress.distance(to: UnsafeRawPointer(end))
    }
}

extension String {
    /// Returns each line with `label | ` in front.
    package func labelled(_ label: String) -> String {
        String(decoding: bytes(labelled: label), as: UTF8.self)
    }

    fileprivate func bytes(labelled label: String) -> [UInt8] {
        var text = self
        let start = Array("\(label) | ".utf8)
        return text.withUTF8 { bytes in
            var out: [UInt8] = []
            out.reserveCapacity(bytes.count + bytes.count / 4 + start.count + 1)
            var rest = UnsafeRawBufferPointer(bytes)
            repeat {
                let end = rest.lineEnd
                out += start
                out += rest[..<end]
                out.append(UInt8(ascii: "\n"))
                rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
            } while !rest.isEmpty
            return out
        }
    }
}
