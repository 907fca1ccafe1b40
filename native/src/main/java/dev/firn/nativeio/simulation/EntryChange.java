package dev.firn.nativeio.simulation;

/**
 * One change of directory entries that happens as a whole or not at all: a creation or deletion sets one entry, a rename
 * clears one and sets another.
 */
final class EntryChange {
    private final Directory clearedIn;
    private final String clearedName;
    private final Directory setIn;
    private final String setName;
    private final Inode target;
    private boolean clearedSynced;
    private boolean setSynced;
    private boolean lostToError;

    private EntryChange(
            final Directory clearedIn,
            final String clearedName,
            final Directory setIn,
            final String setName,
            final Inode target) {
        this.clearedIn = clearedIn;
        this.clearedName = clearedName;
        this.setIn = setIn;
        this.setName = setName;
        this.target = target;
        this.clearedSynced = clearedIn == null;
        this.setSynced = setIn == null;
    }

    static EntryChange creation(final Directory directory, final String name, final Inode target) {
        return new EntryChange(null, null, directory, name, target);
    }

    static EntryChange deletion(final Directory directory, final String name) {
        return new EntryChange(directory, name, null, null, null);
    }

    static EntryChange rename(
            final Directory from, final String fromName, final Directory to, final String toName, final Inode target) {
        return new EntryChange(from, fromName, to, toName, target);
    }

    String name() {
        return setIn == null ? clearedName : setName;
    }

    void applyToCache() {
        if (clearedIn != null) {
            clearedIn.setCurrent(clearedName, null);
        }
        if (setIn != null) {
            setIn.setCurrent(setName, target);
        }
    }

    void applyToPlatter() {
        if (clearedIn != null) {
            clearedIn.setDurable(clearedName, null);
        }
        if (setIn != null) {
            setIn.setDurable(setName, target);
        }
    }

    /** The directory's sync succeeded. A change that an earlier, failed sync was to cover stays uncovered. */
    void synced(final Directory directory) {
        clearedSynced |= same(clearedIn, directory);
        setSynced |= same(setIn, directory);
    }

    void syncFailed(final Directory directory) {
        lostToError |= touches(directory);
    }

    boolean touches(final Directory directory) {
        return same(clearedIn, directory) || same(setIn, directory);
    }

    /** Whether every directory it touches has been synced since. */
    boolean durable() {
        return clearedSynced && setSynced && !lostToError;
    }

    /** Whether both touch one entry, so that the later one cannot be there without the earlier one. */
    boolean overlaps(final EntryChange other) {
        return other.touches(clearedIn, clearedName) || other.touches(setIn, setName);
    }

    private boolean touches(final Directory directory, final String name) {
        return directory != null
                && ((same(clearedIn, directory) && clearedName.equals(name))
                        || (same(setIn, directory) && setName.equals(name)));
    }

    // A directory has no equality but its identity.
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(final Directory one, final Directory other) {
        return one == other;
    }
}
