// SPDX-License-Identifier: BSD-3-Clause

internal import CVTTransfer
internal import VTLuaBridge

/// The library for transfers over HTTP, which is loaded when it is asked for.
package enum TransferLibrary {
    /// The version of libcurl; nil if it cannot be used.
    package static var version: String? { vth_version().map { String(cString: $0) } }
}

extension Lua {
    /// Pushes the function that opens the C part of the library `http`.
    func pushTransferOpener() throws {
        try reserve(1)
        vth_push_opener(L)
    }
}
