// SPDX-License-Identifier: BSD-3-Clause

import Jupyter
import Testing

@Suite struct JSONTests {
    @Test func readsWhatItWrites() throws {
        let value: JSON = [
            "a": [1, -2, true, nil, "x\n\"\\\u{1}é😀"], "b": ["c": .double(1.5)],
            "d": .double(1e300),
        ]
        #expect(try JSON(parsing: value.bytes) == value)
    }
}
