package dev.firn.s3tier.directory;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.AttemptRequest.Precondition;
import dev.firn.s3tier.backend.AttemptResult;
import dev.firn.s3tier.store.WriteStamp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A process of its own that uses a store: started by tests, told what to do by its arguments, tells what it does
 * line by line.
 */
final class StoreProcess {
    static final int KEYS = 12;
    static final int MAX_WORDS = 20_000;

    private StoreProcess() {}

    /** {@code race directory rounds increments} or {@code write directory prefix seed}. */
    public static void main(final String[] arguments) throws Exception {
        final Path directory = Path.of(arguments[1]);
        try (Driven store = new Driven(
                new HostStorage(directory), directory.toString(), SystemClock.INSTANCE, Thread::onSpinWait)) {
            say("ready");
            System.in.read();
            if (arguments[0].equals("race")) {
                race(store, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            } else {
                write(store, arguments[2], Long.parseLong(arguments[3]));
            }
        }
    }

    private static void say(final String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Tries to create every key, then adds to a number that all share, by replacing the version that it has read. */
    private static void race(final Driven store, final int rounds, final int increments) {
        int won = 0;
        for (int round = 0; round < rounds; round++) {
            final AttemptResult result = store.put("race/" + round + "/key", "" + round, Precondition.ABSENT);
            if (result instanceof AttemptResult.ObjectWritten) {
                won++;
            } else if (!(result instanceof AttemptResult.ConditionFailed)) {
                throw new AssertionError(result);
            }
        }
        say("won " + won);
        int added = 0;
        while (added < increments) {
            final AttemptResult found = store.head("number");
            if (!(found instanceof AttemptResult.ObjectFound object)) {
                throw new AssertionError(found);
            }
            final MemorySegment into = store.bytes("0000000000");
            final AttemptResult read = store.run(new AttemptRequest.GetRange("number", 0, into, object.etag()));
            if (read instanceof AttemptResult.RangeRead range) {
                final int number = Integer.parseInt(new String(
                        into.asSlice(0, range.lengthBytes()).toArray(ValueLayout.JAVA_BYTE),
                        StandardCharsets.US_ASCII));
                final AttemptResult result =
                        store.put("number", "" + (number + 1), new Precondition.Matches(object.etag()));
                if (result instanceof AttemptResult.ObjectWritten) {
                    added++;
                } else if (!(result instanceof AttemptResult.ConditionFailed)) {
                    throw new AssertionError(result);
                }
            } else if (!(read instanceof AttemptResult.ConditionFailed)) {
                throw new AssertionError(read);
            }
        }
        say("added " + added);
    }

    /** Writes, uploads and deletes until it is killed; says of each what it begins and what is done. */
    private static void write(final Driven store, final String prefix, final long seed) {
        final RandomGenerator random = SystemRandom.seeded(seed);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(MAX_WORDS * (long) Long.BYTES);
            for (int number = 1; ; number++) {
                final String key = prefix + "/" + random.nextInt(KEYS) + "/object";
                final int kind = random.nextInt(5);
                final int value = kind == 0 ? 0 : number;
                say("begin " + key + " " + value);
                final AttemptResult result;
                if (kind == 0) {
                    result = store.delete(key);
                } else {
                    final MemorySegment body = fill(buffer, seed, number, random.nextInt(MAX_WORDS));
                    result = kind == 1 ? upload(store, key, body) : put(store, key, body);
                }
                if (!(result instanceof AttemptResult.ObjectWritten)
                        && !(result instanceof AttemptResult.ObjectsDeleted)) {
                    throw new AssertionError(key + ": " + result);
                }
                say("done " + key + " " + value);
            }
        }
    }

    private static MemorySegment fill(final MemorySegment buffer, final long seed, final int number, final int words) {
        final MemorySegment body = buffer.asSlice(0, (words + 1) * (long) Long.BYTES);
        for (long at = 0; at < body.byteSize(); at += Long.BYTES) {
            body.set(ValueLayout.JAVA_LONG, at, wordAt(seed, number, at));
        }
        return body;
    }

    /** The first says which write it was; all others follow from it. */
    static long wordAt(final long seed, final int number, final long at) {
        return at == 0 ? number : (seed * 31 + number) * 0x9E37_79B9_7F4A_7C15L + at;
    }

    private static AttemptResult put(final Driven store, final String key, final MemorySegment body) {
        final long half = body.byteSize() / 2 & -Long.BYTES;
        return store.run(new AttemptRequest.PutObject(
                key,
                List.of(body.asSlice(0, half), body.asSlice(half)),
                Crc32c.compute(body),
                Precondition.NONE,
                WriteStamp.NONE));
    }

    private static AttemptResult upload(final Driven store, final String key, final MemorySegment body) {
        final AttemptResult created = store.run(new AttemptRequest.CreateUpload(key, WriteStamp.NONE));
        if (!(created instanceof AttemptResult.UploadCreated(String id))) {
            return created;
        }
        final List<AttemptRequest.Part> parts = new ArrayList<>();
        final long partBytes = Math.max(Long.BYTES, body.byteSize() / 3);
        for (long at = 0; at < body.byteSize(); at += partBytes) {
            final MemorySegment part = body.asSlice(at, Math.min(partBytes, body.byteSize() - at));
            final int crc = Crc32c.compute(part);
            final int partNumber = parts.size() + 1;
            final AttemptResult written = store.run(new AttemptRequest.UploadPart(key, id, partNumber, at, part, crc));
            if (!(written instanceof AttemptResult.PartWritten(String etag))) {
                return written;
            }
            parts.add(new AttemptRequest.Part(partNumber, etag, part.byteSize(), crc));
        }
        return store.run(new AttemptRequest.CompleteUpload(key, id, parts, Precondition.NONE, WriteStamp.NONE));
    }
}
