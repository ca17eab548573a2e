// SPDX-License-Identifier: BSD-3-Clause

package import VTRuntime

/// JSON as this program writes it; what ipyparallel writes is read as the `JSON` of VTJupyter.
package typealias JSON = VTRuntime.JSON
