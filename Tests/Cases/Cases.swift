// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime

/// Cases of tests that need a process of their own, because they observe its standard streams or
/// what is loaded once: `vtlua-test-cases NAME`, in the directory of the case.
///
/// Swift Testing's exit tests are not used. Their monitor waits for any child that has ended, and
/// never gets past one that another test has not reaped yet.
@main struct Cases {
    static func main() async throws {
        // A worker process of this program does not return from here.
        prepare()
        switch CommandLine.arguments.dropFirst().first {
        case "compression": try compression()
        case "compression-without-zstd": try compressionWithoutLibrary()
        case "lua": try script()
        case "flow": try await flow()
        case "swift-modules": try await swiftModules()
        case "flow-with-damaged-store": try await flowWithDamagedStore()
        case let name: fatalError("no case \(name ?? "")")  // a mistake in the test itself
        }
    }

    /// Ends the process with code 1 if the condition does not hold.
    static func require(
        _ condition: @autoclosure () throws -> Bool, line: Int = #line
    ) rethrows {
        if try condition() { return }
        print("the requirement in line \(line) does not hold")
        exit(1)
    }
}
