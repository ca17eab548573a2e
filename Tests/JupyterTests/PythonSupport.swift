// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTJupyter

/// The system's Python; of its packages none is needed, but for what asks for them.
enum Python {
    static let isThere = (try? run("print(1)")) == "1"
    static let hasCBOR = (try? run("import cbor2; print(1)")) == "1"
    static let hasClient = (try? run("import ipyparallel, numpy; print(1)")) == "1"

    struct Failure: Error {}

    /// What the code prints. It finds the arguments, as bytes, in `given`.
    static func run(_ code: String, _ arguments: [[UInt8]] = []) throws -> String {
        // They may be too long for a command line.
        var path = Array("/tmp/vtlua-python-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        guard file >= 0, let words = fdopen(file, "w") else { throw Failure() }
        defer { unlink(path) }
        fputs(arguments.map(hex).joined(separator: "\n"), words)
        fclose(words)
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let code =
            "given = [bytes.fromhex(line) for line in open('\(name)').read().split()]\n" + code
        guard let stream = popen("python3 -c \(quoted(code)) 2>/dev/null", "r") else {
            throw Failure()
        }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&piece, 1, piece.count, stream)
            if count == 0 { break }
            output += piece[..<count]
        }
        guard pclose(stream) == 0 else { throw Failure() }
        if output.last == UInt8(ascii: "\n") { output.removeLast() }
        return String(decoding: output, as: UTF8.self)
    }

    /// The pickle of an expression.
    static func pickle(_ expression: String, protocol version: Int) throws -> [UInt8] {
        let code = "import pickle; print(pickle.dumps(\(expression), \(version)).hex())"
        return bytes([try run(code)])[0]
    }

    /// As one word of the shell's.
    private static func quoted(_ text: String) -> String {
        let pieces = text.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + pieces.joined(separator: "'\\''") + "'"
    }
}

/// Bytes from hexadecimal digits, between which there may be space.
func bytes(_ all: [String]) -> [[UInt8]] {
    all.map { text in
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension PythonValue {
    static func dict(_ pairs: (PythonValue, PythonValue)...) -> PythonValue {
        .dict(pairs.map { PythonEntry($0.0, $0.1) })
    }

    static func range(_ range: Range<Int>) -> PythonValue { .list(range.map { .int($0) }) }
}

extension PythonArray {
    static func range(_ count: Int) -> PythonArray { PythonArray((0..<count).map(Double.init)) }
}
