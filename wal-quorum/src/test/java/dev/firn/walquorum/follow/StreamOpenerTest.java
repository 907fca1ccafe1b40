package dev.firn.walquorum.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.walquorum.pgwire.PgwireException;
import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.pgwire.WalStream;
import dev.firn.walquorum.pgwire.WalStreamHandler;
import dev.firn.walquorum.wire.LogSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Which servers a stream is asked of, after they have come back with less WAL than they had. */
final class StreamOpenerTest {
    private static final long SYSTEM = 4711;
    private static final long START = 0x100_0000;
    private static final long END = 0x300_0000;
    private static final LogSpec SPEC = new LogSpec(1, "main", SYSTEM, 17, 16 << 20, START);

    private static final byte[] NOTHING = {};

    private final Server server = new Server();
    private final StreamOpener opener = new StreamOpener(() -> server, new None(), SPEC, 1, "firn_main", false);

    @Test
    void shouldNeverFollowAPrimaryThatHadLessOnTheSameTimeline() {
        assertThat(opener.open(END, NOTHING).timeline()).isEqualTo(1);
        server.flushLsn = END - 1;
        assertLost();
        // It has written something else since, and more.
        server.flushLsn = END + 0x1000;
        assertLost();

        // Promoted where the quorum's WAL ends, it goes on with that.
        server.timeline = 2;
        server.history = "1\t0/3000000\tno recovery target specified\n";
        assertThat(opener.open(END, NOTHING).timeline()).isEqualTo(2);
    }

    @Test
    void shouldWaitForAStandbyThatIsBehind() {
        server.isStandby = true;
        server.flushLsn = END - 1;
        assertThatThrownBy(() -> opener.open(END, NOTHING))
                .isInstanceOf(PgwireException.class)
                .hasMessageContaining("the standby at there ends at 0/2FFFFFF, before that of the quorum, 0/3000000");
        server.flushLsn = END;
        assertThat(opener.open(END, NOTHING).fromLsn()).isEqualTo(END);
    }

    @Test
    void shouldMakeALostSlotAgainButOfABranch() {
        server.isSlotThere = false;
        assertThat(opener.open(END, NOTHING).isSlotMade()).isTrue();
        server.isSlotThere = false;
        final StreamOpener ofBranch = new StreamOpener(() -> server, new None(), SPEC, 1, "firn_main", true);
        assertThatThrownBy(() -> ofBranch.open(END, NOTHING))
                .isInstanceOf(FollowFailedException.class)
                .hasMessageContaining("the server at there has no replication slot firn_main");
        assertThat(server.isSlotThere).isFalse();
        server.isSlotThere = true;
        assertThat(ofBranch.open(END, NOTHING).isSlotMade()).isFalse();
    }

    @Test
    void shouldRefuseAnotherOfTheSameBranch() {
        final StreamOpener ofBranch = new StreamOpener(() -> server, new None(), SPEC, 1, "firn_main", true);
        final byte[] before = new byte[5_000];
        Arrays.fill(before, (byte) 7);
        server.wal = before.clone();
        assertThat(ofBranch.open(END, before).fromLsn()).isEqualTo(END);
        server.wal[4_000]++;
        assertThatThrownBy(() -> ofBranch.open(END, before))
                .isInstanceOf(FollowFailedException.class)
                .hasMessageContaining("the server at there has other WAL before 0/3000000 than the branch main");
        // Of others, which have system identifier and timeline of their own, nothing is compared.
        assertThat(opener.open(END, before).fromLsn()).isEqualTo(END);
    }

    private void assertLost() {
        assertThatThrownBy(() -> opener.open(END, NOTHING))
                .isInstanceOf(FollowFailedException.class)
                .hasMessageContaining("the server at there was restored from an older copy")
                .hasMessageContaining("timeline 1")
                .hasMessageContaining("0/3000000")
                .hasMessageContaining("what was acknowledged is missing on that server");
    }

    /** A server that is asked, and streams nothing. */
    private static final class Server implements PrimarySession {
        private long flushLsn = END;
        private int timeline = 1;
        private String history = "";
        private boolean isStandby;
        private boolean isSlotThere = true;

        /** What is streamed, up to the end. */
        private byte[] wal = NOTHING;

        @Override
        public String host() {
            return "there";
        }

        @Override
        public int major() {
            return SPEC.postgresMajor();
        }

        @Override
        public SystemIdentity identifySystem() {
            return new SystemIdentity(SYSTEM, timeline, flushLsn);
        }

        @Override
        public String show(final String setting) {
            return Map.of("wal_segment_size", "16MB", "in_hot_standby", isStandby ? "on" : "off")
                    .get(setting);
        }

        @Override
        public boolean hasSlot(final String name) {
            return isSlotThere;
        }

        @Override
        public void createSlot(final String name) {
            assertThat(isSlotThere).isFalse();
            isSlotThere = true;
        }

        @Override
        public byte[] timelineHistory(final int which) {
            return history.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public WalStream stream(final String slot, final long lsn, final int which) {
            return new Stream(wal, lsn);
        }

        @Override
        public void close() {
            // There is nothing to close.
        }
    }

    /** Comes in two pieces. */
    private static final class Stream implements WalStream {
        private final byte[] wal;
        private final long firstLsn;
        private int sent;

        Stream(final byte[] wal, final long firstLsn) {
            this.wal = wal;
            this.firstLsn = firstLsn;
        }

        @Override
        public int poll(final WalStreamHandler handler) {
            final int length = Math.min(wal.length - sent, wal.length / 2 + 1);
            if (length == 0) {
                return 0;
            }
            handler.onWal(firstLsn + sent, new UnsafeBuffer(wal), sent, length, END, 0);
            sent += length;
            return 1;
        }

        @Override
        public boolean sendStatus(
                final long writeLsn, final long flushLsn, final long applyLsn, final boolean isReplyRequested) {
            return true;
        }

        @Override
        public void await(final long timeoutNs) {
            throw new IllegalStateException("all was sent");
        }

        @Override
        public void wakeup() {
            // Nobody waits.
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public boolean isWriteDue() {
            return false;
        }

        @Override
        public boolean isEnded() {
            return false;
        }

        @Override
        public void close() {
            // There is nothing to close.
        }
    }

    private static final class None implements HistoryKeeper {
        @Override
        public Optional<Kept> newest() {
            return Optional.empty();
        }

        @Override
        public void keep(final Kept file) {
            assertThat(file.timeline()).isEqualTo(2);
        }
    }
}
