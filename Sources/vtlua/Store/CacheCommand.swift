// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem

/// `vtlua cache`
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "Manage cached results.",
        subcommands: [List.self, Verify.self, Collect.self, Clear.self, Path.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List cached results.")
        @OptionGroup var store: StoreOption
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let results = ResultStream.standardOutput
            try store.existing { store in
                let entries = try store.entries()
                if json {
                    let list = entries.map { entry in
                        JSON.object([
                            ("key", .string(entry.key)), ("run", .string(entry.run)),
                            ("node", entry.node.map(JSON.string) ?? .null),
                            ("bytes", .integer(entry.size)), ("seconds", .seconds(entry.seconds)),
                            ("made", .number(entry.made)), ("used", .number(entry.used)),
                        ])
                    }
                    try results.write(
                        JSON.document([("results", .array(list))]).text
                            + "\n")
                    return 0
                }
                for entry in entries {
                    try results.write(
                        "\(entry.key.prefix(12))  \(Timestamp.local(entry.made))  \(Format.size(entry.size))  "
                            + "\(Format.duration(entry.seconds))  \(entry.run)/\(entry.node ?? "?")\n"
                    )
                }
                let total = entries.reduce(0) { $0 + $1.size }
                try results.write("\(entries.count) results, \(Format.size(total))\n")
                return 0
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read all results and remove damaged ones; exit with 4 if there were any.")
        @OptionGroup var store: StoreOption
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            try store.existing { store in
                let (checked, damaged) = try store.verify()
                try ResultStream.standardOutput.write(
                    json
                        ? JSON.document([
                            ("checked", .integer(checked)),
                            ("damaged", .integer(damaged)),
                        ]).text + "\n"
                        : "\(checked) results, \(damaged) damaged and removed\n")
                return damaged == 0 ? 0 : 4
            }
        }
    }

    struct Collect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gc",
            abstract: "Remove results that were not used recently, stray files, and old records.",
            discussion: """
                Without --records and --keep, the records of all runs stay. With both, the newest N \
                records stay, whatever their age. The record of a run that is going on stays.
                """)
        @OptionGroup var store: StoreOption
        @Option(help: ArgumentHelp("Remove results not used for N days.", valueName: "n"))
        var days = 90.0
        @Option(help: ArgumentHelp("Remove records of runs older than N days.", valueName: "n"))
        var records: Double?
        @Option(help: ArgumentHelp("Keep the newest N records of runs.", valueName: "n"))
        var keep: Int?
        @Flag(help: "Print one JSON object.") var json = false

        func validate() throws {
            guard days >= 0 else { throw ValidationError("--days must be at least 0, got \(days)") }
            if let records, !(records >= 0) {
                throw ValidationError("--records must be at least 0, got \(records)")
            }
            if let keep, keep < 0 {
                throw ValidationError("--keep must be at least 0, got \(keep)")
            }
        }

        func run() throws {
            try store.existing { store in
                var limit: Store.RecordLimit?
                if records != nil || keep != nil {
                    limit = Store.RecordLimit(
                        age: (records ?? 0) * 86_400, newest: keep ?? 0)
                }
                let removed = try store.collect(olderThan: days * 86_400, records: limit)
                return reportRemoval(removed, json, records: limit != nil)
            }
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove all results, but keep the record of runs.")
        @OptionGroup var store: StoreOption
        @Flag(help: "Also remove the record of runs.") var record = false
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            try store.existing { store in
                reportRemoval(try store.clear(record: record), json, records: record)
            }
        }
    }

    struct Path: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the location of the store.")
        @OptionGroup var store: StoreOption
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            try store.existing { store in
                try ResultStream.standardOutput.write(
                    json
                        ? JSON.document([
                            ("path", .string(store.directory))
                        ]).text + "\n" : store.directory + "\n")
                return 0
            }
        }
    }

    private static func reportRemoval(
        _ removed: Store.Removal, _ json: Bool, records: Bool
    ) -> Int32 {
        var fields: [JSON.Member] = [
            ("results", .integer(removed.results)), ("bytes", .integer(removed.bytes)),
        ]
        if records { fields.append(("records", .integer(removed.runs))) }
        let text =
            "\(removed.results) results"
            + (records ? " and \(removed.runs) records of runs" : "")
            + " removed, \(Format.size(removed.bytes)) of files freed\n"
        try? ResultStream.standardOutput.write(json ? JSON.document(fields).text + "\n" : text)
        return 0
    }
}
