// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
public import VTLuaBridge

extension Lua {
    /// Notes the names of what is loaded by now, which travels by name. Call it when a state is
    /// made, before any script: what a script adds to a library is then not taken for the
    /// library's own. Cheap when nothing is new.
    public func openShipping() throws { try checkRun(vts_open(L)) }

    /// Takes the metatable on top and registers it: tables that have it travel, and get the one
    /// of this name on the other side. A name stands for the metatable it was registered for
    /// last.
    public func registerClass(_ name: String) throws {
        var name = name
        let status = name.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                vts_register_class(L, $0.baseAddress, $0.count)
            }
        }
        try checkRun(status)
    }

    /// Pushes a list of the registered metatables that no module has by name, to be sent along
    /// with what uses them.
    public func pushClasses() throws { try checkRun(vts_push_classes(L)) }
}
