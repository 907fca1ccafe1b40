package dev.firn.postgres.tuple;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.DatumPrinter;
import dev.firn.postgres.value.TextBuffer;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeformPlanTest {
    private static final int PAGES = 2;
    private static final int ROUNDS = 40;
    private static final int MUTATIONS = 800;
    private static final int[] LENGTHS = {1, 2, 4, 8, 16, 6, 64, -1, -1, -1, -2};

    private final TupleMaker maker = new TupleMaker();

    @Test
    void shouldFindEveryAttributeOfDrawnTables() {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final Table table = new Table(random, 1 + random.nextInt(24), random.nextInt(3));
            final DeformedRows rows = new DeformedRows(table.plan, table.batch);
            table.plan.deform(table.batch, rows);
            assertThat(table.batch.rows()).isEqualTo(table.tuples.size());
            for (int row = 0; row < table.tuples.size(); row++) {
                expectRow(seed, table, rows, row);
            }
        }
    }

    private static void expectRow(final long seed, final Table table, final DeformedRows rows, final int row) {
        final List<byte[]> stored = table.tuples.get(row);
        for (int i = 0; i < table.attributes.size(); i++) {
            final int position = rows.positions(i)[row];
            if (i >= stored.size()) {
                assertThat(position)
                        .as("seed %d", seed)
                        .isEqualTo(
                                table.attributes.get(i).missing() == null ? DeformedRows.NULL : DeformedRows.MISSING);
            } else if (stored.get(i) == null) {
                assertThat(position).as("seed %d", seed).isEqualTo(DeformedRows.NULL);
            } else {
                final int length = table.attributes.get(i).length();
                final int header = length == -1 ? stored.get(i).length + 1 < 127 ? 1 : 4 : 0;
                final int bytes = length < 0 ? rows.lengths(i)[row] : length;
                final byte[] found =
                        table.memory.asSlice(position + header, bytes - header).toArray(ValueLayout.JAVA_BYTE);
                if (!Arrays.equals(found, stored.get(i))) {
                    assertThat(found)
                            .as("seed %d, row %d, attribute %d", seed, row, i)
                            .isEqualTo(stored.get(i));
                }
            }
        }
    }

    @Test
    void shouldNameThePlaceWhenAPageIsDamaged() {
        int refused = 0;
        int read = 0;
        for (long seed = 1; seed <= MUTATIONS; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final Table table = new Table(random, 1 + random.nextInt(12), random.nextInt(3));
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                // Where it hurts: line pointers and tuples, not the free space between.
                final PageFlyweight page =
                        new PageFlyweight().wrap(table.memory, random.nextInt(PAGES) * (long) PageLayout.PAGE_BYTES);
                final int at = random.nextInt(4) == 0
                        ? random.nextInt(Math.max(1, page.lower() & 0x1FFF))
                        : 8191 - random.nextInt(Math.max(1, (8192 - page.upper()) & 0x1FFF));
                table.memory.set(ValueLayout.JAVA_BYTE, page.base() + at, (byte) random.nextInt());
            }
            try {
                table.gather();
                final DeformedRows rows = new DeformedRows(table.plan, table.batch);
                table.plan.deform(table.batch, rows);
                expectInside(seed, table, rows);
                read++;
            } catch (final MalformedDataException e) {
                assertThat(e.getMessage()).as("seed %d", seed).containsPattern("block \\d+(, offset \\d+)?");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(MUTATIONS / 20);
        assertThat(read).isGreaterThan(MUTATIONS / 20);
    }

    private static void expectInside(final long seed, final Table table, final DeformedRows rows) {
        final DatumFlyweight datum = new DatumFlyweight();
        final TextBuffer text = new TextBuffer();
        final TypeDescription type = TypeDescription.simple(17, "bytea", ValueKind.BYTEA, -1, 4, 'x', ',');
        try (Decompressor decompressor = new Decompressor()) {
            final DatumPrinter printer = new DatumPrinter(17, decompressor);
            final Detoaster detoaster = new Detoaster(
                    (relation, value, bytes) -> {
                        throw new MalformedDataException("there is no TOAST table");
                    },
                    decompressor);
            for (int i = 0; i < table.attributes.size(); i++) {
                for (int row = 0; row < table.batch.rows(); row++) {
                    final int position = rows.positions(i)[row];
                    final int length = table.attributes.get(i).length();
                    if (position < 0) {
                        continue;
                    }
                    final int bytes = length < 0 ? rows.lengths(i)[row] : length;
                    final int page = table.batch.block(row) * PageLayout.PAGE_BYTES;
                    assertThat(position).as("seed %d", seed).isBetween(page, page + PageLayout.PAGE_BYTES - bytes);
                    if (length == -1) {
                        try {
                            printer.print(type, detoaster.value(table.memory, position, bytes, datum), text.clear());
                        } catch (final MalformedDataException e) {
                            assertThat(e.getMessage()).isNotEmpty();
                        }
                    }
                }
            }
        }
    }

    @Test
    void shouldSayWhichAttributeDoesNotFit() {
        final SplittableRandom random = new SplittableRandom(7);
        final Table table = new Table(random, 1, 0);
        final List<StoredAttribute> more =
                List.of(new StoredAttribute("first", 4, 4, null), new StoredAttribute("second", 8, 8, null));
        final PageFlyweight page = new PageFlyweight().wrap(table.memory, 0);
        page.initialize(0);
        TupleMaker.add(page, maker.tuple(more, List.of(new byte[4], new byte[8])));
        final List<StoredAttribute> other =
                List.of(new StoredAttribute("first", 8, 8, null), new StoredAttribute("second", 16, 8, null));
        final DeformPlan plan = DeformPlan.compile(other);
        final TupleBatch batch = new TupleBatch(10).begin(table.memory);
        batch.addPage(page, 5);
        assertThatThrownBy(() -> plan.deform(batch, new DeformedRows(plan, batch)))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage("block 5, offset 1, attribute second: 16 bytes at 8, in data of 16");
        final DeformPlan fewer = DeformPlan.compile(more.subList(0, 1));
        assertThatThrownBy(() -> fewer.deform(batch, new DeformedRows(fewer, batch)))
                .hasMessage("block 5, offset 1: it has 2 attributes, and its relation 1");
        final DeformPlan narrower = DeformPlan.compile(
                List.of(new StoredAttribute("first", 4, 4, null), new StoredAttribute("second", 4, 4, null)));
        assertThatThrownBy(() -> narrower.deform(batch, new DeformedRows(narrower, batch)))
                .hasMessage("block 5, offset 1: its attributes take 8 bytes, and it has 16");
    }

    @Test
    void shouldAllocateNothingForRowsAndValues() {
        try (Arena arena = Arena.ofConfined();
                Decompressor decompressor = new Decompressor()) {
            final Table clean = new Table(new SplittableRandom(3), 10, 0);
            final Table nulls = new Table(new SplittableRandom(4), 10, 2);
            final MemorySegment native1 =
                    arena.allocate(clean.memory.byteSize(), 8).copyFrom(clean.memory);
            final MemorySegment native2 =
                    arena.allocate(nulls.memory.byteSize(), 8).copyFrom(nulls.memory);
            final DeformedRows cleanRows = new DeformedRows(clean.plan, clean.batch);
            final DeformedRows nullRows = new DeformedRows(nulls.plan, nulls.batch);
            final DatumPrinter printer = new DatumPrinter(17, decompressor);
            final Detoaster detoaster = new Detoaster((relation, value, bytes) -> native1, decompressor);
            final TextBuffer text = new TextBuffer();
            final DatumFlyweight datum = new DatumFlyweight();
            final PageFlyweight page = new PageFlyweight();
            final TypeDescription bytea = TypeDescription.simple(17, "bytea", ValueKind.BYTEA, -1, 4, 'x', ',');
            expectNone(() -> {
                final int read = run(clean, native1, page, cleanRows, printer, detoaster, text, datum, bytea);
                return read + run(nulls, native2, page, nullRows, printer, detoaster, text, datum, bytea) > 0;
            });
        }
    }

    private static int run(
            final Table table,
            final MemorySegment pages,
            final PageFlyweight page,
            final DeformedRows rows,
            final DatumPrinter printer,
            final Detoaster detoaster,
            final TextBuffer text,
            final DatumFlyweight datum,
            final TypeDescription bytea) {
        table.batch.begin(pages);
        for (int block = 0; block < PAGES; block++) {
            table.batch.addPage(page.wrap(pages, (long) block * PageLayout.PAGE_BYTES), block);
        }
        table.plan.deform(table.batch, rows);
        int printed = 0;
        for (int i = 0; i < table.plan.attributeCount(); i++) {
            if (table.plan.attribute(i).length() != -1) {
                continue;
            }
            final int[] positions = rows.positions(i);
            final int[] lengths = rows.lengths(i);
            for (int row = 0; row < table.batch.rows(); row++) {
                if (positions[row] >= 0) {
                    printer.print(bytea, detoaster.value(pages, positions[row], lengths[row], datum), text.clear());
                    printed += text.length();
                }
            }
        }
        return printed;
    }

    private interface Work {
        boolean run();
    }

    /** Runs it until it is compiled: then a pass leaves nothing on the heap but what the measurement itself does. */
    private static void expectNone(final Work work) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().threadId();
        final int rounds = 100;
        long allocated = Long.MAX_VALUE;
        for (int pass = 0; pass < 300 && allocated >= rounds; pass++) {
            final long before = threads.getThreadAllocatedBytes(thread);
            boolean right = true;
            for (int round = 0; round < rounds; round++) {
                right &= work.run();
            }
            allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(right).isTrue();
        }
        assertThat(allocated).as("bytes in %d rounds", rounds).isLessThan(rounds);
    }

    /** Pages of tuples with drawn attributes and values. */
    private final class Table {
        private final List<StoredAttribute> attributes = new ArrayList<>();
        private final List<List<byte[]>> tuples = new ArrayList<>();
        private final MemorySegment memory = MemorySegment.ofArray(new long[PAGES * PageLayout.PAGE_BYTES / 8]);
        private final DeformPlan plan;
        private final TupleBatch batch = new TupleBatch(PAGES * 300);

        /** @param absence 0 for none, 1 for nulls, 2 for short tuples as well. */
        Table(final SplittableRandom random, final int columns, final int absence) {
            for (int i = 0; i < columns; i++) {
                final int length = LENGTHS[random.nextInt(LENGTHS.length)];
                final int alignment =
                        length == -1 ? 4 << random.nextInt(2) : length < 0 ? 1 : Integer.lowestOneBit(length | 8);
                attributes.add(new StoredAttribute(
                        "a" + i, length, alignment, random.nextBoolean() ? MemorySegment.ofArray(new byte[8]) : null));
            }
            plan = DeformPlan.compile(attributes);
            for (int block = 0; block < PAGES; block++) {
                final PageFlyweight page = new PageFlyweight().wrap(memory, (long) block * PageLayout.PAGE_BYTES);
                page.initialize(0);
                List<byte[]> values = drawn(random, absence);
                while (TupleMaker.add(page, maker.tuple(attributes, values))) {
                    tuples.add(values);
                    values = drawn(random, absence);
                }
            }
            gather();
        }

        void gather() {
            batch.begin(memory);
            for (int block = 0; block < PAGES; block++) {
                final PageFlyweight page = new PageFlyweight().wrap(memory, (long) block * PageLayout.PAGE_BYTES);
                if (!batch.addPage(page, block)) {
                    throw new MalformedDataException("block " + block + ": too many line pointers");
                }
            }
        }

        private List<byte[]> drawn(final SplittableRandom random, final int absence) {
            final List<byte[]> values = new ArrayList<>();
            final int stored = absence == 2 ? random.nextInt(attributes.size() + 1) : attributes.size();
            for (int i = 0; i < stored; i++) {
                if (absence > 0 && random.nextInt(4) == 0) {
                    values.add(null);
                    continue;
                }
                final int length = attributes.get(i).length();
                final byte[] value = new byte[length >= 0 ? length : random.nextInt(random.nextInt(8) == 0 ? 300 : 20)];
                random.nextBytes(value);
                if (length == -2) {
                    final byte[] text = new byte[value.length + 1];
                    for (int j = 0; j < value.length; j++) {
                        text[j] = (byte) (1 + (value[j] & 0x7E));
                    }
                    values.add(text);
                } else {
                    values.add(value);
                }
            }
            return values;
        }
    }
}
