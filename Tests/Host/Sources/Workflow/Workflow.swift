// SPDX-License-Identifier: BSD-3-Clause

/// A type of the host, in a target that has the name of one of the package's folders.
public enum OwnWorkflow {
    public static let name = "Workflow"
}
