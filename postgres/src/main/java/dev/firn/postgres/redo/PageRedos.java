package dev.firn.postgres.redo;

import dev.firn.postgres.redo.brin.BrinMask;
import dev.firn.postgres.redo.brin.BrinRedo;
import dev.firn.postgres.redo.btree.BtreeMask;
import dev.firn.postgres.redo.btree.BtreeRedo;
import dev.firn.postgres.redo.generic.GenericMask;
import dev.firn.postgres.redo.generic.GenericRedo;
import dev.firn.postgres.redo.gin.GinMask;
import dev.firn.postgres.redo.gin.GinRedo;
import dev.firn.postgres.redo.gist.GistMask;
import dev.firn.postgres.redo.gist.GistRedo;
import dev.firn.postgres.redo.hash.HashMask;
import dev.firn.postgres.redo.hash.HashRedo;
import dev.firn.postgres.redo.heap.Heap2Redo;
import dev.firn.postgres.redo.heap.HeapMask;
import dev.firn.postgres.redo.heap.HeapRedo;
import dev.firn.postgres.redo.image.ImageRedo;
import dev.firn.postgres.redo.sequence.SequenceMask;
import dev.firn.postgres.redo.sequence.SequenceRedo;
import dev.firn.postgres.redo.spgist.SpgistMask;
import dev.firn.postgres.redo.spgist.SpgistRedo;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;

/** Who redoes, and who masks, each resource manager's pages: access/rmgrlist.h. Those that change no relation page have none. */
final class PageRedos {
    private PageRedos() {}

    /** By the resource manager's id; null for those that change no relation page. */
    static PageRedo[] of(final PostgresVersion version) {
        final PageRedo[] byId = new PageRedo[ResourceManager.values().length];
        byId[ResourceManager.XLOG.id()] = new ImageRedo();
        byId[ResourceManager.HEAP2.id()] = new Heap2Redo(version);
        byId[ResourceManager.HEAP.id()] = new HeapRedo();
        byId[ResourceManager.BTREE.id()] = new BtreeRedo();
        byId[ResourceManager.HASH.id()] = new HashRedo(version);
        byId[ResourceManager.GIN.id()] = new GinRedo();
        byId[ResourceManager.GIST.id()] = new GistRedo(version);
        byId[ResourceManager.SEQUENCE.id()] = new SequenceRedo();
        byId[ResourceManager.SPGIST.id()] = new SpgistRedo(version);
        byId[ResourceManager.BRIN.id()] = new BrinRedo();
        byId[ResourceManager.GENERIC.id()] = new GenericRedo();
        return byId;
    }

    /** By the resource manager's id; null where every byte counts. */
    static PageMask[] masksOf(final PostgresVersion version) {
        final PageMask[] byId = new PageMask[ResourceManager.values().length];
        final PageMask heap = new HeapMask();
        byId[ResourceManager.HEAP2.id()] = heap;
        byId[ResourceManager.HEAP.id()] = heap;
        byId[ResourceManager.BTREE.id()] = new BtreeMask();
        byId[ResourceManager.HASH.id()] = new HashMask();
        byId[ResourceManager.GIN.id()] = new GinMask();
        byId[ResourceManager.GIST.id()] = new GistMask();
        byId[ResourceManager.SEQUENCE.id()] = new SequenceMask();
        byId[ResourceManager.SPGIST.id()] = new SpgistMask();
        byId[ResourceManager.BRIN.id()] = new BrinMask();
        byId[ResourceManager.GENERIC.id()] = new GenericMask();
        return byId;
    }
}
