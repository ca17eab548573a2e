// SPDX-License-Identifier: BSD-3-Clause

import VTSystem
/// Writes results as JUnit XML, which CI services read.
enum JUnit {
    static func text(of results: [SpecResult]) -> String {
        let tests = results.reduce(0) { $0 + $1.tests.count }
        let failures = results.reduce(0) { $0 + $1.count(.failed) }
        let skipped = results.reduce(0) { $0 + $1.count(.pending) }
        let seconds = results.reduce(0) { $0 + $1.seconds }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites tests="\(tests)" failures="\(failures)" skipped="\(skipped)" \
            time="\(decimal(seconds))">

            """ + results.map(suite).joined() + "</testsuites>\n"
    }

    private static func suite(_ result: SpecResult) -> String {
        """
          <testsuite name="\(escaped(result.path))" tests="\(result.tests.count)" \
        failures="\(result.count(.failed))" skipped="\(result.count(.pending))" \
        time="\(decimal(result.seconds))">

        """ + result.tests.map { testCase($0, in: result) }.joined() + "  </testsuite>\n"
    }

    private static func testCase(_ test: TestResult, in result: SpecResult) -> String {
        let place =
            (test.file.map { " file=\"\(escaped($0))\"" } ?? "")
            + (test.line.map { " line=\"\($0)\"" } ?? "")
        let start =
            "    <testcase classname=\"\(escaped(result.path))\" name=\"\(escaped(test.name))\""
            + "\(place) time=\"\(decimal(test.seconds))\""
        var inside = ""
        switch test.status {
        case .passed: break
        case .pending: inside += "      <skipped message=\"\(escaped(test.message))\"/>\n"
        case .failed:
            let first = test.message.sourceLines.first { !$0.isEmpty }.map(String.init) ?? ""
            let place = test.file.map { "\($0):\(test.line ?? 0):\n" } ?? ""
            inside +=
                "      <failure message=\"\(escaped(first))\">\(escaped(place + test.message))"
                + "</failure>\n"
        }
        if test.status == .failed, !test.printed.isEmpty {
            inside += "      <system-out>\(escaped(test.printed))</system-out>\n"
        }
        return inside.isEmpty ? start + "/>\n" : start + ">\n\(inside)    </testcase>\n"
    }

    /// Seconds with six decimals, without an exponent.
    private static func decimal(_ seconds: Double) -> String {
        let all = Int((seconds * 1e6).rounded())
        let rest = "\(all % 1_000_000)"
        return "\(all / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n": out += "&#10;"
            case "\t": out += "\t"
            // XML cannot represent these characters.
            case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": out += "\u{fffd}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
