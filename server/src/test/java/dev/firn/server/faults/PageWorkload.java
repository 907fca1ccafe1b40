package dev.firn.server.faults;

import dev.firn.compute.corpus.CorpusMaker;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.nativeio.seam.SystemClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** TPC-B by some clients for as long as it is open, and beside it scripts of every kind of record, once each. */
final class PageWorkload implements AutoCloseable {
    /** The tables of the clients are from this one. */
    private static final String BANK = "bank";

    private static final int TRANSACTIONS_A_CALL = 20;

    /** Between calls: servers with the smallest of memory tables are to keep up. */
    private static final int PAUSE_MS = 100;

    private static final long END_LIMIT_SECONDS = 120;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> clients = new ArrayList<>();
    private final PostgresServer server;
    private final Semaphore never = new Semaphore(0);
    private Future<?> scripts;
    private volatile boolean stop;

    private PageWorkload(final PostgresServer server) {
        this.server = server;
    }

    /** @param scripts run one after the other, beside the clients. */
    static PageWorkload start(final PostgresServer server, final int clients, final List<String> scripts)
            throws SQLException {
        final PageWorkload workload = new PageWorkload(server);
        workload.run(List.of(BANK));
        for (int client = 1; client <= clients; client++) {
            final int its = client;
            workload.clients.add(workload.threads.submit(task(() -> workload.bank(its))));
        }
        final List<String> mix =
                scripts.stream().filter(script -> !script.equals(BANK)).toList();
        workload.scripts = workload.threads.submit(task(() -> workload.run(mix)));
        return workload;
    }

    /** What may throw. */
    private interface Task {
        void run() throws SQLException, InterruptedException;
    }

    private static Callable<Void> task(final Task task) {
        return () -> {
            task.run();
            return null;
        };
    }

    private void run(final List<String> names) throws SQLException {
        for (final String name : names) {
            if (!stop) {
                CorpusMaker.run(server, List.of(name), SystemClock.INSTANCE, System.err::println);
            }
        }
    }

    private void bank(final int client) throws SQLException, InterruptedException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            for (long call = 0; !stop; call++) {
                statement.execute(
                        "CALL bank_run(" + (client * 31 + call) % 1000 / 1000.0 + ", " + TRANSACTIONS_A_CALL + ")");
                never.tryAcquire(PAUSE_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Waits for the scripts to be over. */
    void awaitScripts(final long seconds) throws InterruptedException, ExecutionException, TimeoutException {
        scripts.get(seconds, TimeUnit.SECONDS);
    }

    boolean scriptsAreOver() {
        return scripts.isDone();
    }

    /** Ends it; what a script or client has met comes out here. */
    void end() throws InterruptedException, ExecutionException, TimeoutException {
        stop = true;
        for (final Future<?> client : clients) {
            client.get(END_LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        scripts.get(END_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        stop = true;
        threads.shutdownNow();
    }
}
