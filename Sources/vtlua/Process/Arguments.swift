// SPDX-License-Identifier: BSD-3-Clause

import VTSystem

/// The command line as bytes, because file names need not be valid UTF-8.
struct Arguments {
    let count: Int
    private let values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init() {
        count = Int(CommandLine.argc)
        values = CommandLine.unsafeArgv
    }

    /// The argument with this number; nil after the last.
    subscript(index: Int) -> UnsafePointer<CChar>? {
        index < count ? UnsafePointer(values[index]) : nil
    }

    /// The name by which the program was called, for the start of messages.
    var program: UnsafePointer<CChar> {
        if let name = self[0], name.pointee != 0 { return name }
        let name: StaticString = "vtlua"
        return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// The message for the first argument that is not UTF-8; nil where all are. Subcommands refuse
    /// such arguments: a path or a parameter would arrive changed.
    var mistake: String? {
        for index in 1..<max(1, count) {
            guard let argument = self[index], String(validatingCString: argument) == nil else {
                continue
            }
            let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
            return "argument \(index), '\(bytes.escapedForLua)', is not UTF-8; rename the file, or "
                + "give the value in a file of parameters (--params)"
        }
        return nil
    }

    /// True if the first argument is the name of a subcommand. A script of that name is run as
    /// `vtlua ./run`.
    var namesSubcommand: Bool {
        guard let first = self[1] else { return false }
        return switch String(cString: first) {
        case "run", "sweep", "sweep-worker", "cancel", "test", "doc", "completion", "plan", "why",
            "check", "graph", "log", "show",
            "diff", "report", "export",
            "cache", "new", "repl", "kernel", "cluster", "engine", "doctor", "version", "help",
            "--help", "--version",
            "--experimental-dump-help":
            true
        default: false
        }
    }
}
