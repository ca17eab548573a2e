// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// A lock that lets one command at a time change a profile's clusters. It is released when the
/// object or the process goes away.
final class ClusterLock {
    private let descriptor: Int32

    /// Waits for the lock. Also makes the directories of the profile.
    ///
    /// - Throws: ``ClusterError``; any error of `check`.
    init(_ profile: ClusterProfile, timeout: Double, check: () throws -> Void) throws {
        let directory = "\(profile.directory)/pid"
        for name in ["pid", "log", "security"] {
            try PrivateFile.makeDirectory("\(profile.directory)/\(name)")
        }
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.failure("cannot open", directory) }
        let deadline = Clock.seconds + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw PrivateFile.failure("cannot lock", directory)
            }
            try check()
            guard Clock.seconds < deadline else {
                throw ClusterError(
                    .timeout,
                    "another `vtlua cluster` command is changing \(profile.description); try again "
                        + "when it has finished")
            }
            usleep(20_000)
        }
    }

    deinit { close(descriptor) }
}
