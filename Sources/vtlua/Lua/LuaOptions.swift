// SPDX-License-Identifier: BSD-3-Clause

/// The interpreter's options: those of `lua`, parsed as `lua` does.
struct LuaOptions {
    /// An option that is executed before the script, in the order given.
    enum Step {
        /// `-e`
        case run(UnsafePointer<CChar>)
        /// `-l`
        case require(UnsafePointer<CChar>)
        /// `-W`
        case warnings
    }

    /// An unknown option, or an option without its argument.
    ///
    /// Sendable, because the process's arguments are never moved or changed.
    struct UsageError: Error, @unchecked Sendable {
        let option: UnsafePointer<CChar>
    }

    /// `-i`: start a prompt after the script.
    var isInteractive = false
    /// `-v`, which `-i` implies.
    var showsVersion = false
    /// `-E`: ignore environment variables.
    var ignoresEnvironment = false
    var steps: [Step] = []
    /// The index of the script's argument; the number of arguments when there is none.
    var script: Int

    /// True if code was given with `-e`.
    var hasCode: Bool {
        steps.contains { if case .run = $0 { true } else { false } }
    }

    init(_ arguments: Arguments) throws(UsageError) {
        script = arguments.count
        var index = 1
        while let argument = arguments[index], argument.starts(with: "-") {
            switch argument.letter {
            case 0:
                script = index
                return
            case UInt8(ascii: "-"):
                try require(argument[2] == 0, argument)
                script = index + 1
                return
            case UInt8(ascii: "e"), UInt8(ascii: "l"):
                var value = argument + 2
                if value.pointee == 0 {
                    index += 1
                    guard let next = arguments[index], !next.starts(with: "-") else {
                        throw UsageError(option: argument)
                    }
                    value = next
                }
                let isCode = argument.letter == UInt8(ascii: "e")
                steps.append(isCode ? .run(value) : .require(value))
            default:
                try setFlag(argument)
            }
            index += 1
        }
        script = min(index, arguments.count)
    }

    private mutating func setFlag(_ argument: UnsafePointer<CChar>) throws(UsageError) {
        switch argument.letter {
        case UInt8(ascii: "i"):
            isInteractive = true
            showsVersion = true
        case UInt8(ascii: "v"): showsVersion = true
        case UInt8(ascii: "E"): ignoresEnvironment = true
        case UInt8(ascii: "W"): steps.append(.warnings)
        default: throw UsageError(option: argument)
        }
        try require(argument[2] == 0, argument)  // "-iv" is no option
    }

    private func require(_ holds: Bool, _ argument: UnsafePointer<CChar>) throws(UsageError) {
        if !holds { throw UsageError(option: argument) }
    }
}

extension UnsafePointer<CChar> {
    fileprivate func starts(with character: Unicode.Scalar) -> Bool {
        UInt8(bitPattern: pointee) == UInt8(ascii: character)
    }

    /// The letter of an option; 0 for a single dash.
    fileprivate var letter: UInt8 { UInt8(bitPattern: self[1]) }
}

extension LuaOptions.UsageError {
    /// The error and the usage, with the text of `lua`.
    func text(for program: UnsafePointer<CChar>) -> String {
        let program = String(cString: program)
        let name = String(cString: option)
        let takesArgument = name.hasPrefix("-e") || name.hasPrefix("-l")
        return """
            \(program): \(takesArgument ? "'\(name)' needs argument" : "unrecognized option '\(name)'")
            usage: \(program) [options] [script [args]]
            Available options are:
              -e stat   execute string 'stat'
              -i        enter interactive mode after executing 'script'
              -l mod    require library 'mod' into global 'mod'
              -l g=mod  require library 'mod' into global 'g'
              -v        show version information
              -E        ignore environment variables
              -W        turn warnings on
              --        stop handling options
              -         stop handling options and execute stdin
            """
    }
}
