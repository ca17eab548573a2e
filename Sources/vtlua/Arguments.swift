// SPDX-License-Identifier: BSD-3-Clause

/// The command line as the system hands it over: bytes, for a file's name need not be text.
struct Arguments {
    let count: Int
    private let values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    init() {
        count = Int(CommandLine.argc)
        values = CommandLine.unsafeArgv
    }

    /// The argument with this number; nil behind the last.
    subscript(index: Int) -> UnsafePointer<CChar>? {
        index < count ? UnsafePointer(values[index]) : nil
    }

    /// What the program was called as; messages begin with it.
    var program: UnsafePointer<CChar> {
        if let name = self[0], name.pointee != 0 { return name }
        let name: StaticString = "vtlua"
        return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Whether the first argument is one of the program's own words. A script of that name is
    /// run as `vtlua ./run`.
    ///
    /// The words are reserved from the start, whether the subcommand is there or not yet.
    var namesSubcommand: Bool {
        guard let first = self[1] else { return false }
        return switch String(cString: first) {
        case "run", "test", "doc", "completion", "plan", "why", "check", "graph", "log", "show",
            "diff", "report", "export",
            "cache", "new", "repl", "kernel", "cluster", "engine", "doctor", "version", "help",
            "--help", "--version",
            "--experimental-dump-help":
            true
        default: false
        }
    }
}
