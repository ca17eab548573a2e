// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// A host object that can be passed by reference between threads of this process.
///
/// An encoder with ``ShippingRules/references`` recognizes it inside any userdata that
/// `Lua.push(_:as:)` pushed.
public protocol ShippingReference: AnyObject, Sendable {
    /// Pushes a userdata for this object onto the receiver's stack.
    func push(onto lua: borrowing Lua) throws(LuaError)
}
