package dev.firn.server.command;

import dev.firn.tuning.doctor.Doctor;
import dev.firn.tuning.doctor.DoctorReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn doctor}: what this host offers and lacks. */
@Command(
        name = "doctor",
        description = {
            "Shows what this host offers and lacks, and what each lack costs.",
            "Exit code 1 only when Firn could not run here."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final Path HOST = Path.of("/");

    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        final DoctorReport report = new Doctor(HOST, directory.path, System.getenv()).examine();
        if (json.asked) {
            spec.commandLine().getOut().println(Json.pretty(report.toJson()));
        } else {
            spec.commandLine().getOut().print(report.toTable(Terminal.wantsColour()));
        }
        spec.commandLine().getOut().flush();
        return report.canRun() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
