package dev.firn.server.redo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.corpus.Corpus;
import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.process.ShortCommand;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Postgres' own recovery of a corpus, to the end and no further: recovery from an archive up to the log's last record, the shutdown's
 * checkpoint, at which it shuts down. That writes everything out as a restart point, and nothing but redo has touched a page: no
 * session sets a hint bit, and no end of recovery writes records or makes unlogged relations.
 */
final class StockRecovery {
    private StockRecovery() {}

    /**
     * Returns the data directory that it leaves.
     *
     * @param directory a server's, to be made.
     * @param last where the log's last record starts.
     */
    static Path run(final Corpus corpus, final Path directory, final long last) throws IOException {
        final PostgresServer server =
                new PostgresServer(ServerConfig.of(corpus.binaries(), directory), SystemClock.INSTANCE);
        final Path data = server.dataDirectory();
        Files.createDirectories(directory);
        CorpusMaker.copyTree(corpus.base(), data);
        Files.createFile(data.resolve("recovery.signal"));
        server.adopt();
        final List<String> arguments = new ArrayList<>(List.of("-D", data.toString()));
        corpus.settings().server().forEach((name, value) -> set(arguments, name, value));
        set(arguments, "hot_standby", "off");
        set(arguments, "restore_command", "cp '" + corpus.wal() + "/%f' '%p'");
        set(arguments, "recovery_target_lsn", Lsn.format(last));
        set(arguments, "recovery_target_action", "shutdown");
        set(arguments, "listen_addresses", "");
        set(arguments, "unix_socket_directories", ".");
        set(arguments, "dynamic_shared_memory_type", "mmap");
        final ShortCommand.Result result = server.run("postgres", arguments.toArray(String[]::new));
        assertThat(result.output()).contains("shutdown at recovery target", "database system is shut down");
        return data;
    }

    private static void set(final List<String> arguments, final String name, final String value) {
        arguments.add("-c");
        arguments.add(name + "=" + value);
    }
}
