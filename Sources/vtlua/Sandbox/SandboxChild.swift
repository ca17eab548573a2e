// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime
import VTSystem
import VTWorkflow

/// The process of a sandboxed run, before it loads the workflow: it gives up its rights.
///
/// All of the process may read what the workflow and the program need, and write to `results/` and the
/// scratch directory. One thread, started before the others are restricted further, may write to the
/// store: Lua code has no way to run on it.
struct SandboxChild {
    /// The directory in which the run may write.
    private let results: String
    /// A text that differs for runs with different rights.
    private let key: String
    private let store: (directory: String, thread: ServiceThread)?

    /// Restricts this process.
    ///
    /// - Parameters:
    ///   - flow: the path of the workflow's script.
    ///   - files: further files of the command line that the run reads.
    ///   - store: the directory of the store; nil: there is none.
    /// - Throws: ``WorkflowError``.
    init(
        _ options: SandboxOptions, flow: String, files: [String], store: String?
    ) throws {
        let folder = flow.directoryPart.isEmpty ? "." : flow.directoryPart
        results = folder == "." ? "results" : folder + "/results"
        do {
            try Directory.make(results)
            if let store { try Directory.make(store) }
        } catch {
            throw WorkflowError("--sandbox: \(error)")
        }
        key =
            " sandbox \(options.allowRead) \(options.allowWrite) \(options.allowEnv) "
            + "\(options.allowNetwork) \(options.allowPrograms)"
        var inner = Sandbox()
        inner.allowsNetwork = options.allowNetwork
        inner.allowsPrograms = options.allowPrograms
        inner.rules = Self.ofSystem(options) + Self.reading(folder, besides: store, options)
        for path in files + [flow] + options.allowRead { inner.rules.append((path, .read)) }
        for path in options.allowWrite { inner.rules.append((path, [.read, .write])) }
        for path in [results, SandboxedRun.scratch ?? results] {
            inner.rules.append((path, [.read, .write]))
        }
        do {
            try inner.restrictCalls()
            if let store {
                var outer = inner
                outer.rules.append((store, [.read, .write]))
                try outer.restrictThread()
                self.store = (store, try ServiceThread("vtlua-store"))
            } else {
                self.store = nil
            }
            try inner.restrictThread()
        } catch {
            throw WorkflowError("--sandbox: \(error)")
        }
    }

    /// Sets the places that a workspace may write to.
    func apply(to workspace: Workspace) {
        workspace.sandboxResults = results
        workspace.guardedStore = store
        workspace.sandboxKey = key
    }

    /// The rules for the workflow's directory: everything in it but the store, whose records are not the
    /// workflow's.
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
