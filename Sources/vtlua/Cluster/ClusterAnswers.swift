// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime
import VTSystem

/// Answers the offers of `parallel.get_client` and related calls: by `--ask` or `VTLUA_ASK`, else
/// by asking the user on the terminal, if there is one.
enum ClusterAnswers {
    enum Policy: String, ExpressibleByArgument, CaseIterable { case yes, no }

    static func answering(_ policy: Policy?) -> ClusterAnswering {
        let named = getenv("VTLUA_ASK").flatMap { Policy(rawValue: String(cString: $0)) }
        let policy = policy ?? named
        return { offer in
            switch policy {
            case .yes: return .yes
            case .no: return .no
            case nil: break
            }
            guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else {
                return .unanswerable
            }
            return ask(offer)
        }
    }

    private static func ask(_ offer: ClusterOffer) -> ClusterAnswer {
        if case .chooseProfile(let names) = offer { return choose(names) }
        report("\(offer.question) [y/N] ")
        let answer = line()?.lowercased()
        return answer == "y" || answer == "yes" ? .yes : .no
    }

    private static func choose(_ names: [String]) -> ClusterAnswer {
        report("Several profiles have clusters:\n")
        for (index, name) in names.enumerated() { report("  \(index + 1)  \(name)\n") }
        report("Select a profile [1-\(names.count)]: ")
        guard let answer = line() else { return .no }
        if let number = Int(answer), names.indices.contains(number - 1) {
            return .profile(names[number - 1])
        }
        return names.contains(answer) ? .profile(answer) : .no
    }

    /// A line of input; nil at the end of the input and after Ctrl-C.
    private static func line() -> String? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, -1) > 0 else {
            report("\n")
            return nil
        }
        return readLine()
    }
}
