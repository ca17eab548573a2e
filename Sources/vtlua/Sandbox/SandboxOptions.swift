// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTSystem

/// The options of `vtlua run` for a workflow that is not trusted.
struct SandboxOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Run in a process that may read the workflow's directory, write to results/ in it, and do nothing else."
        ))
    var sandbox = false

    @Option(
        help: ArgumentHelp(
            "Let a sandboxed run read a file or a directory. Can be repeated.", valueName: "path"),
        completion: .file())
    var allowRead: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let a sandboxed run read and write a file or a directory. Can be repeated.",
            valueName: "path"),
        completion: .file())
    var allowWrite: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let a sandboxed run see an environment variable. Can be repeated.", valueName: "name"))
    var allowEnv: [String] = []

    @Flag(help: "Let a sandboxed run use the network.")
    var allowNetwork = false

    @Flag(help: "Let a sandboxed run start programs, in the same sandbox.")
    var allowPrograms = false

    @Option(
        help: ArgumentHelp(
            "Limit the memory of a sandboxed run, as in 2GiB. Default: three quarters of the machine's.",
            valueName: "size"))
    var memoryLimit: String?

    @Option(
        help: ArgumentHelp(
            "Limit what a sandboxed run writes, as in 2GiB. Default: half of the free space.",
            valueName: "size"))
    var diskLimit: String?

    @Option(
        help: ArgumentHelp("End a sandboxed run after S seconds.", valueName: "s"))
    var timeLimit: Double?

    /// The smallest limit of memory with which the program can run a workflow, in bytes.
    private static let leastMemory = 128 << 20

    func validate() throws {
        for (name, size) in [("--memory-limit", memoryLimit), ("--disk-limit", diskLimit)] {
            guard let size, Format.bytes(in: size) == nil else { continue }
            throw ValidationError("\(name) must be a size such as 2GiB or 512MiB, got '\(size)'")
        }
        if let memoryLimit, let size = Format.bytes(in: memoryLimit), size < Self.leastMemory {
            throw ValidationError(
                "--memory-limit must be at least \(Format.binarySize(Self.leastMemory)), got '\(memoryLimit)'"
            )
        }
        if let timeLimit, !(timeLimit > 0) {
            throw ValidationError("--time-limit must be positive, got \(timeLimit)")
        }
        if sandbox { return try validatePlaces() }
        let given: [(name: String, isGiven: Bool)] = [
            ("--allow-read", !allowRead.isEmpty), ("--allow-write", !allowWrite.isEmpty),
            ("--allow-env", !allowEnv.isEmpty), ("--allow-network", allowNetwork),
            ("--allow-programs", allowPrograms), ("--memory-limit", memoryLimit != nil),
            ("--disk-limit", diskLimit != nil), ("--time-limit", timeLimit != nil),
        ]
        if let first = given.first(where: \.isGiven) {
            throw ValidationError("\(first.name) is an option of a sandboxed run; add --sandbox")
        }
    }

    private func validatePlaces() throws {
        for (name, paths) in [("--allow-read", allowRead), ("--allow-write", allowWrite)] {
            if let path = paths.first(where: { !File.exists($0) }) {
                throw ValidationError("\(name): there is no file or directory '\(path)'")
            }
        }
        if let name = allowEnv.first(where: { $0.contains("=") || $0.contains("*") || $0.isEmpty })
        {
            throw ValidationError(
                "--allow-env must be the name of a variable such as API_KEY, got '\(name)'")
        }
    }
}

extension SandboxOptions {
    /// A text that differs for runs with different rights.
    ///
    /// - Parameter folder: the directory of the workflow.
    func rights(in folder: String) -> String {
        func place(_ path: String) -> String {
            guard let found = realpath(path, nil) else { return path }
            defer { free(found) }
            return String(cString: found)
        }
        return "\([place(folder)]) \(allowRead.map(place)) \(allowWrite.map(place)) \(allowEnv) "
            + "\(allowNetwork) \(allowPrograms)"
    }

    /// The limit of the memory, in bytes.
    var memory: Int {
        memoryLimit.flatMap(Format.bytes) ?? SystemMemory.limit / 4 * 3
    }

    /// The limit of what the run writes, in bytes.
    ///
    /// - Parameter results: the directory in which it writes.
    func disk(at results: String) -> Int {
        if let given = diskLimit.flatMap(Format.bytes) { return given }
        var about = statvfs()
        guard statvfs(results, &about) == 0 else { return .max }
        let (half, overflows) = Int(clamping: about.f_bavail / 2)
            .multipliedReportingOverflow(by: Int(clamping: about.f_frsize))
        return overflows ? .max : half
    }
}
