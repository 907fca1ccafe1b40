package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which delta layers are merged next. Layers of the same LSNs are a <em>run</em>: together they have what happened between these, cut by key. From the
 * newest run on, those that follow one another are taken as long as each is not larger than all before it; when there are enough of them,
 * they become one run. So every byte is merged about as often as the data doubles, and few runs of one size are left.
 *
 * <p>Pages and the rest have runs of their own: see {@link LayerOutput}.
 */
final class MergePolicy {
    private MergePolicy() {}

    /** The layers of one lane with the same LSNs. */
    record Run(long fromLsn, long toLsn, List<LayerDescription> layers) {
        long bytes() {
            return layers.stream().mapToLong(LayerDescription::lengthBytes).sum();
        }
    }

    /**
     * The layers to be merged; none when there is nothing to do.
     *
     * @param maxRuns half of it is as many runs as there may be whose sizes tell against merging them.
     */
    static List<LayerDescription> choose(final List<LayerDescription> all, final int mergeRuns, final int maxRuns) {
        for (final boolean pages : new boolean[] {false, true}) {
            final List<Run> runs = runs(all, pages);
            List<LayerDescription> chosen = chooseOf(runs, mergeRuns);
            if (chosen.isEmpty() && runs.size() > maxRuns / 2) {
                chosen = smallestOf(runs, mergeRuns);
            }
            if (!chosen.isEmpty()) {
                return chosen;
            }
        }
        return List.of();
    }

    /** How many runs of delta layers with pages there are. */
    static int pageRuns(final List<LayerDescription> all) {
        return runs(all, true).size();
    }

    /** Of those that follow one another, so many with the fewest bytes. */
    private static List<LayerDescription> smallestOf(final List<Run> runs, final int mergeRuns) {
        long least = Long.MAX_VALUE;
        List<Run> smallest = List.of();
        for (int from = 0; from + mergeRuns <= runs.size(); from++) {
            final List<Run> some = runs.subList(from, from + mergeRuns);
            final long bytes = some.stream().mapToLong(Run::bytes).sum();
            if (bytes < least) {
                least = bytes;
                smallest = some;
            }
        }
        return smallest.stream().flatMap(run -> run.layers().stream()).toList();
    }

    /** Bytes of the layers that could be merged now. */
    static long debtBytes(final List<LayerDescription> all, final int mergeRuns) {
        long bytes = 0;
        for (final boolean pages : new boolean[] {false, true}) {
            for (final LayerDescription layer : chooseOf(runs(all, pages), mergeRuns)) {
                bytes += layer.lengthBytes();
            }
        }
        return bytes;
    }

    private static List<LayerDescription> chooseOf(final List<Run> runs, final int mergeRuns) {
        for (int from = 0; from + mergeRuns <= runs.size(); from++) {
            long bytes = runs.get(from).bytes();
            int to = from + 1;
            while (to < runs.size() && runs.get(to).bytes() <= bytes) {
                bytes += runs.get(to++).bytes();
            }
            if (to - from >= mergeRuns) {
                final List<LayerDescription> chosen = new ArrayList<>();
                runs.subList(from, to).forEach(run -> chosen.addAll(run.layers()));
                return chosen;
            }
        }
        return List.of();
    }

    /** The runs of a lane, newest first. */
    static List<Run> runs(final List<LayerDescription> all, final boolean pages) {
        final List<LayerDescription> deltas = new ArrayList<>();
        for (final LayerDescription layer : all) {
            if (layer.kind() == LayerKind.DELTA
                    && LayerOutput.isPage(layer.keys().fromHigh()) == pages) {
                deltas.add(layer);
            }
        }
        deltas.sort(Comparator.comparingLong(LayerDescription::toLsn).reversed());
        final List<Run> runs = new ArrayList<>();
        for (final LayerDescription layer : deltas) {
            final Run last = runs.isEmpty() ? null : runs.getLast();
            if (last == null || last.toLsn() != layer.toLsn() || last.fromLsn() != layer.fromLsn()) {
                runs.add(new Run(layer.fromLsn(), layer.toLsn(), new ArrayList<>()));
            }
            runs.getLast().layers().add(layer);
        }
        return runs;
    }
}
