// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// A host object that may go by reference between threads of this process.
///
/// It is recognised inside any userdata that `Lua.push(_:as:)` made.
public protocol ShippingReference: AnyObject, Sendable {
    /// Pushes a userdata for this object onto the receiver's stack.
    func push(onto lua: borrowing Lua) throws(LuaError)
}
