package dev.firn.walquorum.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Walks through all states that can be reached, depth first, and checks each. */
final class ModelChecker {
    private static final class Frame {
        final byte[] state;
        int nextStep;

        Frame(final byte[] state) {
            this.state = state;
        }
    }

    private final Bounds bounds;
    private final ModelWorld world;
    private final StateCodec codec;
    private final Seen seen = new Seen();
    private final Deque<Frame> path = new ArrayDeque<>();
    private long steps;
    private int deepest;

    ModelChecker(final Bounds bounds) {
        this.bounds = bounds;
        this.world = new ModelWorld(bounds);
        this.codec = new StateCodec(bounds);
    }

    long states() {
        return seen.size();
    }

    long steps() {
        return steps;
    }

    int deepest() {
        return deepest;
    }

    /** @throws AssertionError at the first state in which a promise is broken, with the way there. */
    void run() {
        enter(codec.encode(world));
        final int count = world.stepCount();
        while (!path.isEmpty()) {
            final Frame frame = path.peek();
            boolean isDeeper = false;
            codec.decode(frame.state, world);
            while (!isDeeper && frame.nextStep < count) {
                if (takeStep(frame.nextStep++)) {
                    steps++;
                    isDeeper = enter(codec.encode(world));
                    if (!isDeeper) {
                        codec.decode(frame.state, world);
                    }
                }
            }
            if (!isDeeper) {
                path.pop();
            }
        }
    }

    private boolean takeStep(final int step) {
        try {
            final boolean isTaken = world.take(step);
            if (isTaken) {
                world.check();
            }
            return isTaken;
        } catch (final AssertionError | RuntimeException broken) {
            throw new AssertionError(broken.getMessage() + wayHere(), broken);
        }
    }

    private boolean enter(final byte[] state) {
        if (!seen.add(state)) {
            return false;
        }
        path.push(new Frame(state));
        deepest = Math.max(deepest, path.size());
        return true;
    }

    private String wayHere() {
        final List<String> lines = new ArrayList<>();
        path.descendingIterator().forEachRemaining(frame -> lines.add(Step.describe(bounds, frame.nextStep - 1)));
        return "\n  " + String.join("\n  ", lines) + "\nwithin " + bounds;
    }

    /** Fingerprints of 64 bits: with a hundred million states, one in four thousand runs takes two states for one. */
    private static final class Seen {
        private static final int INITIAL_SLOTS = 1 << 16;

        private long[] slots = new long[INITIAL_SLOTS];
        private int size;

        long size() {
            return size;
        }

        boolean add(final byte[] state) {
            final long print = fingerprint(state);
            int slot = (int) print & (slots.length - 1);
            while (slots[slot] != 0) {
                if (slots[slot] == print) {
                    return false;
                }
                slot = (slot + 1) & (slots.length - 1);
            }
            slots[slot] = print;
            size++;
            if (2L * size > slots.length) {
                grow();
            }
            return true;
        }

        private void grow() {
            final long[] before = slots;
            slots = new long[Math.multiplyExact(before.length, 2)];
            Arrays.stream(before).filter(print -> print != 0).forEach(print -> {
                int slot = (int) print & (slots.length - 1);
                while (slots[slot] != 0) {
                    slot = (slot + 1) & (slots.length - 1);
                }
                slots[slot] = print;
            });
        }

        /** Stafford's mixer over eight bytes at a time; never 0. */
        private static long fingerprint(final byte[] state) {
            long print = 0x9E37_79B9_7F4A_7C15L;
            for (int i = 0; i < state.length; i += Long.BYTES) {
                long word = 0;
                for (int j = i; j < Math.min(i + Long.BYTES, state.length); j++) {
                    word = (word << Byte.SIZE) | (state[j] & 0xFF);
                }
                print = mix(print + word);
            }
            return print == 0 ? 1 : print;
        }

        private static long mix(final long value) {
            long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
            return (mixed ^ (mixed >>> 31)) + 0x9E37_79B9_7F4A_7C15L;
        }
    }
}
