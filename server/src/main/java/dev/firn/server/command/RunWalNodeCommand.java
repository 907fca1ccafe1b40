package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.wakeup.AgentHost;
import dev.firn.server.config.WalNodeConfig;
import dev.firn.server.process.RoleProcess;
import dev.firn.server.quorum.RoleMemory;
import dev.firn.server.quorum.RoleSettings;
import dev.firn.server.quorum.WalNodeRole;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn run wal-node}. */
@Command(
        name = WalNodeConfig.NAME,
        description =
                "One node of the quorum: keeps the WAL of all timelines on its disk, and archives it to the object store.")
final class RunWalNodeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws InterruptedException {
        return options.run(spec, () -> {
            final WalNodeConfig config = WalNodeConfig.read(options.config());
            return RoleProcess.start(
                    WalNodeConfig.NAME,
                    config.network().node(),
                    config.role(),
                    RoleMemory.WAL_NODE_BYTES,
                    (directory, memory, process) -> new WalNodeRole(
                            RoleSettings.network(config.role(), config.network()),
                            config.archiverNode(),
                            AgentHost.OWN_THREADS,
                            directory.path(),
                            config.store(),
                            HostStorage::new,
                            memory,
                            SystemClock.INSTANCE,
                            SystemRandom.secure(),
                            process::abandonMemory),
                    HostStorage::new,
                    SystemClock.INSTANCE);
        });
    }
}
