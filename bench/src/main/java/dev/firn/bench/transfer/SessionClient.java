package dev.firn.bench.transfer;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/** Our side: a session of an object store, whichever it is. For one thread. */
public final class SessionClient implements TransferClient {
    private static final CallOptions OPTIONS = CallOptions.within(Duration.ofMinutes(2));
    private static final String KEY = "object";
    private static final int POLL_LIMIT = 64;

    private final ObjectStore store;
    private final StoreSession session;
    private final IdleStrategy idle;
    private final Clock clock;
    private long created;

    /** @param store closed with this client. */
    public SessionClient(final ObjectStore store, final IdleStrategy idle, final Clock clock) {
        this.store = store;
        this.session = store.openSession();
        this.idle = idle;
        this.clock = clock;
    }

    @Override
    public String describe() {
        return store.describe();
    }

    @Override
    public void transfer(final TransferJob job, final TransferSlots slots, final long durationNs)
            throws TransferException {
        final Transfers transfers = new Transfers(job, slots, clock.nanoTime() + durationNs);
        for (int slot = 0; slot < slots.count(); slot++) {
            transfers.begin(slot);
        }
        while (transfers.active > 0) {
            idle.idle(session.poll(POLL_LIMIT));
        }
        if (transfers.failure != null) {
            throw new TransferException(transfers.failure, null);
        }
    }

    @Override
    public void close() {
        session.close();
        store.close();
    }

    /** Each slot's operations follow one another. What an operation needs is made here, once. */
    private final class Transfers {
        private final TransferJob job;
        private final TransferSlots slots;
        private final long deadlineNs;
        private final List<OutcomeHandler<StoreOutcome>> handlers = new ArrayList<>();
        private final List<List<MemorySegment>> bodies = new ArrayList<>();
        private final List<String> keys = new ArrayList<>();
        private int active;
        private String failure;

        Transfers(final TransferJob job, final TransferSlots slots, final long deadlineNs) {
            this.job = job;
            this.slots = slots;
            this.deadlineNs = deadlineNs;
            for (int i = 0; i < slots.count(); i++) {
                final int slot = i;
                handlers.add(outcome -> end(slot, outcome));
                bodies.add(List.of(slots.memory(slot)));
                keys.add("put/" + slot);
            }
            this.active = slots.count();
        }

        void begin(final int slot) {
            slots.begin(slot, clock.nanoTime());
            final OutcomeHandler<StoreOutcome> handler = handlers.get(slot);
            switch (job.kind()) {
                case GET -> session.get(KEY, slots.objectOffset(slot), slots.memory(slot), null, OPTIONS, handler);
                case PUT -> session.put(keys.get(slot), bodies.get(slot), WriteCondition.ALWAYS, OPTIONS, handler);
                case CREATE ->
                    session.put("create/" + created++, bodies.get(slot), WriteCondition.IF_ABSENT, OPTIONS, handler);
            }
        }

        private void end(final int slot, final StoreOutcome outcome) {
            final long nowNs = clock.nanoTime();
            switch (outcome) {
                case GetOutcome.Fetched fetched -> slots.end(slot, fetched.lengthBytes(), nowNs);
                case PutOutcome.Stored stored -> slots.end(slot, job.transferBytes(), nowNs);
                default -> failure = outcome.toString();
            }
            if (failure != null || nowNs - deadlineNs >= 0) {
                active--;
            } else {
                begin(slot);
            }
        }
    }
}
