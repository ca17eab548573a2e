// SPDX-License-Identifier: BSD-3-Clause
// expect: 'lua' is borrowed

import VTLuaBridge

struct Holder: ~Copyable {
    var lua: Lua
}

func store(_ lua: borrowing Lua) -> Holder {
    Holder(lua: lua)
}
