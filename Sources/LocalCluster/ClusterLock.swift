// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTJupyter
internal import VTRuntime

/// One command at a time changes a profile's clusters. Let go when nobody holds it, also by the end
/// of the process.
final class ClusterLock {
    private let descriptor: Int32

    /// Makes the directories of the profile, too.
    ///
    /// - Throws: ``ClusterError``; what `check` throws.
    init(_ profile: ClusterProfile, timeout: Double, check: () throws -> Void) throws {
        let directory = "\(profile.directory)/pid"
        for name in ["pid", "log", "security"] {
            try PrivateFile.makeDirectory("\(profile.directory)/\(name)")
        }
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.failure("cannot open", directory) }
        let deadline = monotonicSeconds() + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw PrivateFile.failure("cannot lock", directory)
            }
            try check()
            guard monotonicSeconds() < deadline else {
                throw ClusterError(
                    .timeout,
                    "another `vtlua cluster` is at work in \(profile.description); try again when "
                        + "it is done")
            }
            usleep(20_000)
        }
    }

    deinit { close(descriptor) }
}
