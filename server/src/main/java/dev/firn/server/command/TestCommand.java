package dev.firn.server.command;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn test}: stands in the help; the launcher takes the name before Java is started. */
@Command(name = "test", description = "Builds everything and runs every test and check.")
final class TestCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODULE", arity = "0..*", description = "Only the tests of these modules, by folder.")
    @SuppressWarnings("unused")
    private List<String> modules;

    @Option(names = "--long", description = "Also the soak, chaos and big-corpus tests.")
    @SuppressWarnings("unused")
    private boolean all;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "tests are run from a clone, by its launcher: ./firn test must come first");
    }
}
