package dev.firn.server.command;

import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.pages.PageConnection;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What {@code --at} says: an LSN, a time, or nothing. */
final class PointInTime {
    /** Postgres counts microseconds from here. */
    private static final Instant EPOCH =
            OffsetDateTime.of(2000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC).toInstant();

    private final long lsn;
    private final Instant time;

    private PointInTime(final long lsn, final Instant time) {
        this.lsn = lsn;
        this.time = time;
    }

    static PointInTime parse(final CommandSpec spec, final String text) {
        if (text == null) {
            return new PointInTime(0, null);
        }
        try {
            return text.indexOf('/') >= 0
                    ? new PointInTime(Lsn.parse(text), null)
                    : new PointInTime(0, OffsetDateTime.parse(text).toInstant());
        } catch (final IllegalArgumentException | DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--at " + text + " is neither an LSN such as 0/3000060 nor a time such as 2026-11-21T18:30:00Z",
                    e);
        }
    }

    /** Whether somebody has named an LSN, which may be in the midst of a record. */
    boolean isLsn() {
        return lsn != 0;
    }

    /** The LSN that it means on a timeline; the newest that is ingested when it means none. */
    long lsn(final PageConnection connection, final TimelineFacts timeline) {
        if (time != null) {
            return connection.lsnAt(timeline, ChronoUnit.MICROS.between(EPOCH, time));
        }
        return lsn == 0 ? timeline.appliedLsn() : lsn;
    }
}
