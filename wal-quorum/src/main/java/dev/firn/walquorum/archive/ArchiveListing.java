package dev.firn.walquorum.archive;

import dev.firn.postgres.wal.WalSegments;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.StoreSentence;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Finds out what an archive holds, page by page. Belongs to the session's thread. */
public final class ArchiveListing {
    /** Most runs of segments: an archive has one for each timeline, and one more for each gap. */
    static final int MAX_RUNS = 10_000;

    /** Most histories and partial segments, each. */
    static final int MAX_OTHERS = 10_000;

    private static final Pattern HISTORY = Pattern.compile("[0-9A-F]{8}\\.history");
    private static final int TIMELINE_DIGITS = 8;

    private final StoreSession session;
    private final TimelineKeys keys;
    private final int segmentBytes;
    private final CallOptions options;
    private final Consumer<Outcome> handler;
    private final List<ArchiveContents.Run> runs = new ArrayList<>();
    private final List<Integer> histories = new ArrayList<>();
    private final List<String> partials = new ArrayList<>();
    private String wrong;

    /** What became of it. */
    public sealed interface Outcome {
        record Listed(ArchiveContents contents) implements Outcome {}

        /** The store does not answer now: try again. */
        record Unavailable(String sentence) implements Outcome {}

        /** What is there is no archive of this timeline: trying again does not help. */
        record Wrong(String sentence) implements Outcome {}
    }

    private ArchiveListing(
            final StoreSession session,
            final TimelineKeys keys,
            final int segmentBytes,
            final CallOptions options,
            final Consumer<Outcome> handler) {
        this.session = session;
        this.keys = keys;
        this.segmentBytes = segmentBytes;
        this.options = options;
        this.handler = handler;
    }

    /** @param handler called once, in the session's poll. */
    public static void begin(
            final StoreSession session,
            final TimelineKeys keys,
            final int segmentBytes,
            final CallOptions options,
            final Consumer<Outcome> handler) {
        new ArchiveListing(session, keys, segmentBytes, options, handler).list(ListRequest.ofPrefix(keys.wal()));
    }

    private void list(final ListRequest request) {
        session.list(request, options, outcome -> {
            switch (outcome) {
                case ListOutcome.Listed listed -> onPage(request, listed);
                case Failed failed ->
                    handler.accept(new Outcome.Unavailable(StoreSentence.of("cannot list " + keys.wal(), failed)));
            }
        });
    }

    private void onPage(final ListRequest request, final ListOutcome.Listed listed) {
        for (final ListOutcome.ListedObject object : listed.objects()) {
            add(object);
        }
        if (wrong != null) {
            handler.accept(new Outcome.Wrong(wrong));
        } else if (listed.nextToken() != null) {
            list(request.from(listed.nextToken()));
        } else {
            handler.accept(new Outcome.Listed(new ArchiveContents(segmentBytes, runs, histories, partials)));
        }
    }

    /** What Postgres has no such name for is somebody else's, and left alone. */
    private void add(final ListOutcome.ListedObject object) {
        final String name = object.key().substring(keys.wal().length());
        if (WalSegments.isFileName(name)) {
            addSegment(object, name);
        } else if (HISTORY.matcher(name).matches()) {
            histories.add(Integer.parseUnsignedInt(name, 0, TIMELINE_DIGITS, 16));
        } else if (name.endsWith(TimelineKeys.PARTIAL)
                && WalSegments.isFileName(name.substring(0, name.length() - TimelineKeys.PARTIAL.length()))) {
            partials.add(name);
        }
        if (runs.size() > MAX_RUNS || histories.size() > MAX_OTHERS || partials.size() > MAX_OTHERS) {
            wrong = keys.wal() + " has more than " + MAX_RUNS + " gaps, histories or partial segments: look at what is"
                    + " there";
        }
    }

    private void addSegment(final ListOutcome.ListedObject object, final String name) {
        if (object.lengthBytes() != segmentBytes) {
            wrong = wrongLength(object.key(), object.lengthBytes(), segmentBytes);
            return;
        }
        final int timeline = WalSegments.timelineOf(name);
        final long segment;
        try {
            segment = WalSegments.numberOf(name, segmentBytes);
        } catch (final IllegalArgumentException e) {
            wrong = object.key() + " is no segment of this timeline: " + e.getMessage();
            return;
        }
        final ArchiveContents.Run last = runs.isEmpty() ? null : runs.getLast();
        if (last != null && last.postgresTimeline() == timeline && last.lastSegment() + 1 == segment) {
            runs.set(runs.size() - 1, new ArchiveContents.Run(timeline, last.firstSegment(), segment));
        } else {
            runs.add(new ArchiveContents.Run(timeline, segment, segment));
        }
    }

    static String wrongLength(final String key, final long lengthBytes, final int segmentBytes) {
        return key + " has " + lengthBytes + " bytes, and a segment of this timeline has " + segmentBytes;
    }
}
