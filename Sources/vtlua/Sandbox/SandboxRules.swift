// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem
import VTWorkflow

/// The places that a sandboxed run may use.
struct SandboxRules {
    let options: SandboxOptions
    /// The directory of the workflow.
    let folder: String
    /// The directory in which the run may write.
    let results: String
    /// A text that differs for runs with different rights.
    let rights: String
    /// The paths with the kinds of access to them.
    private let rules: [(path: String, access: Sandbox.Access)]

    /// - Parameters:
    ///   - flow: the path of the workflow's script.
    ///   - files: further files of the command line that the run reads.
    ///   - store: the directory of the store; nil: there is none.
    init(_ options: SandboxOptions, flow: String, files: [String], store: String?) {
        self.options = options
        folder = flow.directoryPart.isEmpty ? "." : flow.directoryPart
        results = folder == "." ? "results" : folder + "/results"
        rights = options.rights(in: folder)
        var rules = Self.ofSystem(options) + Self.reading(folder, besides: store, options)
        for path in files + [flow] + options.allowRead { rules.append((path, .read)) }
        for path in options.allowWrite + [results] { rules.append((path, [.read, .write])) }
        self.rules = rules
    }

    /// The sandbox of the run.
    ///
    /// - Parameter scratch: the run's scratch directory.
    func ofRun(scratch: String) -> Sandbox {
        var sandbox = Sandbox()
        sandbox.allowsNetwork = options.allowNetwork
        sandbox.allowsPrograms = options.allowPrograms
        sandbox.rules = rules
        sandbox.rules.append((scratch, [.read, .write]))
        return sandbox
    }

    /// The sandbox of the thread that uses the store: it may read what the run may read, and nothing
    /// else. It cannot be made to read another file for the run.
    func ofStore(_ directory: String) -> Sandbox {
        var sandbox = Sandbox()
        sandbox.rules = rules.map { ($0.path, $0.access.subtracting(.write)) }
        sandbox.rules.append((directory, [.read, .write]))
        return sandbox
    }

    /// Makes the directories of results and of the store.
    ///
    /// - Parameter ownsStore: true if the store's place was not named by the user.
    /// - Throws: `WorkflowError` where a workflow from others could have chosen the place.
    func prepare(store: String?, ownsStore: Bool) throws {
        if Self.isLink(results) {
            throw WorkflowError(
                "--sandbox: '\(results)' is a link, and the run would write to its target; remove "
                    + "the link. --allow-write PATH lets the run write to the target by its own path"
            )
        }
        if ownsStore, let store, Self.isLink(store) {
            throw WorkflowError(
                "--sandbox: '\(store)' is a link, and the run would be stored in its target; name "
                    + "the store's directory with --store DIR")
        }
        do {
            try Directory.make(results)
            if let store { try Directory.make(store) }
        } catch {
            throw WorkflowError("--sandbox: \(error)")
        }
        guard let store else { return }
        let next = "; name another directory for the store with --store DIR, or use --store off"
        if let folder = Self.identity(folder), folder == Self.identity(store) {
            throw WorkflowError(
                "--sandbox: the run may read '\(self.folder)', which is the store" + next)
        }
        for path in options.allowWrite + [results]
        where Self.isInside(store, of: path) || path != results && Self.isInside(path, of: store) {
            throw WorkflowError(
                "--sandbox: the run may write to '\(path)', which has the store '\(store)'" + next)
        }
        for rule in rules where rule.access.contains(.read) && Self.isInside(store, of: rule.path) {
            throw WorkflowError(
                "--sandbox: the run may read '\(rule.path)', which has the store '\(store)'" + next)
        }
    }

    /// The rules for the workflow's directory: everything in it but the store, whose records are not the
    /// workflow's, or the directory in it that has the store.
    private static func reading(
        _ folder: String, besides store: String?, _ options: SandboxOptions
    ) -> [(path: String, access: Sandbox.Access)] {
        let access: Sandbox.Access = options.allowPrograms ? [.read, .execute] : .read
        let hidden = Set([store, folder + "/.vtlua"].compactMap { $0.flatMap(identity) })
        var rules: [(path: String, access: Sandbox.Access)] = [(folder, .list)]
        for entry in Directory.entries(of: folder) {
            let path = "\(folder)/\(entry.name)"
            if isLink(path) { continue }  // it has no rights of its own
            if let identity = identity(path), hidden.contains(identity) { continue }
            if let store, isInside(store, of: path) { continue }
            rules.append((path, access))
        }
        return rules
    }

    private static func isLink(_ path: String) -> Bool {
        var about = stat()
        return lstat(path, &about) == 0 && about.st_mode & S_IFMT == S_IFLNK
    }

    /// The file or directory that a path leads to.
    private static func identity(_ path: String) -> [UInt64]? {
        var about = stat()
        return stat(path, &about) == 0 ? [UInt64(about.st_dev), UInt64(about.st_ino)] : nil
    }

    /// True if a file or directory is the other one, or somewhere in it.
    private static func isInside(_ path: String, of outer: String) -> Bool {
        guard let outer = identity(outer) else { return false }
        if identity(path) == outer { return true }
        var known: Set<[UInt64]> = []
        // The directory above a file is named by its path alone.
        var next = Directory.isDirectory(path) ? path : path.directoryPart
        if next.isEmpty { next = "." }
        while let place = identity(next), known.insert(place).inserted {
            if place == outer { return true }
            next += "/.."
        }
        return false
    }

    /// The rules for what the program and its libraries need.
    private static func ofSystem(
        _ options: SandboxOptions
    ) -> [(path: String, access: Sandbox.Access)] {
        let code: Sandbox.Access = options.allowPrograms ? [.read, .execute] : .read
        var rules: [(path: String, access: Sandbox.Access)] = []
        for path in ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt"] {
            rules.append((path, code))
        }
        if let program = pathOfThisProgram { rules.append((program, code)) }
        for path in [
            "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/proc/self", "/proc/cpuinfo",
            "/proc/meminfo", "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup", "/dev/zero",
            "/dev/urandom", "/dev/random",
        ] { rules.append((path, .read)) }
        rules.append(("/dev/null", [.read, .write]))
        // Each process has a directory of its own there.
        if options.allowPrograms { rules.append(("/proc", .read)) }
        if options.allowNetwork {
            for name in [
                "ssl", "ca-certificates", "resolv.conf", "hosts", "host.conf", "nsswitch.conf",
                "gai.conf", "services", "protocols",
            ] { rules.append(("/etc/" + name, .read)) }
        }
        for name in ["LUA_PATH", "LUA_CPATH", "LUA_PATH_5_4", "LUA_CPATH_5_4", "LD_LIBRARY_PATH"] {
            let value = getenv(name).map { String(cString: $0) } ?? ""
            for place in value.split(whereSeparator: { $0 == ";" || $0 == ":" }) {
                let directory = String(place.prefix { $0 != "?" })
                // A place in the working directory is the user's, not the program's.
                if directory.hasPrefix("/"), directory != "/" { rules.append((directory, code)) }
            }
        }
        return rules
    }
}
