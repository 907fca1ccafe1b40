package dev.firn.walquorum.log;

import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The control file before the log runs: made, read, and written once more. Blocks.
 *
 * <p>A log is made with one step that counts: its first copy. Before that there is a file of zeroes at most, whose name and
 * space are durable already; such a log is not there, and is made anew under a new entry of the directory.
 */
final class ControlStart {
    private static final long FILE_BYTES = (long) ControlCodec.SLOTS * ControlCodec.SLOT_BYTES;

    private ControlStart() {}

    /** Whether a log was made here, whole or damaged since. */
    static boolean exists(final Storage storage, final LogNames names) {
        return storage.exists(names.directory()) && (hasSegments(storage, names) || hasCopy(storage, names));
    }

    /** Makes a log, durably. */
    static void create(
            final Storage storage, final LogNames names, final LogIdentity identity, final LogConfig config) {
        if (exists(storage, names)) {
            throw new LogException(
                    "a WAL log stands in " + names.directory() + " already: another one needs another" + " directory");
        }
        removeUnmade(storage, names);
        storage.createDirectories(names.directory());
        for (String parent = names.directory(); !parent.isEmpty(); parent = Storage.parentOf(parent)) {
            storage.syncDirectory(Storage.parentOf(parent));
        }
        final ControlState state = new ControlState(
                1,
                identity,
                config.segmentBytes(),
                config.frameBytes(),
                Promise.NONE,
                LogBase.first(identity.startLsn()));
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.createDurably(names.control(), Access.DIRECT, FILE_BYTES)) {
            final MemorySegment slot = arena.allocate(ControlCodec.SLOT_BYTES, FrameLayout.ALIGNMENT);
            requireAlignment(file);
            final int length = ControlCodec.encode(state, slot);
            file.write(0, slot.asSlice(0, length));
            file.sync();
        }
    }

    /** What a creation left that did not come to its end. */
    private static void removeUnmade(final Storage storage, final LogNames names) {
        if (storage.exists(names.directory())) {
            if (storage.exists(names.control())) {
                storage.delete(names.control());
            }
            if (storage.list(names.directory()).isEmpty()) {
                storage.delete(names.directory());
            }
        }
    }

    /** What a log is, without opening it. */
    static LogIdentity identify(final Storage storage, final LogNames names) {
        try (Arena arena = Arena.ofConfined();
                StorageFile file = openForRead(storage, names)) {
            return newest(file, names, arena).state.identity();
        }
    }

    /** Reads the newest state of a log. */
    static Placed read(final Storage storage, final LogNames names, final long logId, final int nodeId) {
        try (Arena arena = Arena.ofConfined();
                StorageFile file = openForRead(storage, names)) {
            requireAlignment(file);
            final Placed newest = newest(file, names, arena);
            requireOwn(newest.state.identity(), names, logId, nodeId);
            return newest;
        }
    }

    /**
     * Writes the copy that was read once more, the same bytes, and then the other one: what was read may have been written by
     * a life whose flush failed, and not be on the device yet.
     */
    static Placed settle(final Storage storage, final LogNames names, final Placed read) {
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.open(names.control(), Access.DIRECT)) {
            final MemorySegment bytes = arena.allocate(ControlCodec.SLOT_BYTES, FrameLayout.ALIGNMENT);
            file.write(slotOffset(read.slot), bytes.asSlice(0, ControlCodec.encode(read.state, bytes)));
            file.sync();
            final ControlState next = numbered(read.state, read.state.number() + 1);
            file.write(slotOffset(1 - read.slot), bytes.asSlice(0, ControlCodec.encode(next, bytes)));
            file.sync();
            return new Placed(1 - read.slot, next);
        }
    }

    static ControlState numbered(final ControlState state, final long number) {
        return new ControlState(
                number, state.identity(), state.segmentBytes(), state.frameBytes(), state.promise(), state.base());
    }

    static long slotOffset(final int slot) {
        return (long) slot * ControlCodec.SLOT_BYTES;
    }

    private static boolean hasSegments(final Storage storage, final LogNames names) {
        return storage.list(names.directory()).stream().anyMatch(name -> LogNames.segmentOf(name) >= 0);
    }

    /** The first copy of a creation that a crash cut off is torn, and nothing stands in the other place yet. */
    private static boolean hasCopy(final Storage storage, final LogNames names) {
        if (!storage.exists(names.control())) {
            return false;
        }
        try (Arena arena = Arena.ofConfined();
                StorageFile file = storage.openForRead(names.control(), Access.DIRECT)) {
            return switch (ControlCodec.examine(bytesOf(file, 0, arena))) {
                case WHOLE, UNKNOWN_VERSION -> true;
                case NOTHING, DAMAGED -> ControlCodec.examine(bytesOf(file, 1, arena)) != ControlCodec.Found.NOTHING;
            };
        }
    }

    private static StorageFile openForRead(final Storage storage, final LogNames names) {
        if (!storage.exists(names.control())) {
            throw new LogException("the WAL log in " + names.directory()
                    + " is not there: its control file is missing; remove the directory, and the log is made again from"
                    + " its peers");
        }
        return storage.openForRead(names.control(), Access.DIRECT);
    }

    private static Placed newest(final StorageFile file, final LogNames names, final Arena arena) {
        Placed newest = null;
        for (int slot = 0; slot < ControlCodec.SLOTS; slot++) {
            final MemorySegment bytes = bytesOf(file, slot, arena);
            switch (ControlCodec.examine(bytes)) {
                case UNKNOWN_VERSION ->
                    throw new LogException("the WAL log's " + names.control() + " is of format "
                            + ControlCodec.version(bytes)
                            + ", which this version of Firn does not know: start the version that wrote it");
                case WHOLE -> {
                    if (newest == null || ControlCodec.number(bytes) > newest.state.number()) {
                        newest = new Placed(slot, decoded(bytes, names));
                    }
                }
                case NOTHING, DAMAGED -> {}
            }
        }
        if (newest == null) {
            throw damaged(names, "neither copy of its state is whole");
        }
        return newest;
    }

    private static ControlState decoded(final MemorySegment bytes, final LogNames names) {
        try {
            final ControlState state = ControlCodec.decode(bytes);
            if (state.base().segment() < 0
                    || state.base().sequence() < 0
                    || state.promise().term() < state.base().term()) {
                throw new IllegalArgumentException("a base of " + state.base() + " with " + state.promise());
            }
            LogConfig.DEFAULT.withSettled(state.segmentBytes(), state.frameBytes());
            return state;
        } catch (final IllegalArgumentException e) {
            throw damaged(names, "it says " + e.getMessage());
        }
    }

    private static MemorySegment bytesOf(final StorageFile file, final int slot, final Arena arena) {
        final MemorySegment bytes = arena.allocate(ControlCodec.SLOT_BYTES, FrameLayout.ALIGNMENT);
        final int read = file.read(slotOffset(slot), bytes);
        bytes.asSlice(Math.max(0, read)).fill((byte) 0);
        return bytes;
    }

    private static void requireOwn(
            final LogIdentity identity, final LogNames names, final long logId, final int nodeId) {
        if (identity.logId() != logId) {
            throw new LogException("the WAL log in " + names.directory() + " is log "
                    + Long.toHexString(identity.logId()) + " (timeline " + identity.timeline() + "), not log "
                    + Long.toHexString(logId) + ": give each its own directory");
        }
        if (identity.nodeId() != nodeId) {
            throw new LogException("the WAL log in " + names.directory() + " belongs to node " + identity.nodeId()
                    + ", not to node " + nodeId
                    + ": a copied disk must not vote in another's name; remove the directory, and the log is made"
                    + " again from its peers");
        }
    }

    private static void requireAlignment(final StorageFile file) {
        if (file.alignmentBytes() > FrameLayout.ALIGNMENT) {
            throw new LogException("the WAL node's disk wants writes of " + file.alignmentBytes()
                    + " bytes, more than the log's " + FrameLayout.ALIGNMENT + ": choose another file system");
        }
    }

    private static LogException damaged(final LogNames names, final String how) {
        return new LogException("the WAL log's " + names.control() + " is damaged: " + how + "; remove "
                + names.directory() + ", and the log is made again from its peers");
    }

    /** The newest state, and in which of the two places it stands. */
    record Placed(int slot, ControlState state) {}
}
