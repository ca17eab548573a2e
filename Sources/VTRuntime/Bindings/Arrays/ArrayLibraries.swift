// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// The libraries that arrays use when they are installed. Each is loaded when it is asked for.
package enum ArrayLibraries {
    /// The version and processor of OpenBLAS; nil if it cannot be used.
    package static var openBLAS: String? {
        guard va_has_openblas(nil), let config = va_openblas_config() else { return nil }
        return String(cString: config)
    }

    /// The instructions that SLEEF's functions use here; nil if it cannot be used.
    package static var sleef: String? {
        guard va_has_sleef(nil), let instructions = va_isa_name() else { return nil }
        return "with \(String(cString: instructions))"
    }
}
