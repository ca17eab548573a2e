// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

// What a program is started with, as C wants it.

/// This process's environment with some variables set anew; nil unsets one.
package func environment(setting changes: [String: String?]) -> [String] {
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

/// Lends the strings as an array that ends with NULL.
package func withCStrings<R>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
) -> R {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
