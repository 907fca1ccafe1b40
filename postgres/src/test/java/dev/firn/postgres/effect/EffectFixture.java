package dev.firn.postgres.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/** Records made by hand, and what a sink is told of them: one line for each call. */
final class EffectFixture implements AutoCloseable {
    static final PostgresVersion[] VERSIONS = PostgresVersion.values();

    private final RedoFixture records;
    private final Effects effects;
    private final List<String> told = new ArrayList<>();
    private final EffectSink sink = (EffectSink) Proxy.newProxyInstance(
            EffectSink.class.getClassLoader(), new Class<?>[] {EffectSink.class}, (proxy, method, arguments) -> {
                told.add(method.getName() + describe(arguments));
                return null;
            });

    EffectFixture(final PostgresVersion version) {
        records = new RedoFixture(version);
        effects = new Effects(version);
    }

    @Override
    public void close() {
        records.close();
    }

    PostgresVersion version() {
        return records.version();
    }

    RedoFixture records() {
        return records;
    }

    Effects effects() {
        return effects;
    }

    RedoFixture.Draft record(final ResourceManager manager, final int info) {
        return records.record(manager, info);
    }

    /** A page number as this version's records have it. */
    RecordBytes page(final int page) {
        final RecordBytes bytes = new RecordBytes();
        return version().slruPageNumberBytes() == Long.BYTES ? bytes.u64(page) : bytes.u32(page);
    }

    /** What the sink is told of the record that was begun last. */
    List<String> tell() {
        told.clear();
        effects.tell(records.read(), sink);
        return List.copyOf(told);
    }

    /** Asks for these calls and no others, after the one that says that the record's own transaction is used. */
    void expect(final String... calls) {
        final List<String> expected = new ArrayList<>(List.of("xidUsed(" + RedoFixture.XID + ")"));
        expected.addAll(List.of(calls));
        assertThat(tell()).containsExactlyElementsOf(expected);
    }

    /** Asks for an error that names the record, and says this. */
    void expectError(final String part) {
        assertThatThrownBy(this::tell)
                .isInstanceOf(RedoException.class)
                .hasMessageStartingWith(
                        "WAL record at " + Lsn.format(records.read().lsn()) + ": ")
                .hasMessageContaining("info 0x%02X".formatted(records.read().info()))
                .hasMessageContaining(part);
    }

    /** Asks that the record is refused whenever it lacks bytes, or has one more. */
    void expectLengthMatters(final ResourceManager manager, final int info, final byte[] main) {
        for (int length = 0; length <= main.length + 1; length++) {
            if (length != main.length) {
                record(manager, info).main(Arrays.copyOf(main, length));
                assertThatThrownBy(this::tell)
                        .as("%s of %s bytes", length, main.length)
                        .isInstanceOf(RedoException.class);
            }
        }
    }

    private static String describe(final Object[] arguments) {
        final StringJoiner text = new StringJoiner(", ", "(", ")");
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case MemorySegment memory -> {
                    text.add(string(memory, (long) arguments[i + 1], (int) arguments[i + 2]));
                    i += 2;
                }
                case Checkpoint checkpoint ->
                    text.add("checkpoint " + checkpoint.nextXid() + " " + checkpoint.nextOid());
                case LogicalMapping mapping ->
                    text.add(mapping.path() + " at " + mapping.fileOffset() + ": " + mapping.mappings() + " of "
                            + string(mapping.bytes(), mapping.bytesOffset(), mapping.lengthBytes()));
                case Integer number -> text.add(Integer.toUnsignedString(number));
                case Object other -> text.add(other.toString());
            }
        }
        return text.toString();
    }

    private static String string(final MemorySegment memory, final long offset, final int length) {
        final byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return '"' + new String(bytes, StandardCharsets.ISO_8859_1) + '"';
    }
}
