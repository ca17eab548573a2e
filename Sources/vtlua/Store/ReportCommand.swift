// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTReport
import VTStore
import VTRunReport
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a run as one HTML file: graph, timeline, parameters, outputs, errors; "
            + "or a sweep: its table and pictures.",
        discussion: "The file is self-contained: it needs no network and no other files.")

    @Argument(help: ArgumentHelp("The run to report; `last` is the newest.", valueName: "run"))
    var name = StoreOption.newest

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file, or to standard output with `-`. Default: report-RUN.html.",
            valueName: "file"))
    var output: String?

    @OptionGroup var store: StoreOption

    @Flag(help: "Print the data of the page as one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        try store.existing { opened in
            if let runs = try store.sweep(name, in: opened) {
                return try write(runs, opened, results)
            }
            let run = try store.run(name, in: opened)
            var reader = try ReportReader(opened)
            let page = try reader.report(of: run)
            if json, output == nil || output == "-" {
                try results.write(page.json)
                return 0
            }
            let text = json ? page.json.text + "\n" : page.html
            if output == "-" {
                try results.write(text)
                return 0
            }
            let path = output ?? "report-\(run.run).html"
            if let reason = writeFile(text, to: path) {
                report("error: cannot write '\(path)': \(reason)\n")
                return 1
            }
            try results.write(path + "\n")
            return 0
        }
    }

    /// Writes the page of a sweep.
    private func write(
        _ runs: [StoredRun], _ opened: Store, _ results: ResultStream
    ) throws -> Int32 {
        if json {
            throw ValidationError("--json has the data of one run; give a run of the sweep")
        }
        var reader = try ReportReader(opened)
        let page = try reader.report(ofSweep: runs)
        if output == "-" {
            try results.write(page.html)
            return 0
        }
        let path = output ?? "report-\(page.sweep).html"
        if let reason = writeFile(page.html, to: path) {
            report("error: cannot write '\(path)': \(reason)\n")
            return 1
        }
        try results.write(path + "\n")
        return 0
    }
}
