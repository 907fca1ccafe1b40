package dev.firn.tuning.profile;

import java.util.Optional;

/**
 * What was in one place before the first profile.
 *
 * @param where the place, as the host names it.
 * @param text what it held; empty when it was not there.
 */
record Original(Kind kind, String where, Optional<String> text) {
    enum Kind {
        /** A kernel value: written in place. */
        VALUE,
        /** A configuration file: replaced or deleted. */
        FILE,
        /** A directory that a configuration file needed: removed again when it is empty. */
        DIRECTORY
    }
}
