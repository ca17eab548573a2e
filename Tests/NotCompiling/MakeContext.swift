// SPDX-License-Identifier: BSD-3-Clause
// expect: initializer is inaccessible

import VTLuaBridge

func make(_ address: OpaquePointer) {
    _ = Lua(address)
}
