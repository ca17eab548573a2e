// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import FoundationXML
import Glibc
import Testing

/// `examples/climate` gives the values that `scripts/check-climate.py` computed without us, from
/// whichever directory it is run.
@Suite struct ClimateTests {
    private static let example = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("examples/climate").path

    /// `expected.json`, as far as it is about the outputs.
    private struct Expected: Decodable {
        var outputs: [String: Numbers]
        var tolerances: [String: Double]
        var free_bootstrap: [String: Estimate]

        struct Estimate: Decodable {
            var value: Double
            var tolerance: Double
        }

        static func read() throws -> Expected {
            let file = URL(fileURLWithPath: "\(ClimateTests.example)/expected.json")
            return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
        }
    }

    /// A number, or a list of them; none for what is neither.
    private struct Numbers: Decodable {
        var values: [Double]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let list = try? container.decode([Double].self) {
                values = list
            } else {
                values = (try? container.decode(Double.self)).map { [$0] } ?? []
            }
        }
    }

    private struct Result: Decodable {
        var status: String
        var outputs: [String: Numbers]
    }

    private func run(_ options: String..., in folder: Folder) throws -> Result {
        let found = try folder.vtlua(
            ["run", "\(Self.example)/flow.lua", "--json", "--progress", "none"] + options)
        #expect(found.error == "")
        #expect(found.end == .exit(0))
        return try JSONDecoder().decode(Result.self, from: Data(found.output.bytes))
    }

    @Test func theNumbersAreRight() throws {
        let expected = try Expected.read()
        let result = try run(in: try Folder())
        #expect(result.status == "done")
        #expect(expected.outputs.count == 13)
        for (name, right) in expected.outputs {
            let tolerance = try #require(expected.tolerances[name])
            let found = try #require(result.outputs[name]).values
            try #require(found.count == right.values.count, "\(name)")
            for (mine, theirs) in zip(found, right.values) {
                #expect(abs(mine - theirs) <= tolerance, "\(name): \(mine), not \(theirs)")
            }
        }
    }

    /// The pool is a matter of time alone: nothing in the result, to the last letter, depends on
    /// it.
    @Test func eachPoolGivesTheSame() throws {
        var found: [String: [[String]]] = [:]
        for options in [["pool=serial"], ["pool=threads", "workers=3"], ["pool=processes"]] {
            let folder = try Folder()
            let arguments =
                ["run", "\(Self.example)/flow.lua", "--json", "--progress", "none"]
                + options.flatMap { ["-p", $0] }
            let text = try folder.vtlua(arguments).output.text
            let outputs = try #require(text.firstMatch(of: /"outputs": (.*), "nodes"/)).1
            let files = folder.names.compactMap { folder.text(of: $0) }
            #expect(files.count == 4)
            found["\(outputs)", default: []].append(files)
        }
        #expect(found.count == 1)
        let files = try #require(found.first).value
        #expect(files.count == 3 && files.allSatisfy { $0 == files[0] })
    }

    @Test(arguments: ["serial", "threads", "processes"])
    func theBootstrapTellsHowFarItIs(_ pool: String) throws {
        let found = try Folder().vtlua(
            "run", "\(Self.example)/flow.lua", "--progress", "json", "-p", "pool=\(pool)")
        #expect(
            found.error.text.contains(
                """
                {"event": "progress", "node": "mean_gap", "fraction": 1.0, "note": "resample, 2000 \
                of 2000"}
                """))
    }

    @Test(arguments: ["serial", "threads", "processes"])
    func controlCStopsTheBootstrap(_ pool: String) throws {
        let folder = try Folder()
        var program = folder.program()
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let parameters: [Bytes] = [
            "-p", "resamples=100000", "-p", "block_days=1", "-p", "pool=\(pool)",
        ]
        let command: [Bytes] = ["run", "\(Self.example)/flow.lua", "--progress", "json"]
        let running = try program.start(
            ["-c", "exec \"$0\" \"$@\" 2>&1", vtlua] + command + parameters)
        _ = try running.read(until: "\"node\": \"mean_gap\", \"fraction\"")
        running.signal(SIGINT)
        #expect(try running.read(until: "the end").hasSuffix("interrupted: the run was stopped\n"))
        #expect(try running.end() == .exit(130))
        #expect(folder.names == [])
    }

    /// With other random numbers the interval is nearly the same.
    @Test func theBootstrapDoesNotHangOnItsSeed() throws {
        let expected = try Expected.read()
        let result = try run("-p", "seed=7", in: try Folder())
        for (name, right) in expected.free_bootstrap {
            let found = try #require(result.outputs[name]?.values.first)
            #expect(abs(found - right.value) <= right.tolerance, "\(name): \(found)")
        }
    }

    @Test func theFilesAreThere() throws {
        let folder = try Folder()
        _ = try run("-p", "out=deep/results", in: folder)
        #expect(
            folder.names == [
                "deep", "deep/results", "deep/results/daily.csv", "deep/results/difference.svg",
                "deep/results/report.txt", "deep/results/temperatures.svg",
            ])
        let daily = try #require(folder.text(of: "deep/results/daily.csv"))
        let rows = daily.split(separator: "\n")
        #expect(rows.count == 366)
        #expect(rows[0] == "date,hours,seattle,san_francisco,difference")
        #expect(rows[73].hasPrefix("2010-03-14,23,"))
        for name in ["difference", "temperatures"] {
            let text = try #require(folder.text(of: "deep/results/\(name).svg"))
            #expect(XMLParser(data: Data(text.utf8)).parse(), "\(name).svg is no XML")
            #expect(text.contains("Seattle"))
        }
    }

    @Test func theReportSaysIt() throws {
        let folder = try Folder()
        _ = try run(in: folder)
        let report = try #require(folder.text(of: "results/report.txt"))
        #expect(
            report.hasPrefix(
                """
                Seattle and San Francisco, hourly temperatures in °F

                8759 hours in both series, 0 in only one

                                     mean       sd
                Seattle             52.03     9.64
                San Francisco       56.92     6.11

                San Francisco is 4.90 °F warmer than Seattle over the year.
                95 % interval: 2.06 to 7.32 °F, standard error 1.35
                (circular block bootstrap: 2000 resamples, blocks of 30 days, seed 2010)

                """))
        #expect(report.contains("\nR squared                  0.9937                  0.9918\n"))
    }

    @Test func aWrongParameterIsRefusedBeforeAnythingRuns() throws {
        let folder = try Folder()
        let found = try folder.vtlua(
            "run", "\(Self.example)/flow.lua", "-p", "block_days=365")
        #expect(found.error == "error: parameter `block_days`: 365 is above the maximum 180\n")
        #expect(found.end == .exit(2))
        #expect(folder.names == [])
    }
}
