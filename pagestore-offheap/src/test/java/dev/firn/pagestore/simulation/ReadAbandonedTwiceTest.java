package dev.firn.pagestore.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A read's token is used again as soon as the read is given up. What the given-up reads came to is told to nobody, however many there
 * were: a client would get what another one asked for.
 */
final class ReadAbandonedTwiceTest {
    private static final long TOKEN = 7;
    private static final long NOT_INGESTED = Long.MAX_VALUE;

    @Test
    void shouldTellOnlyTheLastOfThreeReadsOfOneToken() {
        try (ShardBed bed = new ShardBed()) {
            final int timeline = bed.openMain();
            final List<ReadRefusal> heard = new ArrayList<>();
            final ReadHandler handler = new ReadHandler() {
                @Override
                public boolean onRead(
                        final long token, final MemorySegment bytes, final long offset, final int length) {
                    throw new AssertionError("nothing is there that could be read");
                }

                @Override
                public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
                    heard.add(refusal);
                    return true;
                }
            };
            read(bed, timeline, NOT_INGESTED);
            bed.shard.abandon(TOKEN);
            read(bed, timeline, NOT_INGESTED);
            bed.shard.poll(handler, 1);
            bed.shard.abandon(TOKEN);
            read(bed, timeline, ModelLog.START_LSN);
            bed.await(() -> bed.shard.poll(handler, 8) > 0 && !heard.isEmpty(), "an outcome is told");

            assertThat(heard).containsExactly(ReadRefusal.ABSENT);
        }
    }

    private static void read(final ShardBed bed, final int timeline, final long lsn) {
        assertThat(bed.shard.read(
                        TOKEN,
                        timeline,
                        PageKeys.high(KeyClass.SIZE, 1),
                        PageKeys.middle(77, 77),
                        PageKeys.low(0, 0),
                        lsn))
                .isTrue();
    }
}
