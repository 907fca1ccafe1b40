package dev.firn.tuning.profile;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that profiles have changed on this host, with what was there before the first of them.
 *
 * <p><b>Owner:</b> the command that loaded it. The first recording of a place wins: a second profile never takes the
 * first one's value for the original.
 */
final class Originals {
    private final Map<String, Original> byPlace = new LinkedHashMap<>();
    private String profile = "";

    /** The profile that was applied last; empty before the first. */
    String profile() {
        return profile;
    }

    void setProfile(final String name) {
        profile = name;
    }

    /** False when the place was recorded before. */
    boolean record(final Original original) {
        return byPlace.putIfAbsent(original.where(), original) == null;
    }

    boolean contains(final String where) {
        return byPlace.containsKey(where);
    }

    void forget(final String where) {
        byPlace.remove(where);
    }

    /** The kernel value that was there before the first profile; empty when no profile changed it. */
    Optional<String> valueOf(final String where) {
        return Optional.ofNullable(byPlace.get(where)).flatMap(Original::text);
    }

    boolean isEmpty() {
        return byPlace.isEmpty();
    }

    /** In the order of recording. */
    List<Original> all() {
        return List.copyOf(byPlace.values());
    }
}
