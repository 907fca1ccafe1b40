package dev.firn.nativeio.simulation;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.agrona.concurrent.Agent;

/**
 * A small state machine to try the simulation on: an append-only log of records (length, CRC32C, value). A batch is written,
 * synced and then acknowledged; recovery keeps the valid prefix and, because a failed sync may have left pages in the cache
 * that are not on the platter, copies it to a new file that is synced and renamed into place.
 *
 * <p>It can be built with one of three bugs, each of which the simulation has to find.
 */
final class AppendLog implements Agent {
    enum Bug {
        NONE,
        ACKNOWLEDGES_BEFORE_SYNC,
        REUSES_BUFFER_IN_FLIGHT,
        FORGETS_DIRECTORY_SYNC
    }

    /** What clients were told, over all lives: the oracle. */
    static final class Ledger {
        private final List<Long> acknowledged = new ArrayList<>();
        int recoveries;

        void onRecovered(final List<Long> values) {
            recoveries++;
            if (values.size() < acknowledged.size()) {
                throw new AssertionError(acknowledged.size() + " records were acknowledged, " + values.size()
                        + " were recovered in recovery " + recoveries);
            }
            for (int i = 0; i < acknowledged.size(); i++) {
                if (!acknowledged.get(i).equals(values.get(i))) {
                    throw new AssertionError("record " + i + " is not the one that was acknowledged");
                }
            }
            acknowledged.clear();
            acknowledged.addAll(values);
        }

        void onAcknowledged(final List<Long> values) {
            acknowledged.addAll(values);
        }

        int size() {
            return acknowledged.size();
        }
    }

    private static final int HEADER = 8;
    private static final int MAX_PAYLOAD = 700;
    private static final int MAX_BATCH = 4;
    private static final int MAX_LOG = 1 << 18;

    private final Bug bug;
    private final Ledger ledger;
    private final Ring ring;
    private final RingFile file;
    private final MemorySegment buffer;
    private final RandomGenerator random;
    private final List<Long> batch = new ArrayList<>();
    private long end;
    private int batchBytes;
    private boolean busy;
    private boolean written;

    AppendLog(final SimulatedHost host, final Ledger ledger, final Bug bug) {
        this.bug = bug;
        this.ledger = ledger;
        this.random = host.random();
        this.buffer = host.arena().allocate(MAX_BATCH * (HEADER + MAX_PAYLOAD));
        final Storage storage = host.storage();
        final StorageFile log = recover(storage, host);
        this.ring = storage.openRing(RingConfig.ofCapacity(4));
        this.file = ring.attach(log);
    }

    private StorageFile recover(final Storage storage, final SimulatedHost host) {
        final MemorySegment content = host.arena().allocate(MAX_LOG);
        int length = 0;
        if (storage.exists("log")) {
            try (StorageFile old = storage.openForRead("log", Access.BUFFERED)) {
                length = old.read(0, content);
            }
        }
        final List<Long> values = new ArrayList<>();
        end = scan(content, length, values);
        if (storage.exists("log.new")) {
            storage.delete("log.new");
        }
        final StorageFile fresh = storage.create("log.new", Access.BUFFERED);
        fresh.write(0, content.asSlice(0, end));
        fresh.sync();
        if (bug == Bug.FORGETS_DIRECTORY_SYNC) {
            storage.rename("log.new", "log");
        } else {
            storage.renameDurably("log.new", "log");
        }
        ledger.onRecovered(values);
        return fresh;
    }

    /** The length of the valid prefix, whose values are collected. */
    private static long scan(final MemorySegment content, final int length, final List<Long> values) {
        int at = 0;
        while (at + HEADER <= length) {
            final int payload = content.get(JAVA_INT_UNALIGNED, at);
            if (payload < Long.BYTES || payload > MAX_PAYLOAD || at + HEADER + payload > length) {
                break;
            }
            if (checksum(content, at + HEADER, payload) != content.get(JAVA_INT_UNALIGNED, at + 4)) {
                break;
            }
            values.add(content.get(JAVA_LONG_UNALIGNED, at + HEADER));
            at += HEADER + payload;
        }
        return at;
    }

    private static int checksum(final MemorySegment content, final int at, final int length) {
        final CRC32C crc = new CRC32C();
        crc.update(content.asSlice(at, length).toArray(JAVA_BYTE));
        return (int) crc.getValue();
    }

    @Override
    public int doWork() {
        int work = ring.poll(this::onCompletion, 8);
        if (!busy && end < MAX_LOG / 2) {
            append();
            work++;
        }
        ring.submit();
        return work;
    }

    private void append() {
        batch.clear();
        batchBytes = 0;
        written = false;
        for (int i = 1 + random.nextInt(MAX_BATCH); i > 0; i--) {
            final long value = random.nextLong();
            final int payload = Long.BYTES + random.nextInt(MAX_PAYLOAD - Long.BYTES);
            final byte[] filler = new byte[payload];
            Arrays.fill(filler, (byte) value);
            MemorySegment.copy(filler, 0, buffer, JAVA_BYTE, batchBytes + HEADER, payload);
            buffer.set(JAVA_LONG_UNALIGNED, batchBytes + HEADER, value);
            buffer.set(JAVA_INT_UNALIGNED, batchBytes, payload);
            buffer.set(JAVA_INT_UNALIGNED, batchBytes + 4, checksum(buffer, batchBytes + HEADER, payload));
            batch.add(value);
            batchBytes += HEADER + payload;
        }
        busy = true;
        submitBatch();
        if (bug == Bug.REUSES_BUFFER_IN_FLIGHT) {
            ring.submit();
            buffer.fill((byte) 0);
        }
    }

    private void submitBatch() {
        ring.write(file, end, buffer.asSlice(0, batchBytes), 1, Ring.LINK);
        ring.dataSync(file, 2, 0);
    }

    private void onCompletion(final Completion completion) {
        if (completion.kind() == OperationKind.WRITE) {
            if (completion.failed()) {
                throw completion.failure();
            }
            written = completion.result() == batchBytes;
            if (written && bug == Bug.ACKNOWLEDGES_BEFORE_SYNC) {
                ledger.onAcknowledged(batch);
            }
        } else if (!written) {
            submitBatch();
        } else if (completion.failed()) {
            throw completion.failure();
        } else {
            if (bug != Bug.ACKNOWLEDGES_BEFORE_SYNC) {
                ledger.onAcknowledged(batch);
            }
            end += batchBytes;
            busy = false;
        }
    }

    @Override
    public void onClose() {
        ring.close();
    }

    @Override
    public String roleName() {
        return "append-log";
    }
}
