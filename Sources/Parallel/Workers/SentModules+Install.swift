// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping

extension SentModules {
    /// The modules that a worker's state has from its caller.
    package static func installed(in lua: borrowing Lua) -> SentModules? {
        lua.inheritedModules as? SentModules
    }

    /// Makes `require` find the modules. Each is decoded when it is first needed.
    ///
    /// - Returns: a function that removes them.
    func install(_ lua: borrowing Lua) throws -> LuaReference {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.load(Self.code, name: "=modules of the caller")
        try lua.pushLoaded("package")
        try lua.pushLoadedModules()
        try lua.pushLoaded("_G")
        try lua.pushTable(elements: entries.count)
        for (index, entry) in entries.enumerated() {
            try lua.pushTable(fields: 5)
            try lua.setField("kind", "\(entry.kind)")
            try lua.setField("name", entry.name)
            try lua.setField("position", entry.position)
            try lua.setField("group", entry.group)
            try lua.setField("index", entry.index)
            try lua.setRawElement(index + 1, of: -2)
        }
        let groups = groups
        let decoder = ShippingDecoder(trustsCode: true)
        var begun: Set<Int> = []
        try lua.pushConfined { lua in
            let number = try lua.argument(1, as: Int.self)
            guard begun.insert(number).inserted else {
                let name = try lua.argument(2, as: String.self)
                throw lua.error(
                    "the code of module '\(name)' and that of another module refer to each other; put "
                        + "them into files on package.path")
            }
            defer { begun.remove(number) }
            var position = 0
            let count = try groups[number].withUnsafeBytes {
                try decoder.decodeElements($0, at: &position, lua)
            }
            try lua.pushTable(elements: count)
            lua.insert(at: lua.top - count)
            let table = lua.top - count
            for index in stride(from: count, to: 0, by: -1) {
                try lua.setRawElement(index, of: table)
            }
            return 1
        }
        try lua.call(arguments: 5, results: 1)
        lua.setInheritedModules(self)
        return try lua.takeReference()
    }

    private static let code = """
        local package, loaded, globals, entries, decode = ...
        local pcall, tostring = globals.pcall, globals.tostring
        local groups, added = {}, {}
        local function value(entry)
          local group = groups[entry.group]
          if not group then
            group = decode(entry.group, entry.name)
            groups[entry.group] = group
          end
          return group[entry.index]
        end
        for i = 1, #entries do
          local entry = entries[i]
          if entry.kind == "preload" then
            package.preload[entry.name] = function(...) return value(entry)(...) end
          elseif entry.kind == "value" then
            package.preload[entry.name] = function() return value(entry) end
          else
            local searchers = package.searchers
            local position = entry.position <= 2 and entry.position or #searchers + 1
            for k = #searchers, position, -1 do searchers[k + 1] = searchers[k] end
            -- It may need a module that another searcher finds, and is asked for that one, too.
            local function search(name)
              local found, searcher = pcall(value, entry)
              if found then return searcher(name) end
              return "a searcher of the caller failed: " .. tostring(searcher)
            end
            searchers[position], added[search] = search, true
          end
        end
        return function()
          for i = 1, #entries do
            local name = entries[i].name
            if name ~= "" then package.preload[name], loaded[name] = nil, nil end
          end
          local searchers, kept = package.searchers, 0
          for k = 1, #searchers do
            local searcher = searchers[k]
            searchers[k] = nil
            if not added[searcher] then kept = kept + 1 searchers[kept] = searcher end
          end
        end
        """
}

extension Lua {
    fileprivate func setField(_ name: String, _ value: some LuaPushable) throws {
        try value.push(onto: self)
        try setRawField(name, of: -2)
    }
}
