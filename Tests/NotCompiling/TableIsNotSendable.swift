// SPDX-License-Identifier: BSD-3-Clause
// expect: conformance of 'LuaTable' to 'Sendable' is unavailable

import VTLuaBridge

func wants<T: Sendable>(_ value: T) {}

func send(_ table: LuaTable) {
    wants(table)
}
