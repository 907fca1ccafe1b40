package dev.firn.s3tier.directory;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code .firn/format} says: which version of the layout, and which store this is. Text, for people who look:
 *
 * <pre>
 * firn object store
 * version 1
 * id 0123456789abcdef0123456789abcdef
 * </pre>
 *
 * @param id drawn when the store was made; tells it from every other.
 */
record StoreFormat(int version, String id) {
    static final int VERSION = 1;

    /** More than any version will need. */
    static final int MAX_BYTES = 4_096;

    private static final String TITLE = "firn object store";
    private static final Pattern TEXT =
            Pattern.compile(TITLE + "\nversion ([1-9][0-9]{0,8})\n(?:id ([0-9a-f]{32})\n)?(?s:.*)");

    byte[] encode() {
        return (TITLE + "\nversion " + version + "\nid " + id + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws StoreRefusedException when this program cannot use a store that says so; in one sentence. */
    static StoreFormat decode(final byte[] bytes, final String place) {
        final Matcher matcher = TEXT.matcher(new String(bytes, StandardCharsets.UTF_8));
        if (!matcher.matches()) {
            throw new StoreRefusedException(
                    place + "/" + StoreLayout.FORMAT + " does not say what it should: the directory is damaged, or its "
                            + StoreLayout.ROOT + " belongs to something else");
        }
        final int version = Integer.parseInt(matcher.group(1));
        if (version > VERSION) {
            throw new StoreRefusedException(place + " was written by a later Firn (format " + version
                    + ", this one knows up to " + VERSION + "): use that one");
        }
        if (matcher.group(2) == null) {
            throw new StoreRefusedException(
                    place + "/" + StoreLayout.FORMAT + " names no id: the directory is damaged");
        }
        return new StoreFormat(version, matcher.group(2));
    }
}
