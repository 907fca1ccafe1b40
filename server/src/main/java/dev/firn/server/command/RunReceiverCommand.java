package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.wakeup.AgentHost;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.config.ReceiverConfig;
import dev.firn.server.home.RoleDirectory;
import dev.firn.server.process.RoleProcess;
import dev.firn.server.quorum.ReceiverDetach;
import dev.firn.server.quorum.ReceiverRole;
import dev.firn.server.quorum.ReceiverSetup;
import dev.firn.server.quorum.RoleMemory;
import dev.firn.server.quorum.RoleSettings;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn run receiver}. */
@Command(
        name = ReceiverConfig.NAME,
        description = {
            "Follows one Postgres: takes a base backup the first time, then streams its WAL into the quorum.",
            "With --detach: takes its replication slot back instead, and ends."
        })
final class RunReceiverCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--detach", description = "Let go of the primary, print what is left to do, and end.")
    private boolean detach;

    @Option(names = "--purge", description = "With --detach: delete base backup and WAL as well.")
    private boolean purge;

    @Override
    public Integer call() throws InterruptedException {
        if (purge && !detach) {
            throw new ParameterException(spec.commandLine(), "--purge goes with --detach");
        }
        return detach ? detach(ReceiverConfig.read(options.config())) : options.run(spec, this::start);
    }

    private RoleProcess start() throws InterruptedException {
        final ReceiverConfig config = ReceiverConfig.read(options.config());
        return RoleProcess.start(
                ReceiverConfig.NAME,
                config.network().node(),
                config.role(),
                RoleMemory.RECEIVER_BYTES,
                (directory, memory, process) -> new ReceiverRole(
                        setup(config, directory),
                        AgentHost.OWN_THREADS,
                        memory,
                        SystemClock.INSTANCE,
                        SystemRandom.secure(),
                        process::abandonMemory),
                HostStorage::new,
                SystemClock.INSTANCE);
    }

    private ReceiverSetup setup(final ReceiverConfig config, final RoleDirectory directory) {
        return new ReceiverSetup(
                RoleSettings.network(config.role(), config.network()),
                directory.path(),
                config.store(),
                config.timeline(),
                config.connInfoFile(),
                options.supervised() && !config.timeline().equals(Attachment.OWN));
    }

    private int detach(final ReceiverConfig config) {
        try (RoleDirectory directory = RoleDirectory.open(
                        config.role().directory(),
                        config.role()
                                .identity(ReceiverConfig.NAME, config.network().node()),
                        HostStorage::new);
                OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("detach", RoleMemory.RECEIVER_BYTES))) {
            final PrintWriter out = spec.commandLine().getOut();
            ReceiverDetach.run(setup(config, directory), purge, memory, SystemClock.INSTANCE, SystemRandom.secure())
                    .ifPresent(out::println);
            out.flush();
            return ExitCode.OK;
        }
    }
}
