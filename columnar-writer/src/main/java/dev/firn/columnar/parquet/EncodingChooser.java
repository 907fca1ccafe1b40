package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.encoding.DictionaryEncoder;
import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.encoding.ValueEncoder;
import dev.firn.columnar.encoding.ValueEncoding;
import java.lang.foreign.ValueLayout;
import org.apache.parquet.format.Type;

/**
 * Chooses a column chunk's encoding by encoding the first values of its first page in every way that fits, compressed and not. What counts is the
 * bytes that come out, which are measured, priced in nanoseconds; and the time that the kernels take, which is a table of estimates and not a
 * stopwatch: the same rows must give the same file.
 */
final class EncodingChooser {
    /** Values that are tried. */
    static final int SAMPLE = 4096;

    /** Bytes of long values that are tried. */
    private static final int SAMPLE_BYTES = 256 << 10;

    /** A chunk has so many times the values of its sample, or more: what a dictionary is spread over. */
    private static final int CHUNK_SAMPLES = 64;

    /** Of a sample's values, the share of distinct ones from which a filter pays: what a dictionary would not hold. */
    private static final double DISTINCT_SHARE = 0.5;

    /** Of a sample's texts, the share of those with a blank from which a filter does not pay. */
    private static final double PROSE_SHARE = 0.5;

    /** Fewer values than that rule a page out faster than a filter can be read. */
    private static final int LEAST_BLOOM_VALUES = 512;

    private static final int PS_PER_NS = 1000;

    /** Picoseconds that a dictionary takes for a value that repeats the one before. */
    private static final int REPEAT_COST = 1_000;

    private static final ValueEncoding[] ENCODINGS = ValueEncoding.values();

    private final ParquetConfig config;

    /** What the last trial would be compressed by, 0 for nothing, and what that costs in picoseconds. */
    private int level;

    private double levelCost;

    EncodingChooser(final ParquetConfig config) {
        this.config = config;
    }

    /** Picoseconds a value, apart from the bytes that are moved. */
    private static int cost(final ValueEncoding encoding) {
        return switch (encoding) {
            case PLAIN, RLE -> 500;
            case BYTE_STREAM_SPLIT -> 700;
            case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> 2_000;
            case RLE_DICTIONARY -> 8_000;
            case DELTA_BYTE_ARRAY -> 12_000;
        };
    }

    /** Picoseconds a byte that zstd reads: about 500 MB/s at level 1, 250 at 3, 50 at 9. */
    private static int zstdCost(final int level) {
        return PS_PER_NS * (1 + level);
    }

    /** @param dictionary the chunk's own, empty; left empty. */
    EncodingPlan choose(
            final LeafColumn leaf,
            final PageValues page,
            final DictionaryEncoder dictionary,
            final PageWorkspace work) {
        final PageValues sample = work.sample;
        sample.wrapFirst(page, sampleCount(page));
        if (page.width() == PageValues.BITS || config.dictionaryBytes() == 0) {
            final ValueEncoding only = cheapest(leaf, sample, Double.MAX_VALUE, work);
            return new EncodingPlan(only, bestLevel(work), false);
        }
        final EncodingPlan plan = withDictionary(leaf, sample, dictionary, work);
        dictionary.reset();
        return plan;
    }

    /** The dictionary is tried first: it is the cheapest for most columns, and what another encoding has to undercut. */
    private EncodingPlan withDictionary(
            final LeafColumn leaf,
            final PageValues sample,
            final DictionaryEncoder dictionary,
            final PageWorkspace work) {
        final boolean fits = dictionary.index(sample);
        final boolean rising = leaf.order().isRising(sample);
        final double dictionaryCost =
                fits && sample.count() > 0 ? dictionaryCost(sample, dictionary, rising, work) : Double.MAX_VALUE;
        final ValueEncoding other = cheapest(leaf, sample, Math.nextUp(dictionaryCost), work);
        if (other == null) {
            work.trial.clear();
            dictionary.encodeIndices(work.trial);
            quickLevel(work, Double.MAX_VALUE);
            final int best = bestLevel(work);
            if (best == 0 && config.zstdLevel() > 0) {
                // Pages that it has no room for may have to be compressed all the same.
                cheapest(leaf, sample, Double.MAX_VALUE, work);
            }
            return new EncodingPlan(ValueEncoding.RLE_DICTIONARY, best > 0 ? best : level, false);
        }
        final boolean bloom = config.bloom() == BloomPolicy.WHERE_IT_PAYS
                && hasFilter(leaf)
                && sample.count() >= LEAST_BLOOM_VALUES
                && (!fits || dictionary.entries() > sample.count() * DISTINCT_SHARE)
                && !rising
                && !isProse(leaf, sample);
        return new EncodingPlan(other, bestLevel(work), bloom);
    }

    /** The encoding of a chunk's pages from the first on that its dictionary has no room for: by what that page is like. */
    ValueEncoding withoutDictionary(final LeafColumn leaf, final PageValues page, final PageWorkspace work) {
        work.sample.wrapFirst(page, sampleCount(page));
        return cheapest(leaf, work.sample, Double.MAX_VALUE, work);
    }

    /** What a sample costs that the dictionary has the indices of; too much where it would outgrow its limit. */
    private double dictionaryCost(
            final PageValues sample,
            final DictionaryEncoder dictionary,
            final boolean rising,
            final PageWorkspace work) {
        final int distinct = dictionary.entries();
        // Where all values so far are different, or greater than those before, more are to be expected at the same
        // rate; else the dictionary is nearly whole.
        final double newcomers = rising ? 1 : (double) distinct / sample.count();
        final double entries = distinct * (1 + newcomers * newcomers * (CHUNK_SAMPLES - 1));
        final double bytes = entries * dictionary.plain().length() / distinct;
        if (bytes > config.dictionaryBytes()) {
            return Double.MAX_VALUE;
        }
        work.trial.clear();
        dictionary.encodeIndices(work.trial);
        quickLevel(work, Double.MAX_VALUE);
        return (double) dictionary.lookups() * cost(ValueEncoding.RLE_DICTIONARY)
                + (double) (sample.count() - dictionary.lookups()) * REPEAT_COST
                + price(bytes) / CHUNK_SAMPLES
                + levelCost;
    }

    /**
     * Tries all encodings but a dictionary, by the quickest level.
     *
     * @param limit what an encoding has to cost less than.
     * @return the cheapest; null when none is below the limit. {@link #level} is its own, and it stands in {@code work.trial}.
     */
    private ValueEncoding cheapest(
            final LeafColumn leaf, final PageValues sample, final double limit, final PageWorkspace work) {
        final Type type = leaf.physicalType();
        final boolean integer = type == Type.INT32 || type == Type.INT64;
        ValueEncoding best = null;
        ValueEncoding last = null;
        double bestCost = limit;
        int bestLevel = 0;
        double bestLevelCost = 0;
        for (final ValueEncoding encoding : ENCODINGS) {
            final double kernel = (double) sample.count() * cost(encoding);
            if (encoding == ValueEncoding.RLE_DICTIONARY
                    || kernel >= bestCost
                    || !config.readers().allows(encoding)
                    || !ValueEncoder.supports(encoding, sample.width(), integer)) {
                continue;
            }
            work.trial.clear();
            work.encoder.encode(encoding, sample, work.trial);
            last = encoding;
            quickLevel(work, bestCost - kernel);
            if (kernel + levelCost < bestCost) {
                best = encoding;
                bestCost = kernel + levelCost;
                bestLevel = level;
                bestLevelCost = levelCost;
            }
        }
        if (best != null && best != last) {
            work.trial.clear();
            work.encoder.encode(best, sample, work.trial);
        }
        level = bestLevel;
        levelCost = bestLevelCost;
        return best;
    }

    private static int sampleCount(final PageValues page) {
        int count = Math.min(SAMPLE, page.count());
        if (page.width() != PageValues.BITS) {
            while (count > 1 && page.start(count - 1) - page.start(0) > SAMPLE_BYTES) {
                count /= 2;
            }
        }
        return count;
    }

    /** Whether most values are several words, as comments and documents are: nobody asks for one that is equal to a given one. */
    private static boolean isProse(final LeafColumn leaf, final PageValues sample) {
        if (leaf.field().kind() != ColumnKind.STRING) {
            return false;
        }
        int prose = 0;
        for (int i = 0; i < sample.count(); i++) {
            prose += hasBlank(sample, i) ? 1 : 0;
        }
        return prose > sample.count() * PROSE_SHARE;
    }

    private static boolean hasBlank(final PageValues values, final int index) {
        final long end = values.start(index) + values.length(index);
        for (long at = values.start(index); at < end; at++) {
            if (values.values().get(ValueLayout.JAVA_BYTE, at) == ' ') {
                return true;
            }
        }
        return false;
    }

    private static boolean hasFilter(final LeafColumn leaf) {
        return switch (leaf.field().kind()) {
            case INT32, INT64, UUID, STRING, BINARY, FIXED -> true;
            default -> false;
        };
    }

    private double price(final double bytes) {
        return bytes * config.nsPerByte() * PS_PER_NS;
    }

    /**
     * Finds whether the trial's bytes and the time for them are cheaper compressed by the quickest level, or not at all. Where reading them would take
     * the limit already they are not compressed.
     */
    private void quickLevel(final PageWorkspace work, final double limit) {
        level = 0;
        levelCost = price(work.trial.length());
        if (config.zstdLevel() > 0 && (double) work.trial.length() * zstdCost(1) < Math.min(limit, levelCost)) {
            tryLevel(work, 1);
        }
    }

    /** Behind {@link #quickLevel} of the same trial: the level that it is cheapest with, 0 for none. */
    private int bestLevel(final PageWorkspace work) {
        final int most = config.zstdLevel();
        if (most > 1 && (double) work.trial.length() * zstdCost(most) < levelCost) {
            tryLevel(work, most);
        }
        return level;
    }

    private void tryLevel(final PageWorkspace work, final int tried) {
        work.compressor.compress(work.trial, tried, work.compressed);
        final double cost = price(work.compressed.length()) + (double) work.trial.length() * zstdCost(tried);
        if (cost < levelCost) {
            level = tried;
            levelCost = cost;
        }
    }
}
