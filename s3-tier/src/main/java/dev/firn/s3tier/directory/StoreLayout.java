package dev.firn.s3tier.directory;

import java.util.Locale;

/** Where the store's own files stand: below one directory, which no key's path leads into. */
final class StoreLayout {
    static final String ROOT = ".firn";
    static final String FORMAT = ROOT + "/format";
    static final String LOCKS = ROOT + "/locks";

    /** Held while a process joins the store, and while leftovers are swept. */
    static final String MEMBERS_LOCK = LOCKS + "/members";

    /** Held while directories are made and removed. */
    static final String TREE_LOCK = LOCKS + "/tree";

    /** Eight bytes that change whenever a directory is about to be removed. */
    static final String GENERATION = ROOT + "/generation";

    /** One directory for each process that writes, with its lock in it. */
    static final String TEMPORARIES = ROOT + "/tmp";

    static final String UPLOADS = ROOT + "/uploads";

    /** The attribute that makes a file an object of this store. */
    static final String ATTRIBUTE = "user.firn";

    /** How many locks the keys share. */
    static final int KEY_LOCKS = 256;

    private StoreLayout() {}

    /** The lock that stands for this path, in every process: {@code String.hashCode} is specified. */
    static String keyLock(final String path) {
        final int hash = path.hashCode() * 0x9E37_79B9;
        return LOCKS + "/" + String.format(Locale.ROOT, "%02x", hash >>> 24);
    }

    static String uploadPath(final String uploadId) {
        return UPLOADS + "/" + uploadId;
    }
}
