// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem

// The function `display` of cells.

extension NotebookKernel {
    private static let raw = [
        ("html", "text/html"), ("markdown", "text/markdown"), ("latex", "text/latex"),
        ("svg", "image/svg+xml"),
    ]

    /// Adds the global `display`: `display(value, ...)`, and functions for text of a certain
    /// format.
    func addDisplay(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 8)
        for (name, type) in Self.raw {
            try lua.pushConfined { [unowned self] lua in
                let text = try lua.argument(1, as: String.self)
                var data = [("text/plain", Content.string(text)), (type, .string(text))]
                if type == "image/svg+xml", let tag = lua.withBytes(at: 1, Display.imageTag) {
                    data.append(("text/html", .string(tag)))
                }
                publish("display_data", .object(data))
                return 0
            }
            try lua.setRawField(name, of: -2)
        }
        try lua.pushConfined { [unowned self] lua in
            let waits = lua.truth(at: 1)
            flush()
            mailbox.publish("clear_output", ["wait": .boolean(waits)])
            waitForRoom()
            return 0
        }
        try lua.setRawField("clear", of: -2)
        try lua.pushConfined { [unowned self] lua in try openDisplay(lua) }
        try lua.setRawField("open", of: -2)

        try lua.pushTable(fields: 1)
        try lua.pushConfined { [unowned self] lua in
            // The first argument is the table that was called.
            for index in 2..<max(2, lua.top + 1) {
                publish("display_data", try Display(kernel: self).bundle(at: index, lua))
            }
            return 0
        }
        try lua.setRawField("__call", of: -2)
        lua.setMetatable(of: -2)
        try lua.setGlobal("display")
    }

    /// Implements `display.open(value)`: returns an object whose method `update` replaces the shown
    /// value.
    private func openDisplay(_ lua: borrowing Lua) throws -> LuaReturn {
        displays += 1
        let id = "vtlua-display-\(displays)"
        try lua.setTop(1)
        publish("display_data", try Display(kernel: self).bundle(at: 1, lua), id)
        try lua.pushTable(fields: 1)
        try lua.pushConfined { [unowned self] lua in
            try lua.setTop(2)
            publish("update_display_data", try Display(kernel: self).bundle(at: 2, lua), id)
            return 0
        }
        try lua.setRawField("update", of: -2)
        return 1
    }

    private func publish(_ type: String, _ data: Content, _ id: String? = nil) {
        flush()
        let transient: Content = id.map { ["display_id": .string($0)] } ?? [:]
        mailbox.publish(type, ["data": data, "metadata": [:], "transient": transient])
        waitForRoom()
    }
}
