package dev.firn.s3tier.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.HeadOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** One test's store, session, memory and corner of the key space, with calls that wait for their answers. */
public final class StoreFixture implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("contract-test");
    private static final long MEMORY_BYTES = 256L << 20;

    private final LeakCheck leaks;
    private final OffHeapMemory memory;
    private final ObjectStore store;
    private final StoreSession session;
    private final StoreDriver driver;
    private final StoreCapabilities capabilities;
    private final String prefix;

    /**
     * @param leaks started before the store was opened.
     * @param prefix what all keys of this test begin with: no other test's do.
     */
    public StoreFixture(
            final LeakCheck leaks,
            final ObjectStore store,
            final StoreDriver driver,
            final StoreCapabilities capabilities,
            final String prefix) {
        this.leaks = leaks;
        this.memory = leaks.memory(MEMORY_BYTES);
        this.store = store;
        this.session = store.openSession();
        this.driver = driver;
        this.capabilities = capabilities;
        this.prefix = prefix;
    }

    public ObjectStore store() {
        return store;
    }

    public StoreSession session() {
        return session;
    }

    public StoreCapabilities capabilities() {
        return capabilities;
    }

    /** A key of this test. */
    public String key(final String name) {
        return prefix + name;
    }

    // Time.

    /** Polls until it holds. */
    public void until(final BooleanSupplier condition, final String what) {
        assertThat(driver.until(session, condition, capabilities.answerLimit()))
                .as("%s, within %s, on %s", what, capabilities.answerLimit(), store.describe())
                .isTrue();
    }

    /** Polls for so long, for what should not happen. */
    public void linger(final Duration duration) {
        driver.until(session, () -> false, duration);
    }

    public <T extends StoreOutcome> T await(final Call<T> call) {
        until(call::isAnswered, "a call is answered");
        return call.outcome();
    }

    /** Begins a call and waits for its answer. */
    public <T extends StoreOutcome> T call(final Function<OutcomeHandler<T>, StoreCall> beginning) {
        return await(Call.begin(beginning));
    }

    public void race(final List<? extends RaceClient> clients) {
        driver.race(store, clients, capabilities.answerLimit());
    }

    // Memory.

    /** Off-heap memory of this length, which may be 0; given back with {@link #free}. */
    public MemorySegment buffer(final long bytes) {
        synchronized (memory) {
            return memory.allocate(Math.max(1, bytes), TAG);
        }
    }

    public void free(final MemorySegment buffer) {
        memory.free(buffer);
    }

    /** Off-heap memory with these bytes in it. */
    public MemorySegment bufferOf(final byte[] bytes) {
        final MemorySegment buffer = buffer(bytes.length);
        MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return buffer;
    }

    // Calls.

    public PutOutcome put(final String key, final byte[] content, final WriteCondition condition) {
        final MemorySegment buffer = bufferOf(content);
        final MemorySegment body = buffer.asSlice(0, content.length);
        try {
            return call(handler -> session.put(key, List.of(body), condition, CallOptions.DEFAULT, handler));
        } finally {
            free(buffer);
        }
    }

    public PutOutcome put(final String key, final String content, final WriteCondition condition) {
        return put(key, content.getBytes(StandardCharsets.UTF_8), condition);
    }

    /** Writes what must be written, and returns its version. */
    public ObjectVersion stored(final String key, final byte[] content, final WriteCondition condition) {
        return versionOf(put(key, content, condition));
    }

    public ObjectVersion stored(final String key, final String content) {
        return stored(key, content.getBytes(StandardCharsets.UTF_8), WriteCondition.ALWAYS);
    }

    public static ObjectVersion versionOf(final PutOutcome outcome) {
        assertThat(outcome).isInstanceOf(PutOutcome.Stored.class);
        return ((PutOutcome.Stored) outcome).version();
    }

    /**
     * Checks that a replacement was refused of what has been deleted, or overwritten without condition. With that its trace is
     * gone: when an answer was lost, nobody can say.
     */
    public void refused(final PutOutcome outcome) {
        if (!capabilities.masksFaults() || !(outcome instanceof PutOutcome.Unknown)) {
            assertThat(outcome).isInstanceOf(PutOutcome.PreconditionFailed.class);
        }
    }

    public GetOutcome get(final String key, final long offset, final MemorySegment into, final ObjectVersion version) {
        return call(handler -> session.get(key, offset, into, version, CallOptions.DEFAULT, handler));
    }

    /** The whole object, or null when there is none. */
    public byte[] read(final String key) {
        final HeadOutcome head = head(key);
        if (head instanceof NotFound) {
            return null;
        }
        final int length = Math.toIntExact(found(head).lengthBytes());
        if (length == 0) {
            return new byte[0];
        }
        final MemorySegment buffer = buffer(length);
        try {
            final GetOutcome outcome = get(key, 0, buffer, null);
            assertThat(outcome).isInstanceOf(GetOutcome.Fetched.class);
            assertThat(((GetOutcome.Fetched) outcome).lengthBytes()).isEqualTo(length);
            return buffer.toArray(ValueLayout.JAVA_BYTE);
        } finally {
            free(buffer);
        }
    }

    public String readText(final String key) {
        final byte[] bytes = read(key);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    public HeadOutcome head(final String key) {
        return call(handler -> session.head(key, CallOptions.DEFAULT, handler));
    }

    public static HeadOutcome.Found found(final HeadOutcome outcome) {
        assertThat(outcome).isInstanceOf(HeadOutcome.Found.class);
        return (HeadOutcome.Found) outcome;
    }

    public boolean exists(final String key) {
        final HeadOutcome outcome = head(key);
        assertThat(outcome).isInstanceOfAny(HeadOutcome.Found.class, NotFound.class);
        return outcome instanceof HeadOutcome.Found;
    }

    public ListOutcome.Listed page(final ListRequest request) {
        final ListOutcome outcome = call(handler -> session.list(request, CallOptions.DEFAULT, handler));
        assertThat(outcome).isInstanceOf(ListOutcome.Listed.class);
        final ListOutcome.Listed listed = (ListOutcome.Listed) outcome;
        assertThat(listed.objects().size() + listed.commonPrefixes().size()).isLessThanOrEqualTo(request.maxKeys());
        return listed;
    }

    /** All pages of a list. */
    public List<ListOutcome.Listed> pages(final ListRequest first) {
        final List<ListOutcome.Listed> pages = new ArrayList<>();
        ListRequest request = first;
        while (request != null) {
            final ListOutcome.Listed page = page(request);
            pages.add(page);
            request = page.nextToken() == null ? null : request.from(page.nextToken());
        }
        return pages;
    }

    /** The keys of all pages, in the order of the list. */
    public List<String> listedKeys(final ListRequest first) {
        return pages(first).stream()
                .flatMap(page -> page.objects().stream())
                .map(ListOutcome.ListedObject::key)
                .toList();
    }

    public DeleteOutcome delete(final String key) {
        return call(handler -> session.delete(key, CallOptions.DEFAULT, handler));
    }

    public DeleteOutcome deleteAll(final List<String> keys) {
        return call(handler -> session.deleteAll(keys, CallOptions.DEFAULT, handler));
    }

    public PartOutcome part(final MultipartUpload upload, final byte[] content) {
        final MemorySegment buffer = bufferOf(content);
        try {
            return call(handler -> upload.part(buffer.asSlice(0, content.length), CallOptions.DEFAULT, handler));
        } finally {
            free(buffer);
        }
    }

    public PutOutcome complete(final MultipartUpload upload) {
        return call(handler -> upload.complete(CallOptions.DEFAULT, handler));
    }

    public DeleteOutcome abort(final MultipartUpload upload) {
        return call(handler -> upload.abort(CallOptions.DEFAULT, handler));
    }

    /** Closes session and store, and fails when memory was not given back. */
    @Override
    public void close() {
        try (leaks;
                store) {
            session.close();
        }
    }
}
