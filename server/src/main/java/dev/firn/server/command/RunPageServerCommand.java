package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.server.config.PageServerConfig;
import dev.firn.server.pages.PageServerRole;
import dev.firn.server.pages.PageServerSetup;
import dev.firn.server.pages.PageServerSizes;
import dev.firn.server.process.RoleProcess;
import dev.firn.server.quorum.RoleSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn run page-server}. */
@Command(
        name = PageServerConfig.NAME,
        description = {
            "Serves any page of each timeline at any LSN: ingests the WAL of the quorum, and keeps it as layers in the"
                    + " object store.",
            "What it has on this host is a cache, and lost without harm: another one, anywhere, takes over by being"
                    + " started."
        })
final class RunPageServerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws InterruptedException {
        return options.run(spec, this::start);
    }

    private RoleProcess start() throws InterruptedException {
        final PageServerConfig config = PageServerConfig.read(options.config());
        final PageServerSizes sizes = PageServerSizes.of(config.memoryBytes(), config.cacheBytes());
        return RoleProcess.start(
                PageServerConfig.NAME,
                config.network().node(),
                config.role(),
                config.memoryBytes(),
                (directory, memory, process) -> new PageServerRole(
                        new PageServerSetup(
                                RoleSettings.network(config.role(), config.network()),
                                config.store(),
                                sizes,
                                directory.path(),
                                HostStorage::new),
                        memory,
                        SystemClock.INSTANCE,
                        SystemRandom.secure(),
                        process::abandonMemory),
                HostStorage::new,
                SystemClock.INSTANCE);
    }
}
