package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several requests at once. */
final class Racers {
    private Racers() {}

    /** What one of them does. */
    @FunctionalInterface
    interface Racer {
        HttpResponse<byte[]> run(int number) throws IOException;
    }

    /** Runs so many, and returns the statuses of what each got last. */
    static List<Integer> statuses(final int racers, final Racer racer) throws ExecutionException, InterruptedException {
        final List<Future<Integer>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < racers; i++) {
                final int number = i;
                running.add(threads.submit(() -> racer.run(number).statusCode()));
            }
        }
        final List<Integer> statuses = new ArrayList<>();
        for (final Future<Integer> one : running) {
            statuses.add(one.get());
        }
        return statuses;
    }
}
