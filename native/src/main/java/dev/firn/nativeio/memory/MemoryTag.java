package dev.firn.nativeio.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * What memory is for: a name that stands in metrics, leak reports and errors, with a small index so that counters are
 * arrays.
 *
 * <p>Tags are constants: {@code private static final MemoryTag LAYERS = MemoryTag.of("layer-read");}. The same name gives
 * the same tag. Names are lower case words with dashes, as they become values of a metric's label.
 */
public final class MemoryTag {
    /** Most tags in one process: an index fits a byte, and a metric keeps a bounded number of labels. */
    public static final int MAX_TAGS = 255;

    private static final List<MemoryTag> REGISTERED = new ArrayList<>();

    private final String name;
    private final int index;

    private MemoryTag(final String name, final int index) {
        this.name = name;
        this.index = index;
    }

    /**
     * The tag of this name, registered at the first call.
     *
     * @throws IllegalStateException when there are {@link #MAX_TAGS} others already.
     */
    public static MemoryTag of(final String name) {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException(
                    "memory tag \"" + name + "\" is not made of lower case letters, digits and dashes");
        }
        synchronized (REGISTERED) {
            for (final MemoryTag tag : REGISTERED) {
                if (tag.name.equals(name)) {
                    return tag;
                }
            }
            if (REGISTERED.size() == MAX_TAGS) {
                throw new IllegalStateException("memory tag \"" + name + "\" would be number " + (MAX_TAGS + 1)
                        + "; tags are constants, and there are at most " + MAX_TAGS);
            }
            final MemoryTag tag = new MemoryTag(name, REGISTERED.size());
            REGISTERED.add(tag);
            return tag;
        }
    }

    /** All tags so far, by index. */
    public static List<MemoryTag> all() {
        synchronized (REGISTERED) {
            return List.copyOf(REGISTERED);
        }
    }

    static MemoryTag at(final int index) {
        synchronized (REGISTERED) {
            return REGISTERED.get(index);
        }
    }

    public String name() {
        return name;
    }

    /** Within 0..{@link #MAX_TAGS}-1. */
    int index() {
        return index;
    }

    @Override
    public String toString() {
        return name;
    }
}
