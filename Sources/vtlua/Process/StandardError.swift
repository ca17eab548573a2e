// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTRuntime

/// Writes text to standard error, behind what C code and scripts have written.
func report(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
