package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageClaim;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TimelineWalTest {
    private static final int NODE = 1;
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final TimelineEntry ENTRY = new TimelineEntry(
            "main", 7, 77, 17, SEGMENT_BYTES, SEGMENT_BYTES, 1, List.of(1L), Instant.ofEpochSecond(1));

    @TempDir
    private Path folder;

    /** A node that hears a subscription, and says nothing by itself. */
    private static final class Node implements Endpoint {
        private final QuorumMessageReader reader = new QuorumMessageReader();
        private long readerId;

        @Override
        public int nodeId() {
            return NODE + 1;
        }

        @Override
        public int maxMessageLength() {
            return MAX_MESSAGE_LENGTH;
        }

        @Override
        public int maxClaimLength() {
            return MAX_CLAIM_LENGTH;
        }

        @Override
        public SendResult send(
                final int to,
                final DirectBuffer head,
                final int headOffset,
                final int headLength,
                final DirectBuffer body,
                final int bodyOffset,
                final int bodyLength) {
            reader.read(nodeId(), head, headOffset, headLength, new QuorumMessageHandler() {
                @Override
                public void onSubscribe(
                        final int from, final long logId, final long id, final long fromLsn, final int windowBytes) {
                    readerId = id;
                }
            });
            return SendResult.SENT;
        }

        @Override
        public SendResult claim(final int to, final int length, final MessageClaim claim) {
            throw new UnsupportedOperationException("readers claim nothing");
        }

        @Override
        public int poll(final MessageHandler handler, final int limit) {
            return 0;
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldBeNoTroubleWhenTheNodesHaveTrimmedWhatTheArchiveIsAskedFor() {
        final Node node = new Node();
        final QuorumMessageWriter writer = new QuorumMessageWriter();
        try (LeakCheck leaks = LeakCheck.start()) {
            final OffHeapMemory memory = leaks.memory(64 << 20);
            try (ObjectStore store = ObjectStores.open(
                            StoreLocation.parse(folder.toUri().toString()),
                            StoreLimits.DEFAULT,
                            SystemClock.INSTANCE,
                            SystemRandom.seeded(1));
                    CommittedWalReaders readers = new CommittedWalReaders(
                            node, memory, SystemClock.INSTANCE, SystemRandom.seeded(2), ReaderConfig.DEFAULT)) {
                final StoreSession session = store.openSession();
                final TimelineWal wal = new TimelineWal(
                        session,
                        readers,
                        List.of(NODE),
                        ENTRY,
                        SEGMENT_BYTES,
                        memory,
                        CallOptions.DEFAULT,
                        SystemClock.INSTANCE,
                        (lsn, bytes, offset, length) -> (int) length);
                readers.doWork();
                readers.onMessage(
                        NODE,
                        writer.buffer(),
                        0,
                        writer.refused(
                                node.readerId, ENTRY.logId(), Refusal.TRIMMED, "what is before is in the archive"));
                assertThat(wal.trouble()).isEqualTo("what is before is in the archive");

                assertThat(wal.doWork()).isPositive();

                assertThat(wal.trouble()).isEmpty();
                session.close();
                wal.close();
            }
        }
    }
}
