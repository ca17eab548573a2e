// SPDX-License-Identifier: BSD-3-Clause

// The system's C library, for this target and those above it. It is named nowhere else.
#if canImport(Glibc)
    @_exported public import Glibc
#elseif canImport(Musl)
    @_exported public import Musl
#elseif canImport(Darwin)
    @_exported public import Darwin
#else
    #error("unknown C library")
#endif
