package dev.firn.walquorum.node;

import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.wakeup.WaitSet;

/** Hears of the ring that the node's thread has to be woken for: its logs share it. */
public interface CompletionWaits {
    /** For a thread that never sleeps, or only for a while. */
    CompletionWaits NONE = new CompletionWaits() {
        @Override
        public void add(final Ring ring) {
            // Looked at in each duty cycle.
        }

        @Override
        public void remove(final Ring ring) {
            // As above.
        }
    };

    void add(Ring ring);

    /** Called before the ring is closed. */
    void remove(Ring ring);

    /** The thread sleeps on this set. */
    static CompletionWaits of(final WaitSet set) {
        return new CompletionWaits() {
            @Override
            public void add(final Ring ring) {
                set.add(ring);
            }

            @Override
            public void remove(final Ring ring) {
                set.remove(ring);
            }
        };
    }
}
