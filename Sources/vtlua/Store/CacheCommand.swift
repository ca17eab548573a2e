// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime

/// `vtlua cache`
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "Look after the results that are kept.",
        subcommands: [List.self, Verify.self, Collect.self, Clear.self, Path.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List the results that are kept.")
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
                        "\(entry.key.prefix(12))  \(localTime(entry.made))  \(size(entry.size))  "
                            + "\(duration(entry.seconds))  \(entry.run)/\(entry.node ?? "?")\n")
                }
                let total = entries.reduce(0) { $0 + $1.size }
                try results.write("\(entries.count) results, \(size(total))\n")
                return 0
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every result; remove what is damaged. Exit code 4 if something was.")
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
            abstract: "Remove results that have not been used for some time, and stray files.")
        @OptionGroup var store: StoreOption
        @Option(help: ArgumentHelp("Not used for so many days.", valueName: "days"))
        var days = 90.0
        @Flag(help: "Print one JSON object.") var json = false

        func validate() throws {
            guard days >= 0 else { throw ValidationError("--days takes 0 or more") }
        }

        func run() throws {
            try store.existing { store in
                tell(try store.collect(olderThan: days * 86_400), json)
            }
        }
    }

    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove every result; the record of runs stays.")
        @OptionGroup var store: StoreOption
        @Flag(help: "Remove the record of runs, too.") var record = false
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            try store.existing { store in tell(try store.clear(record: record), json) }
        }
    }

    struct Path: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print where the store is.")
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

    private static func tell(_ removed: (results: Int, bytes: Int), _ json: Bool) -> Int32 {
        let text =
            json
            ? JSON.document([
                ("results", .integer(removed.results)),
                ("bytes", .integer(removed.bytes)),
            ]).text + "\n"
            : "\(removed.results) results removed, \(size(removed.bytes)) of files freed\n"
        try? ResultStream.standardOutput.write(text)
        return 0
    }
}
