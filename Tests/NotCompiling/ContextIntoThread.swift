// SPDX-License-Identifier: BSD-3-Clause
// expect: capture of 'lua' with non-Sendable type 'Lua'

import Foundation
import VTLuaBridge

func send(_ lua: borrowing Lua) {
    Thread.detachNewThread { _ = lua.top }
}
