package dev.firn.s3tier.session;

import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.backend.AttemptResult.AttemptFailed;
import dev.firn.s3tier.backend.AttemptResult.Effect;
import dev.firn.s3tier.backend.AttemptResult.Retry;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.FailureKind;
import dev.firn.s3tier.store.StoreLimits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * A network at its worst between sessions and a {@link ChaosStore}: requests are late, lost, refused, and arrive twice, the second
 * time perhaps long after the answer; answers are late, lost, or say nothing; what is cancelled arrives all the same or not.
 */
final class ChaosBackend implements StoreBackend {
    private static final long MILLISECOND_NS = 1_000_000L;

    private record Event(long atNs, long order, Runnable action) {}

    /** One attempt under way; completed once, whatever arrives afterwards. */
    private static final class Flight {
        final Attempt attempt;
        final byte[] body;
        boolean completed;
        boolean arrived;
        boolean dropped;
        boolean mayArriveLate;

        Flight(final Attempt attempt, final byte[] body) {
            this.attempt = attempt;
            this.body = body;
        }
    }

    private final ChaosStore store;
    private final StoreLimits limits;
    private final ManualClock clock;
    private final RandomGenerator random;

    /** How much goes wrong: 0 nothing, 1 much. */
    private final double trouble;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNs).thenComparingLong(Event::order));
    private final Map<Attempt, Flight> flights = new HashMap<>();

    /** The name of the write whose body begins with this number. */
    final Map<Long, String> names = new HashMap<>();

    private long order;
    private boolean movesClock;

    ChaosBackend(
            final ChaosStore store,
            final StoreLimits limits,
            final ManualClock clock,
            final RandomGenerator random,
            final double trouble) {
        this.store = store;
        this.limits = limits;
        this.clock = clock;
        this.random = random;
        this.trouble = trouble;
    }

    boolean isIdle() {
        return events.isEmpty();
    }

    @Override
    public void begin(final Attempt attempt) {
        final Flight flight = new Flight(attempt, bodyOf(attempt.request()));
        flights.put(attempt, flight);
        learnName(attempt.request(), flight.body);
        if (happens(0.10)) {
            later(20, () -> complete(flight, failed(FailureKind.THROTTLED, Effect.NONE, Retry.LATER)));
        } else if (happens(0.08)) {
            loseAnswer(flight);
        } else if (happens(0.10)) {
            // The failure first, the effect afterwards.
            flight.mayArriveLate = true;
            later(30, () -> complete(flight, failed(FailureKind.STORE_ERROR, Effect.UNKNOWN, Retry.LATER)));
            later(3_000, () -> arrive(flight, false));
        } else {
            arriveAndAnswer(flight);
        }
    }

    private void arriveAndAnswer(final Flight flight) {
        final boolean lost = happens(0.20);
        later(20, () -> {
            if (flight.dropped) {
                return;
            }
            final AttemptResult result = arrive(flight, true);
            if (lost) {
                loseAnswer(flight);
            } else {
                later(20, () -> complete(flight, result));
            }
        });
        if (happens(0.15)) {
            flight.mayArriveLate = true;
            later(happens(0.5) ? 50 : 20_000, () -> arrive(flight, false));
        }
    }

    /** Either the connection breaks, or nothing is ever heard. */
    private void loseAnswer(final Flight flight) {
        if (random.nextBoolean()) {
            later(30, () -> complete(flight, failed(FailureKind.UNREACHABLE, Effect.UNKNOWN, Retry.LATER)));
        }
    }

    /** @param answers whether its answer goes back: only that one brings bytes. */
    private AttemptResult arrive(final Flight flight, final boolean answers) {
        flight.arrived = true;
        final AttemptResult result = store.apply(flight.attempt.request(), flight.body);
        if (answers
                && !flight.completed
                && flight.attempt.request() instanceof AttemptRequest.GetRange get
                && result instanceof AttemptResult.RangeRead read) {
            MemorySegment.copy(
                    MemorySegment.ofArray(store.contentOf(read.etag())),
                    get.offset(),
                    get.into(),
                    0,
                    read.lengthBytes());
        }
        return result;
    }

    @Override
    public void cancel(final Attempt attempt) {
        final Flight flight = flights.get(attempt);
        if (flight == null || flight.completed) {
            return;
        }
        if (!flight.arrived && random.nextBoolean()) {
            flight.dropped = true;
        }
        final boolean certain = flight.dropped && !flight.mayArriveLate;
        final AttemptFailed result = failed(FailureKind.CANCELLED, certain ? Effect.NONE : Effect.UNKNOWN, Retry.NEVER);
        if (random.nextBoolean()) {
            complete(flight, result);
        } else {
            later(10, () -> complete(flight, result));
        }
    }

    @Override
    public int doWork() {
        int done = 0;
        if (movesClock) {
            clock.advanceNs(20 * MILLISECOND_NS);
        }
        while (!events.isEmpty() && events.peek().atNs() <= clock.elapsedNs()) {
            events.remove().action().run();
            done++;
        }
        return done;
    }

    /** From now on each turn moves the clock: for a close, during which nobody else does. */
    void moveClock() {
        movesClock = true;
    }

    /** What was under way still arrives, when nobody waits for it any more. */
    void runOut() {
        while (!events.isEmpty()) {
            clock.advanceNs(Math.max(0, events.peek().atNs() - clock.elapsedNs()));
            doWork();
        }
    }

    private void complete(final Flight flight, final AttemptResult result) {
        if (!flight.completed) {
            flight.completed = true;
            flights.remove(flight.attempt);
            flight.attempt.complete(result);
        }
    }

    private void later(final long mostMs, final Runnable action) {
        events.add(new Event(clock.elapsedNs() + random.nextLong(mostMs * MILLISECOND_NS), order++, action));
    }

    private boolean happens(final double probability) {
        return random.nextDouble() < probability * trouble;
    }

    private void learnName(final AttemptRequest request, final byte[] body) {
        switch (request) {
            case AttemptRequest.PutObject put
            when body.length >= Long.BYTES ->
                names.put(numberOf(body), put.stamp().writes().getFirst());
            case AttemptRequest.UploadPart part
            when part.partNumber() == 1 -> names.put(numberOf(body), store.nameOfUpload(part.uploadId()));
            default -> {
                // Has no name.
            }
        }
    }

    static long numberOf(final byte[] body) {
        return MemorySegment.ofArray(body).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }

    private static byte[] bodyOf(final AttemptRequest request) {
        return switch (request) {
            case AttemptRequest.PutObject put -> joined(put.body());
            case AttemptRequest.UploadPart part -> joined(List.of(part.body()));
            default -> new byte[0];
        };
    }

    private static byte[] joined(final List<MemorySegment> segments) {
        final byte[] bytes = new byte[(int) Requests.lengthOf(segments)];
        long offset = 0;
        for (final MemorySegment segment : segments) {
            MemorySegment.copy(segment, 0, MemorySegment.ofArray(bytes), offset, segment.byteSize());
            offset += segment.byteSize();
        }
        return bytes;
    }

    private static AttemptFailed failed(final FailureKind kind, final Effect effect, final Retry retry) {
        return new AttemptFailed(kind, effect, retry, 0, kind + " by chaos", "");
    }

    @Override
    public String describe() {
        return "chaos";
    }

    @Override
    public StoreLimits limits() {
        return limits;
    }

    @Override
    public String addressOf(final String key) {
        return "chaos://" + key;
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
