package dev.firn.server.objectstore;

import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.server.store.StoreSentences;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what crashes have left in the store: uploads that nobody finished, and objects of proofs. That it fails is logged,
 * and tried again with the next sweep: it is about room, not about data. Belongs to the session's thread.
 */
final class StoreSweep {
    private static final Logger LOG = LoggerFactory.getLogger("store");
    private static final long NANOS_A_MILLISECOND = 1_000_000L;

    /** Uploads are listed page by page, and aborted one by one. */
    private static final CallOptions OPTIONS = CallOptions.within(Duration.ofMinutes(2));

    private final StoreSession session;
    private final String probePrefix;
    private final Duration staleAge;
    private final Clock clock;
    private final StoreProbeListener listener;
    private boolean underWay;
    private boolean stopped;

    StoreSweep(
            final StoreSession session,
            final String probePrefix,
            final Duration staleAge,
            final Clock clock,
            final StoreProbeListener listener) {
        this.session = session;
        this.probePrefix = probePrefix;
        this.staleAge = staleAge;
        this.clock = clock;
        this.listener = listener;
    }

    void begin() {
        underWay = true;
        session.abortStaleUploads("", staleAge.toNanos(), OPTIONS, this::onUploadsSwept);
    }

    /** Begins nothing any more, and says nothing of what is cut off: the session is about to be closed. */
    void stop() {
        stopped = true;
    }

    boolean underWay() {
        return underWay;
    }

    private void onUploadsSwept(final SweepOutcome outcome) {
        switch (outcome) {
            case SweepOutcome.Swept swept -> {
                listener.onSweep(swept.aborted());
                if (swept.aborted() > 0) {
                    LOG.info("aborted {} uploads that nobody has finished within {} h", swept.aborted(), hours());
                }
                if (stopped) {
                    underWay = false;
                } else {
                    session.list(ListRequest.ofPrefix(probePrefix), OPTIONS, this::onListed);
                }
            }
            case Failed failed -> end("unfinished uploads were not swept: ", failed);
        }
    }

    /** One page is enough: crashes leave at most one object each. */
    private void onListed(final ListOutcome outcome) {
        switch (outcome) {
            case ListOutcome.Listed listed -> {
                final long limitEpochMs = (clock.epochNs() - staleAge.toNanos()) / NANOS_A_MILLISECOND;
                final List<String> stale = listed.objects().stream()
                        .filter(object -> object.lastModifiedEpochMs() < limitEpochMs)
                        .map(ListOutcome.ListedObject::key)
                        .toList();
                if (stopped || stale.isEmpty()) {
                    underWay = false;
                } else {
                    session.deleteAll(stale, OPTIONS, this::onDeleted);
                }
            }
            case Failed failed -> end("objects of earlier proofs were not listed: ", failed);
        }
    }

    private void onDeleted(final DeleteOutcome outcome) {
        switch (outcome) {
            case DeleteOutcome.Deleted deleted -> {
                LOG.info("removed {} objects of proofs that a crash has left", deleted.count());
                underWay = false;
            }
            case DeleteOutcome.PartlyDeleted partly -> {
                LOG.warn(
                        "{} objects of earlier proofs were not removed: {}",
                        partly.refused().size(),
                        partly.refused().getFirst().reason());
                underWay = false;
            }
            case Failed failed -> end("objects of earlier proofs were not removed: ", failed);
        }
    }

    private void end(final String what, final Failed failed) {
        if (!stopped) {
            LOG.warn("{}{}", what, StoreSentences.reason(failed));
        }
        underWay = false;
    }

    private long hours() {
        return staleAge.toHours();
    }
}
