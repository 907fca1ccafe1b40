package dev.firn.postgres.wal;

import java.util.Locale;

/**
 * A record as one line of {@code pg_waldump}: resource manager, lengths, transaction, positions, operation, block
 * references. What {@code pg_waldump} says after the operation's name (the rmgr's own description) is left out.
 */
public final class WalRecordText {
    private static final String[] FORKS = {"main", "fsm", "vm", "init"};

    private WalRecordText() {}

    /** Appends the line, without a line end. */
    public static void append(final StringBuilder text, final WalRecord record) {
        text.append("rmgr: ");
        final int nameStart = text.length();
        text.append(resourceManagerName(record.resourceManagerId()));
        pad(text, text.length() - nameStart, 11);
        text.append(" len (rec/tot): ");
        number(text, record.lengthBytes() - record.imageBytes(), 6);
        text.append('/');
        number(text, record.lengthBytes(), 6);
        text.append(", tx: ");
        number(text, Integer.toUnsignedLong(record.xid()), 10);
        text.append(", lsn: ");
        lsn(text, record.lsn());
        text.append(", prev ");
        lsn(text, record.prevLsn());
        text.append(", desc: ").append(operationName(record)).append(' ');
        for (int id = 0; id <= record.maxBlockId(); id++) {
            if (record.hasBlock(id)) {
                appendBlock(text.append(", "), record, id);
            }
        }
    }

    /** The resource manager's name; an extension's is {@code custom} with its number. */
    public static String resourceManagerName(final int id) {
        final ResourceManager manager = ResourceManager.ofId(id);
        return manager != null ? manager.displayName() : "custom" + (id < 100 ? "0" : "") + id;
    }

    /** The operation's name, or {@code UNKNOWN} with its bits. */
    public static String operationName(final WalRecord record) {
        final String name = WalOperations.name(record.version(), record.resourceManagerId(), record.info());
        return name != null ? name : "UNKNOWN (" + Integer.toHexString(record.operation()) + ")";
    }

    /** The fork's name: {@code main}, {@code fsm}, {@code vm} or {@code init}. */
    public static String forkName(final int fork) {
        return FORKS[fork];
    }

    private static void appendBlock(final StringBuilder text, final WalRecord record, final int id) {
        text.append("blkref #").append(id).append(": rel ");
        text.append(Integer.toUnsignedString(record.blockTablespace(id))).append('/');
        text.append(Integer.toUnsignedString(record.blockDatabase(id))).append('/');
        text.append(Integer.toUnsignedString(record.blockRelfilenode(id)));
        if (record.blockFork(id) != 0) {
            text.append(" fork ").append(forkName(record.blockFork(id)));
        }
        text.append(" blk ").append(Integer.toUnsignedString(record.blockNumber(id)));
        if (record.hasImage(id)) {
            text.append(record.appliesImage(id) ? " FPW" : " FPW for WAL verification");
        }
    }

    private static void lsn(final StringBuilder text, final long lsn) {
        final String low = Integer.toHexString((int) lsn).toUpperCase(Locale.ROOT);
        text.append(Integer.toHexString((int) (lsn >>> 32)).toUpperCase(Locale.ROOT))
                .append('/')
                .repeat('0', 8 - low.length())
                .append(low);
    }

    private static void number(final StringBuilder text, final long value, final int width) {
        final String digits = Long.toString(value);
        pad(text, digits.length(), width);
        text.append(digits);
    }

    private static void pad(final StringBuilder text, final int length, final int width) {
        text.repeat(' ', Math.max(0, width - length));
    }
}
