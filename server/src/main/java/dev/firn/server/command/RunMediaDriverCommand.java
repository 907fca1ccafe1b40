package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.config.MediaDriverConfig;
import dev.firn.server.process.RoleProcess;
import dev.firn.server.quorum.MediaDriverRole;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code firn run media-driver}. */
@Command(
        name = MediaDriverConfig.NAME,
        description = "The host's media driver: sockets and log buffers, shared by the host's other roles.")
final class RunMediaDriverCommand implements Callable<Integer> {
    /** Its buffers are Aeron's own; this is for the endpoint's counting alone. */
    private static final long MEMORY_BYTES = 2L << 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Override
    public Integer call() throws InterruptedException {
        return options.run(spec, () -> {
            final MediaDriverConfig config = MediaDriverConfig.read(options.config());
            return RoleProcess.start(
                    MediaDriverConfig.NAME,
                    0,
                    config.role(),
                    MEMORY_BYTES,
                    (directory, memory, process) -> new MediaDriverRole(config.profile(), process::publish),
                    HostStorage::new,
                    SystemClock.INSTANCE);
        });
    }
}
