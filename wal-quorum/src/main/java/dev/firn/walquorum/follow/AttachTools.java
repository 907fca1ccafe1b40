package dev.firn.walquorum.follow;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.walquorum.pgwire.PgwireConfig;
import dev.firn.walquorum.stream.WriterConfig;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * What attaching and detaching work with.
 *
 * @param endpoint a place on the network that nobody else uses meanwhile; its owner closes it.
 * @param memory some MiB, for what is on its way.
 * @param options of each call of the store.
 * @param stop whether to give up.
 */
public record AttachTools(
        Endpoint endpoint,
        ObjectStore store,
        PgwireConfig pgwire,
        WriterConfig writer,
        OffHeapMemory memory,
        CallOptions options,
        Clock clock,
        RandomGenerator random,
        BooleanSupplier stop) {}
