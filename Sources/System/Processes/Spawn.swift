// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// A program to be started as a child process, by `posix_spawn`.
///
/// The child is the head of a process group, inherits only the descriptors that are set here, and
/// has no signal blocked or ignored, except SIGHUP, SIGQUIT and SIGTERM where this process ignores
/// them.
package struct Spawn: Sendable {
    /// The path of the program's file.
    package var program: String
    /// The arguments without the program's name.
    package var arguments: [String]
    /// Variables that are set on top of this process's environment; nil unsets one.
    package var environment: [String: String?] = [:]
    /// The working directory; nil: this process's.
    package var directory: String?
    /// The descriptor of standard input; nil: /dev/null.
    package var input: Int32?
    /// The descriptor of standard output; nil: this process's.
    package var output: Int32?
    /// The descriptor of standard error; nil: this process's.
    package var errors: Int32?
    /// The descriptor that becomes the child's descriptor 3; nil: none.
    package var channel: Int32?
    /// True if the child has its own session, so that signals of a terminal do not reach it.
    package var hasSession = false
    /// True if the child keeps ignoring SIGINT where this process ignores it.
    package var keepsInterrupt = false

    /// Describes a start with default settings.
    package init(_ program: String, _ arguments: [String] = []) {
        self.program = program
        self.arguments = arguments
    }

    /// Starts the program. The caller reaps it with ``ProcessEnd/reap(_:waits:)``.
    ///
    /// - Returns: the number of the process.
    /// - Throws: ``SystemError``, also when the program cannot be run.
    package func start() throws(SystemError) -> Int32 {
        var child: pid_t = 0
        let status = withCStrings([program] + arguments) { arguments in
            withCStrings(Self.environment(setting: environment)) { environment in
                program.withCString { program in
                    withOptionalCString(directory) { directory in
                        arguments.withUnsafeBufferPointer { arguments in
                            environment.withUnsafeBufferPointer { environment in
                                var options = vty_spawn_options(
                                    program: program, arguments: arguments.baseAddress,
                                    environment: environment.baseAddress, directory: directory,
                                    input: input ?? -1, output: output ?? -1,
                                    errors: errors ?? -1, channel: channel ?? -1,
                                    session: hasSession, keeps_interrupt: keepsInterrupt,
                                    keeps_descriptors: false)
                                return vty_spawn(&options, &child)
                            }
                        }
                    }
                }
            }
        }
        guard status == 0 else {
            let place = directory.map { " in '\($0)'" } ?? ""
            throw SystemError("cannot start '\(program)'\(place)", status)
        }
        return child
    }

    /// Returns this process's environment as `NAME=value`, with some variables replaced; nil
    /// removes one.
    private static func environment(setting changes: [String: String?]) -> [String] {
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if changes[String(text.prefix { $0 != "=" })] == nil { variables.append(text) }
            next += 1
        }
        return variables
            + changes.sorted { $0.key < $1.key }.compactMap { name, value in
                value.map { "\(name)=\($0)" }
            }
    }
}

/// Lends the strings as an array that ends with NULL.
private func withCStrings<R>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
) -> R {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}

private func withOptionalCString<R>(
    _ string: String?, _ body: (UnsafePointer<CChar>?) -> R
) -> R {
    guard let string else { return body(nil) }
    return string.withCString(body)
}
