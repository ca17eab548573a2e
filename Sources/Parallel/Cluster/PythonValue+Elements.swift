// SPDX-License-Identifier: BSD-3-Clause

internal import Jupyter

extension PythonValue {
    /// Those of a list or a tuple.
    var elements: [PythonValue]? {
        switch self {
        case .list(let all), .tuple(let all): all
        default: nil
        }
    }
}
