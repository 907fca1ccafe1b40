package dev.firn.postgres.value;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.Decompressor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bytes that are no value: each type prints them or refuses them with a sentence, reads nothing beside them, and comes to an end. */
class DatumPrinterFuzzTest {
    private static final int ROUNDS = 1500;
    private static final int SPACE = 256;
    private static final int MOST_DIGITS = 17;

    private static final TypeDescription INT4 = simple(ValueKind.INT4, 4, 4);
    private static final TypeDescription TEXT = simple(ValueKind.TEXT, -1, 4);
    private static final TypeDescription NUMERIC = simple(ValueKind.NUMERIC, -1, 4);

    private static TypeDescription simple(final ValueKind kind, final int length, final int alignment) {
        return TypeDescription.simple(1, kind.name(), kind, length, alignment, 'x', ',');
    }

    private static TypeDescription over(final ValueKind kind, final TypeDescription element, final int alignment) {
        return new TypeDescription(
                2,
                kind.name(),
                kind,
                kind == ValueKind.DOMAIN ? element.length() : -1,
                alignment,
                'x',
                ',',
                element,
                List.of(),
                null,
                -1);
    }

    private static TypeDescription described(final ValueKind kind, final SplittableRandom random) {
        final TypeDescription element = List.of(INT4, TEXT, NUMERIC).get(random.nextInt(3));
        return switch (kind) {
            case ARRAY, RANGE, DOMAIN -> over(kind, element, 4);
            case MULTIRANGE -> over(kind, over(ValueKind.RANGE, element, 4), 4);
            case COMPOSITE ->
                new TypeDescription(
                        3,
                        "composite",
                        kind,
                        -1,
                        8,
                        'x',
                        ',',
                        null,
                        List.of(
                                CompositeAttribute.of("a", INT4),
                                new CompositeAttribute("dropped", null, -1, 4),
                                CompositeAttribute.of("b", TEXT),
                                CompositeAttribute.of("c", over(ValueKind.ARRAY, NUMERIC, 4))),
                        null,
                        -1);
            case ENUM ->
                new TypeDescription(
                        4,
                        "enum",
                        kind,
                        4,
                        4,
                        'p',
                        ',',
                        null,
                        List.of(),
                        new EnumLabels(Map.of(1, "one".getBytes(StandardCharsets.UTF_8))),
                        -1);
            case BOOL, CHARACTER -> simple(kind, 1, 1);
            case INT2 -> simple(kind, 2, 2);
            case INT4, FLOAT4, DATE, UINT4, REGISTERED, REGISTERED_OPERATOR -> simple(kind, 4, 4);
            case NAME -> simple(kind, 64, 1);
            case NUMERIC,
                    TEXT,
                    BYTEA,
                    UNKNOWN,
                    JSONB,
                    INET,
                    CIDR,
                    BIT,
                    PATH,
                    POLYGON,
                    SNAPSHOT,
                    TSVECTOR,
                    TSQUERY,
                    INT2_VECTOR,
                    OID_VECTOR,
                    HSTORE,
                    LTREE -> simple(kind, -1, 4);
            default -> simple(kind, -1, 8);
        };
    }

    @Test
    void shouldRefuseOrPrintAnyBytes() {
        try (Decompressor decompressor = new Decompressor()) {
            final DatumPrinter printer = new DatumPrinter(17, decompressor);
            final TextBuffer text = new TextBuffer();
            final TextBuffer again = new TextBuffer();
            final DatumFlyweight datum = new DatumFlyweight();
            for (final ValueKind kind : ValueKind.values()) {
                for (long seed = 1; seed <= ROUNDS; seed++) {
                    final SplittableRandom random = new SplittableRandom(seed * 100 + kind.ordinal());
                    final TypeDescription type = described(kind, random);
                    final byte[] bytes = new byte[SPACE];
                    random.nextBytes(bytes);
                    if (random.nextBoolean()) {
                        for (int i = 0; i < SPACE; i++) {
                            bytes[i] = (byte) (random.nextInt(3) == 0 ? bytes[i] & 7 : 0);
                        }
                    }
                    final int length = type.length() >= 0 ? type.length() : random.nextInt(80);
                    final int begin = 8 * random.nextInt(8);
                    final boolean printed =
                            print(printer, type, datum.wrap(MemorySegment.ofArray(bytes), begin, length), text);
                    // What lies beside the value makes no difference.
                    final byte[] others = new byte[SPACE];
                    random.nextBytes(others);
                    System.arraycopy(bytes, begin, others, begin, length);
                    assertThat(print(printer, type, datum.wrap(MemorySegment.ofArray(others), begin, length), again))
                            .as("%s, seed %d", kind, seed)
                            .isEqualTo(printed);
                    if (printed && !again.toString().equals(text.toString())) {
                        assertThat(again).as("%s, seed %d", kind, seed).hasToString(text.toString());
                    }
                }
            }
        }
    }

    private static boolean print(
            final DatumPrinter printer, final TypeDescription type, final DatumFlyweight datum, final TextBuffer text) {
        try {
            printer.print(type, datum, text.clear());
            return true;
        } catch (final MalformedDataException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return false;
        }
    }

    @Test
    void shouldAllocateNothing() {
        final List<TypeDescription> types = new ArrayList<>();
        final List<DatumFlyweight> values = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                Decompressor decompressor = new Decompressor()) {
            final MemorySegment memory = arena.allocate(1 << 20, 8);
            final DatumPrinter printer = new DatumPrinter(17, decompressor);
            final TextBuffer text = new TextBuffer();
            long at = 0;
            for (final ValueKind kind : ValueKind.values()) {
                // The first drawn bytes that are a value.
                for (long seed = 1; seed <= ROUNDS && at + SPACE < memory.byteSize(); seed++) {
                    final SplittableRandom random = new SplittableRandom(seed * 100 + kind.ordinal());
                    final TypeDescription type = described(kind, random);
                    final byte[] bytes = new byte[64];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(8) : 0);
                    }
                    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
                    final DatumFlyweight datum =
                            new DatumFlyweight().wrap(memory, at, type.length() >= 0 ? type.length() : 64);
                    if (print(printer, type, datum, text)) {
                        types.add(type);
                        values.add(datum);
                        at += bytes.length;
                        break;
                    }
                }
            }
            assertThat(types.size()).isGreaterThan(40);
            expectNone(types, values, printer, text);
        }
    }

    private static void expectNone(
            final List<TypeDescription> types,
            final List<DatumFlyweight> values,
            final DatumPrinter printer,
            final TextBuffer text) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().threadId();
        final int rounds = 1000;
        long allocated = Long.MAX_VALUE;
        for (int pass = 0; pass < 300 && allocated >= rounds; pass++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            long printed = 0;
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < types.size(); i++) {
                    printer.print(types.get(i), values.get(i), text.clear());
                    printed += text.length();
                }
            }
            allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(printed).isPositive();
        }
        assertThat(allocated).as("bytes in %d rounds", rounds).isLessThan(rounds);
    }

    @Test
    void shouldPrintFloatsThatReadBack() {
        final TextBuffer text = new TextBuffer();
        for (long seed = 1; seed <= 200_000; seed++) {
            final long bits = new SplittableRandom(seed).nextLong();
            final double value = Double.longBitsToDouble(bits);
            if (Double.isFinite(value)) {
                FloatText.print(value, text.clear());
                final String printed = text.toString();
                if (Double.parseDouble(printed) != value || digits(printed) > MOST_DIGITS) {
                    assertThat(printed).as("seed %d", seed).isEqualTo(Double.toString(value));
                }
            }
            final float single = Float.intBitsToFloat((int) bits);
            if (Float.isFinite(single)) {
                FloatText.print(single, text.clear());
                if (Float.parseFloat(text.toString()) != single) {
                    assertThat(text).as("seed %d", seed).hasToString(Float.toString(single));
                }
            }
        }
    }

    private static int digits(final String text) {
        return text.replaceAll("[eE].*", "")
                .replaceAll("[^0-9]", "")
                .replaceAll("^0+|0+$", "")
                .length();
    }
}
