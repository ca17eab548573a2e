// SPDX-License-Identifier: BSD-3-Clause
// expect: 'copy' cannot be applied to noncopyable types

import VTLuaBridge

func copy(_ lua: borrowing Lua) {
    let other = copy lua
    _ = other
}
