package dev.firn.pagestore.service;

/** Knows more of timelines that are not served than that: some are on their way. Called by the service's thread, and answers at once. */
public interface UnservedTimelines {
    /** For who knows of no others than those that are served. */
    UnservedTimelines NONE = new UnservedTimelines() {
        @Override
        public Absence named(final String name) {
            return null;
        }

        @Override
        public Absence identified(final long timelineId) {
            return null;
        }
    };

    /**
     * Why a timeline is not served.
     *
     * @param sentence for who has asked.
     */
    record Absence(ReadRefusal refusal, String sentence) {}

    /**
     * Somebody asks for a name that is not served: it may have been made a moment ago.
     *
     * @param name what a client has sent, which may be any text.
     * @return null when there is none of this name.
     */
    Absence named(String name);

    /** As {@link #named}, by the timeline's id. */
    Absence identified(long timelineId);
}
