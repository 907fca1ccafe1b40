package dev.firn.walquorum.node;

import dev.firn.nativeio.storage.Storage;
import dev.firn.walquorum.log.LogException;
import dev.firn.walquorum.log.LogIdentity;
import dev.firn.walquorum.log.WalLog;
import dev.firn.walquorum.term.Membership;
import java.util.List;

/**
 * A log that cannot be used.
 *
 * @param timeline empty when that is not known either.
 * @param acceptorId 0 when that is not known either.
 * @param sentence what is the matter, and what to do.
 */
record DamagedLog(String timeline, long acceptorId, String sentence) {
    static DamagedLog of(final Storage storage, final long logId, final String sentence) {
        try {
            final LogIdentity identity = WalLog.identify(storage, NodeDirectory.directoryOf(logId));
            return new DamagedLog(identity.timeline(), identity.acceptorId(), sentence);
        } catch (final LogException e) {
            return new DamagedLog("", 0, sentence);
        }
    }

    LogStatus status(final long logId) {
        return new LogStatus(
                logId,
                timeline,
                acceptorId,
                LogState.DAMAGED,
                sentence,
                Membership.NONE,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                0,
                0,
                0,
                0,
                0,
                0,
                new FlushLatency());
    }
}
