package dev.firn.server.command;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.tuning.profile.ApplyResult;
import dev.firn.tuning.profile.RevertResult;
import dev.firn.tuning.profile.Tuner;
import dev.firn.tuning.profile.TuningPlan;
import dev.firn.tuning.profile.VerifyResult;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code firn tune}: the host's settings, by profile. */
@Command(
        name = "tune",
        synopsisSubcommandLabel = "(show | apply | verify | revert)",
        description = "Tunes this host by a profile: bare-metal-nvme or shared-vm.")
final class TuneCommand implements Runnable {
    private static final Path HOST = Path.of("/");
    private static final String PROFILE_HELP = "The profile: bare-metal-nvme or shared-vm.";

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of show, apply, verify and revert is missing");
    }

    @Command(description = "Prints each setting, its value now, the wanted one, and why.")
    int show(
            @Mixin final JsonOption json,
            @Parameters(paramLabel = "PROFILE", description = PROFILE_HELP) final String profile) {
        final TuningPlan plan = known("show", () -> tuner().show(profile));
        print(json, plan::toTable, plan::toJson);
        return ExitCode.OK;
    }

    @Command(description = "Sets what differs, after writing down what was there.")
    int apply(
            @Mixin final JsonOption json,
            @Parameters(paramLabel = "PROFILE", description = PROFILE_HELP) final String profile) {
        final ApplyResult result = known("apply", () -> tuner().apply(profile));
        print(json, result::toTable, result::toJson);
        return result.succeeded() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    @Command(description = "Checks that the profile holds; exit code 1 when it does not.")
    int verify(
            @Mixin final JsonOption json,
            @Parameters(paramLabel = "PROFILE", description = PROFILE_HELP) final String profile) {
        final VerifyResult result = known("verify", () -> tuner().verify(profile));
        print(json, result::toTable, result::toJson);
        return result.holds() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    @Command(description = "Puts back what was there before the first apply.")
    int revert(
            @Mixin final JsonOption json,
            @Parameters(arity = "0..1", paramLabel = "PROFILE", description = "Taken for symmetry: all is reverted.")
                    final String profile) {
        if (profile != null) {
            known("revert", () -> tuner().show(profile));
        }
        final RevertResult result = tuner().revert();
        print(json, result::toTable, result::toJson);
        return result.succeeded() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static Tuner tuner() {
        return new Tuner(HOST, Tuner.DEFAULT_STATE_DIRECTORY, SystemClock.INSTANCE);
    }

    /** A profile that does not exist is wrong usage; the tuner's message names those that do. */
    private <T> T known(final String subcommand, final Supplier<T> action) {
        try {
            return action.get();
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.subcommands().get(subcommand), e.getMessage(), e);
        }
    }

    private void print(
            final JsonOption json,
            final Function<Boolean, String> table,
            final Supplier<Map<String, Object>> document) {
        if (json.asked) {
            spec.commandLine().getOut().println(Json.pretty(document.get()));
        } else {
            spec.commandLine().getOut().print(table.apply(Terminal.wantsColour()));
        }
        spec.commandLine().getOut().flush();
    }
}
