// SPDX-License-Identifier: BSD-3-Clause

/// The memory of the machine.
package enum SystemMemory {
    /// The bytes of memory that this process may use: those of the machine, or of its control group.
    package static let limit: Int = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        var limit = pages > 0 ? pages * sysconf(Int32(_SC_PAGESIZE)) : .max
        for file in [
            "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        ] {
            guard let text = File.text(file),
                let bytes = Int(text.filter { $0.isNumber || $0 == "-" }), bytes > 0
            else { continue }
            limit = min(limit, bytes)
        }
        return limit
    }()
}
