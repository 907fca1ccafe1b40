package dev.firn.bench.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.FirnProgram;
import dev.firn.compute.instance.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Postgres whose commits wait for Firn's quorum: {@code firn up} and {@code firn attach} of the program that this process is part
 * of, as a user starts it: three WAL nodes and a receiver in processes of their own, or all of them in one, as small machines have it.
 */
final class FirnQuorum implements CommitSide {
    private static final String STANDBY_NAME = "firn";
    private static final String TIMELINE = "bench";
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(5);
    private static final Duration STREAMING_LIMIT = Duration.ofMinutes(2);

    private final String name;
    private final PostgresServer primary;
    private final Followers firn;
    private final Set<Long> processes;

    private FirnQuorum(
            final String name, final PostgresServer primary, final Followers firn, final Set<Long> processes) {
        this.name = name;
        this.primary = primary;
        this.firn = firn;
        this.processes = processes;
    }

    /** Six processes. */
    static FirnQuorum start(final CommitCluster cluster) throws BenchmarkException, InterruptedException {
        return start(cluster, "Firn", "firn", List.of());
    }

    /** One process. */
    static FirnQuorum startInProcess(final CommitCluster cluster) throws BenchmarkException, InterruptedException {
        return start(cluster, "Firn in one process", "firn-in-process", List.of("--in-process"));
    }

    private static FirnQuorum start(
            final CommitCluster cluster, final String name, final String place, final List<String> options)
            throws BenchmarkException, InterruptedException {
        final FirnProgram program = FirnProgram.of(cluster.context());
        final PostgresServer primary =
                cluster.start(place + "-primary", config -> config.with("synchronous_standby_names", STANDBY_NAME));
        final Path directory = cluster.place(place + "-system");
        final AtomicBoolean down = new AtomicBoolean();
        cluster.own(() -> {
            if (!down.getAndSet(true)) {
                program.run(COMMAND_LIMIT, "down", "--dir", directory.toString());
            }
        });
        final List<String> up =
                new ArrayList<>(List.of("up", "--dir", directory.toString(), "--no-postgres", "--detach"));
        up.addAll(options);
        program.run(COMMAND_LIMIT, up.toArray(String[]::new));
        program.run(
                COMMAND_LIMIT, "attach", primary.connectionString(), "--name", TIMELINE, "--dir", directory.toString());
        final Followers firn = new Followers(primary, Set.of(STANDBY_NAME), cluster.clock());
        firn.await(STREAMING_LIMIT);
        final String status = program.run(COMMAND_LIMIT, "status", "--json", "--dir", directory.toString());
        return new FirnQuorum(name, primary, firn, processes(status));
    }

    /** The process of {@code firn up}, and those that it has started. */
    private static Set<Long> processes(final String status) throws BenchmarkException {
        final long up;
        try {
            up = new ObjectMapper().readTree(status).path("pid").asLong();
        } catch (final JsonProcessingException e) {
            throw new BenchmarkException("firn status cannot be read: " + e.getMessage(), e);
        }
        final ProcessHandle process = ProcessHandle.of(up)
                .orElseThrow(() -> new BenchmarkException("firn status names process " + up + ", which does not run"));
        return Stream.concat(Stream.of(process), process.descendants())
                .map(ProcessHandle::pid)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PostgresServer primary() {
        return primary;
    }

    @Override
    public Set<Long> processes() {
        return processes;
    }

    @Override
    public void requireIntact() throws BenchmarkException {
        firn.requireAll();
    }
}
