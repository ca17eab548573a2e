// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// Whatever a person gets wrong gives one clear message, the line, the right exit code, and
/// leaves nothing half-written.
@Suite struct MistakeTests {
    @Test(arguments: Mistake.inModules) func inModules(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inWorkflows) func inWorkflows(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inNodes) func inNodes(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inConnections) func inConnections(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.asValues) func asValues(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inBuilds) func inBuilds(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inElements) func inElements(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.withElements) func withElements(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inNodeOptions) func inNodeOptions(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inShapes) func inShapes(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inGraphs) func inGraphs(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inScripts) func inScripts(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inFlowRun) func inFlowRun(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inTables) func inTables(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inFiles) func inFiles(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inCompute) func inCompute(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inCalls) func inCalls(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inTasks) func inTasks(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inRequirements) func inRequirements(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inPrograms) func inPrograms(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inData) func inData(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inPlots) func inPlots(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.withSecrets) func withSecrets(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.withArrays) func withArrays(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.withHTTP) func withHTTP(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inOutputs) func inOutputs(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inChoices) func inChoices(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inOrders) func inOrders(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inSteps) func inSteps(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inLoops) func inLoops(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inStreams) func inStreams(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inFolds) func inFolds(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.withSelf) func withSelf(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inTypes) func inTypes(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inSuspension) func inSuspension(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inSandboxes) func inSandboxes(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inRuns) func inRuns(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.betweenModules) func betweenModules(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inParameters) func inParameters(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inParameterFiles) func inParameterFiles(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inOptions) func inOptions(_ mistake: Mistake) throws {
        try mistake.make()
    }

    @Test(arguments: Mistake.inArguments) func inArguments(_ mistake: Mistake) throws {
        try mistake.make()
    }
}
