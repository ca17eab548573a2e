// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTSystem

/// The texts that nothing prints or keeps.
@Suite struct SecretsTests {
    private static let secret = "s3cr/t \"pass\" & wörd+1"

    init() { Secrets.add(Array(Self.secret.utf8), name: "token") }

    @Test(arguments: [
        ("itself", secret),
        ("an address", "s3cr%2Ft%20%22pass%22%20%26%20w%C3%B6rd%2B1"),
        ("a form", "s3cr%2Ft+%22pass%22+%26+w%C3%B6rd%2B1"),
        ("lower case", "s3cr%2ft%20%22pass%22%20%26%20w%c3%b6rd%2b1"),
        ("JSON", #"s3cr/t \"pass\" & wörd+1"#),
        ("JSON with escaped slashes", #"s3cr\/t \"pass\" & wörd+1"#),
        ("HTML", "s3cr/t &quot;pass&quot; &amp; wörd+1"),
        ("hexadecimal digits", "733363722f742022706173732220262077c3b67264" + "2b31"),
    ])
    func forms(of name: String, _ text: String) {
        #expect(Secrets.masked(text) == "***", "\(name)")
        #expect(Secrets.masked("a \(text) and \(text)!") == "a *** and ***!", "\(name)")
        #expect(Secrets.name(in: "a \(text)") == "token", "\(name)")
    }

    /// The characters that depend on the secret alone, whatever is in front of it.
    @Test(arguments: [
        ("czNjci90ICJwYXNzIiAmIHfDtnJkKzE=", "***E="),
        ("YXMzY3IvdCAicGFzcyIgJiB3w7ZyZCsx", "YX***"),
        ("YWJzM2NyL3QgInBhc3MiICYgd8O2cmQrMQ==", "YWJ***Q=="),
    ])
    func base64(_ text: String, _ masked: String) {
        #expect(Secrets.masked(text) == masked)
    }

    @Test func blankedBytesHaveTheSameLength() {
        let text = "before \(Self.secret) after"
        let blanked = Secrets.blanked(Array(text.utf8))
        let stars = String(repeating: "*", count: Self.secret.utf8.count)
        #expect(String(decoding: blanked, as: UTF8.self) == "before \(stars) after")
    }

    @Test func otherTextsStay() {
        #expect(Secrets.masked("s3cr/t") == "s3cr/t")
        #expect(Secrets.masked("") == "")
        #expect(Secrets.name(in: [UInt8]()) == nil)
        Secrets.add(Array("abc".utf8), name: "short")
        #expect(Secrets.masked("abc") == "abc")
    }

    /// Each line of a key may be printed by itself.
    @Test func lines() {
        let lines = [
            "-----BEGIN KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "short", "c2hvcnRlcg==",
        ]
        Secrets.add(Array(lines.joined(separator: "\n").utf8), name: "key")
        #expect(Secrets.masked("line \(lines[1])") == "line ***")
        #expect(Secrets.masked("line \(lines[2])") == "line short")
        #expect(Secrets.name(in: lines[1]) == "key")
    }

    @Test func overlappingSecrets() {
        Secrets.add(Array("overlapping".utf8), name: "one")
        Secrets.add(Array("pingpong".utf8), name: "two")
        #expect(Secrets.masked("(overlappingpong)") == "(***)")
    }

    @Test func allForAnotherProcess() {
        let all = Secrets.all.filter { $0.name == "token" }
        #expect(all.map { String(decoding: $0.bytes, as: UTF8.self) } == [Self.secret])
    }

    @Test func json() {
        let value = JSON.object([
            ("a", .array([.string(Self.secret), .integer(1)])), (Self.secret, .null),
        ])
        #expect(value.masked.text == #"{"a": ["***", 1], "***": null}"#)
    }
}
