// SPDX-License-Identifier: BSD-3-Clause
// expect: conformance of 'LuaReference' to 'Sendable' is unavailable

import VTLuaBridge

func wants<T: Sendable>(_ value: T) {}

func send(_ reference: LuaReference) {
    wants(reference)
}
