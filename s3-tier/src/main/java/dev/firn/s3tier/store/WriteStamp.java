package dev.firn.s3tier.store;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The names of the writes that led to an object, newest first: kept with the object as metadata, so that a writer whose
 * answer was lost can find out whether its write is among them.
 *
 * <p>A replacement carries the names of the versions that it replaced, {@link #MAX_WRITES} at most. Whoever lost an answer asks
 * the store: its own name first means that it won; its name further back, that it won and was overtaken; a complete list
 * without its name, that it lost.
 *
 * @param writes 32 hexadecimal digits each, newest first.
 * @param complete whether the list goes back to the write that created the object.
 */
public record WriteStamp(List<String> writes, boolean complete) {
    /** How many writes are remembered: 32 × 33 bytes, half of the 2 KiB that S3 gives to metadata. */
    public static final int MAX_WRITES = 32;

    public static final WriteStamp NONE = new WriteStamp(List.of(), false);

    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");
    private static final String CUT_OFF = "-";

    public WriteStamp {
        writes = List.copyOf(writes);
    }

    /** The stamp of a write that creates an object. */
    public static WriteStamp created(final String write) {
        return new WriteStamp(List.of(write), true);
    }

    /** The stamp of a write that replaces whatever may be there. */
    public static WriteStamp overwriting(final String write) {
        return new WriteStamp(List.of(write), false);
    }

    /** The stamp of a write that replaces the version of this stamp. */
    public WriteStamp replacedBy(final String write) {
        final List<String> all = new ArrayList<>(writes.size() + 1);
        all.add(write);
        all.addAll(writes);
        final boolean fits = all.size() <= MAX_WRITES;
        return new WriteStamp(fits ? all : all.subList(0, MAX_WRITES), complete && fits);
    }

    /** As the object's metadata carries it: the names with commas between, and a hyphen at the end of a list cut off. */
    public String encoded() {
        final String names = String.join(",", writes);
        if (complete) {
            return names;
        }
        return names.isEmpty() ? CUT_OFF : names + "," + CUT_OFF;
    }

    /** What metadata says; {@link #NONE} when it is null, or nothing that {@link #encoded()} makes. */
    public static WriteStamp decode(final String metadata) {
        if (metadata == null || metadata.isEmpty()) {
            return NONE;
        }
        final List<String> names = new ArrayList<>();
        boolean complete = true;
        for (final String name : metadata.split(",", MAX_WRITES + 2)) {
            if (!complete) {
                return NONE;
            } else if (name.equals(CUT_OFF)) {
                complete = false;
            } else if (NAME.matcher(name).matches()) {
                names.add(name);
            } else {
                return NONE;
            }
        }
        return names.size() > MAX_WRITES ? NONE : new WriteStamp(names, complete);
    }
}
