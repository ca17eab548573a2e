// SPDX-License-Identifier: BSD-3-Clause

import CVTStore

/// The versions of the libraries that a store uses, as they are at run time. A release build links
/// them in, so that an update of the system reaches them with the next build only.
public struct StoreLibraries: Sendable {
    /// The version of SQLite, as "3.40.1".
    public let sqlite: String
    /// The version of sodium, as "1.0.18".
    public let sodium: String

    /// Loads the libraries where they are not part of the program.
    ///
    /// - Throws: ``StoreError``, which names the library that is missing.
    public init() throws {
        if let missing = vtd_load() { throw StoreError(String(cString: missing)) }
        sqlite = String(cString: vtd_sqlite_version())
        sodium = String(cString: vtd_sodium_version())
    }

    /// A library.
    public enum Name: Sendable {
        case sqlite, sodium, zstd
    }

    /// Returns the version of a library, as "1.5.4"; nil where it is not installed.
    public static func version(of name: Name) -> String? {
        let library =
            switch name {
            case .sqlite: VTD_SQLITE
            case .sodium: VTD_SODIUM
            case .zstd: VTD_ZSTD
            }
        return vtd_version(library).map { String(cString: $0) }
    }
}
