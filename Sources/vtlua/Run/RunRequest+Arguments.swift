// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem
import VTWorkflow

extension RunRequest {
    /// Parses the most common options of `run` with a few comparisons. ArgumentParser takes as long
    /// as a small workflow whose results are all cached.
    ///
    /// - Parameter words: the arguments after `run`.
    /// - Returns: nil for anything else, including errors; ArgumentParser then parses and reports.
    init?(plain words: some Sequence<String>) {
        var flow: String?
        var request = RunRequest(flow: "")
        var words = words.makeIterator()
        while let word = words.next() {
            switch word {
            case "--json": request.json = true
            case "--no-cache": request.options.usesCache = false
            case "-k", "--keep-going": request.options.keepGoing = true
            case "-p", "--param", "--params", "--progress", "--store", "-t", "--target":
                guard let value = words.next(), !value.hasPrefix("-") else { return nil }
                switch word {
                case "-p", "--param": request.parameters.assignments.append(value)
                case "--params": request.parameters.file = value
                case "--store": request.store.given = value
                case "-t", "--target": request.targets.append(value)
                default:
                    guard let style = ProgressStyle(rawValue: value) else { return nil }
                    request.progress = style
                }
            default:
                guard flow == nil, !word.hasPrefix("-") else { return nil }
                flow = word
            }
        }
        guard let flow else { return nil }
        request.flow = flow
        self = request
    }
}
