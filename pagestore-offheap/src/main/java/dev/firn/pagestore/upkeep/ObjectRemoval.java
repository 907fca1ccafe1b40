package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Removes from the store what no stored manifest names: layers that were let go, and what owners before left behind, uploads that came too late
 * among it. A layer of an epoch before this owner's that its manifest does not name can never be named again: its owner can write no manifest any
 * more. So nothing here depends on time, but for how often it is looked for.
 */
final class ObjectRemoval {
    /** Most objects that one call removes. */
    private static final int BATCH = 1_000;

    private final StoreSession session;
    private final CallOptions options;
    private final Clock clock;
    private final String timeline;
    private final long sweepNs;
    private final long retryNs;
    private final Supplier<Manifest> current;
    private final List<String> doomed = new ArrayList<>();

    /** What this owner's manifests have named, and the shard has not let go of: reads may still go through it. */
    private final Set<LayerName> inUse = new HashSet<>();

    private boolean calling;
    private boolean sweeping = true;
    private String token;
    private long notBeforeNs;
    private long nextSweepNs;
    private long removed;

    ObjectRemoval(
            final StoreSession session,
            final UpkeepConfig config,
            final Clock clock,
            final String timeline,
            final Supplier<Manifest> current) {
        this.session = session;
        this.options = config.calls();
        this.clock = clock;
        this.timeline = timeline;
        this.sweepNs = config.sweepNs();
        this.retryNs = config.retryNs();
        this.current = current;
        this.notBeforeNs = clock.nanoTime();
        stored(current.get());
    }

    /** A manifest is stored: reads will go through its layers. */
    void stored(final Manifest manifest) {
        manifest.layers().forEach(layer -> inUse.add(layer.name()));
    }

    /** Layers that neither the stored manifest nor a read has any more. */
    void remove(final List<LayerName> names) {
        final Set<LayerName> named = named();
        for (final LayerName name : names) {
            if (named.contains(name)) {
                throw new IllegalStateException("layer " + name + " of " + timeline + " is in use");
            }
            inUse.remove(name);
            doomed.add(name.key(timeline));
        }
    }

    int work() {
        final long now = clock.nanoTime();
        if (calling || now - notBeforeNs < 0 || session.room() == 0) {
            return 0;
        }
        if (!doomed.isEmpty()) {
            calling = true;
            final List<String> batch = List.copyOf(doomed.subList(0, Math.min(BATCH, doomed.size())));
            session.deleteAll(batch, options, outcome -> onDeleted(batch, outcome));
            return 1;
        }
        if (!sweeping && now - nextSweepNs >= 0) {
            sweeping = true;
            token = null;
        }
        if (!sweeping) {
            return 0;
        }
        calling = true;
        session.list(ListRequest.ofPrefix(LayerName.prefix(timeline)).from(token), options, this::onListed);
        return 1;
    }

    private void onDeleted(final List<String> batch, final DeleteOutcome outcome) {
        calling = false;
        if (outcome instanceof DeleteOutcome.Deleted) {
            doomed.subList(0, batch.size()).clear();
            removed += batch.size();
        } else {
            notBeforeNs = clock.nanoTime() + retryNs;
        }
    }

    private void onListed(final ListOutcome outcome) {
        calling = false;
        if (!(outcome instanceof ListOutcome.Listed listed)) {
            notBeforeNs = clock.nanoTime() + retryNs;
            return;
        }
        final Set<LayerName> named = named();
        final int prefix = LayerName.prefix(timeline).length();
        for (final ListOutcome.ListedObject object : listed.objects()) {
            final LayerName name = LayerName.parse(object.key().substring(prefix));
            if (name != null
                    && name.epoch() < current.get().epoch()
                    && !named.contains(name)
                    && !inUse.contains(name)) {
                doomed.add(object.key());
            }
        }
        token = listed.nextToken();
        if (token == null) {
            sweeping = false;
            nextSweepNs = clock.nanoTime() + sweepNs;
        }
    }

    private Set<LayerName> named() {
        final Set<LayerName> named = new HashSet<>();
        current.get().layers().forEach(layer -> named.add(layer.name()));
        return named;
    }

    /** Whether no call is under way. */
    boolean isIdle() {
        return !calling;
    }

    long removed() {
        return removed;
    }
}
