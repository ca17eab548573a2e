// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser

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

    func validate() throws {
        guard !sandbox else { return }
        let given: [(name: String, isGiven: Bool)] = [
            ("--allow-read", !allowRead.isEmpty), ("--allow-write", !allowWrite.isEmpty),
            ("--allow-env", !allowEnv.isEmpty), ("--allow-network", allowNetwork),
            ("--allow-programs", allowPrograms),
        ]
        if let first = given.first(where: \.isGiven) {
            throw ValidationError("\(first.name) is an option of a sandboxed run; add --sandbox")
        }
    }
}
