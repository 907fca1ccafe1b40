package dev.firn.walquorum.follow;

import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.wire.LogSpec;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server has to be, before anything of it is taken. */
final class ServerChecks {
    /** As SHOW prints a size: guc.c's units. */
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|kB|MB|GB)");

    /** One to stream, and one for what is asked meanwhile. */
    private static final int SENDERS_NEEDED = 2;

    private ServerChecks() {}

    static void requireSameCluster(final PrimarySession session, final SystemIdentity identity, final LogSpec spec) {
        if (identity.systemIdentifier() != spec.systemIdentifier()) {
            throw new FollowFailedException(
                    "the server at " + session.host() + " is another cluster, with system identifier "
                            + Long.toUnsignedString(identity.systemIdentifier()) + ", than the one that timeline "
                            + spec.timeline() + " follows, " + Long.toUnsignedString(spec.systemIdentifier())
                            + ": name the right server, or attach this one under another name");
        }
        if (session.major() != spec.postgresMajor()) {
            throw new FollowFailedException("the server at " + session.host() + " is Postgres " + session.major()
                    + ", but timeline " + spec.timeline() + " follows Postgres " + spec.postgresMajor()
                    + ": attach it under another name");
        }
        final int segmentBytes = walSegmentBytes(session);
        if (segmentBytes != spec.walSegmentBytes()) {
            throw new FollowFailedException("the server at " + session.host() + " has WAL segments of " + segmentBytes
                    + " bytes, but timeline " + spec.timeline() + " has them of " + spec.walSegmentBytes()
                    + " bytes: attach it under another name");
        }
    }

    /** Of a server that is attached: the role and the version are checked by the connection itself. */
    static void requireFollowable(final PrimarySession session) {
        final String level = session.show("wal_level");
        if (level.equals("minimal")) {
            throw new FollowFailedException(
                    "the server at " + session.host() + " has wal_level = minimal, with which nobody can"
                            + " follow it: set wal_level = replica and restart it");
        }
        final int senders = Integer.parseInt(session.show("max_wal_senders"));
        if (senders < SENDERS_NEEDED) {
            throw new FollowFailedException("the server at " + session.host() + " has max_wal_senders = " + senders
                    + ": set at least " + SENDERS_NEEDED + " and restart it");
        }
    }

    static int walSegmentBytes(final PrimarySession session) {
        final String shown = session.show("wal_segment_size");
        final Matcher size = SIZE.matcher(shown);
        if (!size.matches()) {
            throw new FollowFailedException("the server at " + session.host() + " says that its wal_segment_size is \""
                    + shown + "\", which is no size");
        }
        final int shift = switch (size.group(2)) {
            case "B" -> 0;
            case "kB" -> 10;
            case "MB" -> 20;
            default -> 30;
        };
        return Math.toIntExact(Long.parseLong(size.group(1)) << shift);
    }
}
