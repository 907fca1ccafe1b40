package dev.firn.walquorum.follow;

import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Keeps history files in memory. */
final class TestHistories implements HistoryKeeper {
    private final ConcurrentSkipListMap<Integer, Kept> files = new ConcurrentSkipListMap<>();

    @Override
    public Optional<Kept> newest() {
        return files.isEmpty()
                ? Optional.empty()
                : Optional.of(files.lastEntry().getValue());
    }

    @Override
    public void keep(final Kept file) {
        files.put(file.timeline(), file);
    }
}
