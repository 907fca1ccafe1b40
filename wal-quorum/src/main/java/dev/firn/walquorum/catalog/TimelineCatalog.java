package dev.firn.walquorum.catalog;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.ListOutcome;
import dev.firn.s3tier.store.ListRequest;
import dev.firn.s3tier.store.NotFound;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.json.MalformedJsonException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The timelines of an object store. Each question is answered once: in the session's poll, or at once when there is no memory for
 * it.
 *
 * <p>Belongs to the session's thread.
 */
public final class TimelineCatalog {
    /** Longest entry that is read: far more than any has. */
    static final int MAX_ENTRY_BYTES = 64 << 10;

    /** Most timelines of one store. */
    static final int MAX_TIMELINES = 100_000;

    private static final MemoryTag TAG = MemoryTag.of("timeline-catalog");

    private final StoreSession session;
    private final OffHeapMemory memory;
    private final CallOptions options;

    /**
     * @param memory for entries on their way: 64 KiB for each question that is not answered.
     * @param options of each call.
     */
    public TimelineCatalog(final StoreSession session, final OffHeapMemory memory, final CallOptions options) {
        this.session = session;
        this.memory = memory;
        this.options = options;
    }

    /**
     * Makes a timeline, unless there is one of that name.
     *
     * @param handler hears {@link CatalogOutcome.Entry} when it is made (also by an earlier try of the very same entry),
     *     {@link CatalogOutcome.Taken}, or {@link CatalogOutcome.Refused}.
     */
    public void create(final TimelineEntry entry, final Consumer<CatalogOutcome> handler) {
        final byte[] bytes = entry.encode();
        final MemorySegment body = memory.allocate(bytes.length, TAG);
        MemorySegment.copy(bytes, 0, body, ValueLayout.JAVA_BYTE, 0, bytes.length);
        final String key = entry.keys().entry();
        session.put(key, List.of(body), WriteCondition.IF_ABSENT, options, outcome -> {
            memory.free(body);
            switch (outcome) {
                case PutOutcome.Stored _ -> handler.accept(new CatalogOutcome.Entry(entry));
                case PutOutcome.PreconditionFailed _ ->
                    read(entry.name(), found -> handler.accept(taken(entry, found)));
                default -> handler.accept(new CatalogOutcome.Refused(StoreSentence.of(key, outcome)));
            }
        });
    }

    private static CatalogOutcome taken(final TimelineEntry wanted, final CatalogOutcome found) {
        return switch (found) {
            case CatalogOutcome.Entry there ->
                there.entry().equals(wanted) ? there : new CatalogOutcome.Taken(there.entry());
            case CatalogOutcome.None _ ->
                new CatalogOutcome.Refused(
                        "the timeline " + wanted.name() + " was deleted while it was made: try again");
            default -> found;
        };
    }

    /** @param handler hears {@link CatalogOutcome.Entry}, {@link CatalogOutcome.None} or {@link CatalogOutcome.Refused}. */
    public void read(final String name, final Consumer<CatalogOutcome> handler) {
        final String key = new TimelineKeys(name).entry();
        final MemorySegment into = memory.tryAllocate(MAX_ENTRY_BYTES, TAG);
        if (into == null) {
            handler.accept(new CatalogOutcome.Refused("no memory is free to read " + key));
            return;
        }
        session.get(key, 0, into, null, options, outcome -> {
            final CatalogOutcome read = switch (outcome) {
                case GetOutcome.Fetched fetched -> decode(key, into, fetched, name);
                case GetOutcome.OutOfRange _ -> new CatalogOutcome.Refused(key + " is damaged: it is empty");
                case GetOutcome.VersionChanged changed ->
                    new CatalogOutcome.Refused("cannot read " + key + ": " + changed.reason());
                case NotFound _ -> new CatalogOutcome.None();
                case Failed failed -> new CatalogOutcome.Refused(StoreSentence.of("cannot read " + key, failed));
            };
            memory.free(into);
            handler.accept(read);
        });
    }

    private static CatalogOutcome decode(
            final String key, final MemorySegment into, final GetOutcome.Fetched fetched, final String name) {
        if (fetched.objectBytes() > MAX_ENTRY_BYTES) {
            return new CatalogOutcome.Refused(key + " is damaged: it has " + fetched.objectBytes() + " bytes");
        }
        try {
            final byte[] bytes = into.asSlice(0, fetched.lengthBytes()).toArray(ValueLayout.JAVA_BYTE);
            return new CatalogOutcome.Entry(TimelineEntry.decode(key, bytes, name));
        } catch (final MalformedJsonException e) {
            return new CatalogOutcome.Refused(e.getMessage());
        }
    }

    /**
     * Finds all names that are taken or have something left below them. Each is to be read before it is believed in.
     *
     * @param handler hears {@link CatalogOutcome.Names} or {@link CatalogOutcome.Refused}.
     */
    public void list(final Consumer<CatalogOutcome> handler) {
        list(ListRequest.ofLevel(TimelineKeys.ROOT), new ArrayList<>(), handler);
    }

    private void list(final ListRequest request, final List<String> names, final Consumer<CatalogOutcome> handler) {
        session.list(request, options, outcome -> {
            switch (outcome) {
                case ListOutcome.Listed listed -> {
                    addNames(listed.commonPrefixes(), names);
                    if (names.size() > MAX_TIMELINES) {
                        handler.accept(new CatalogOutcome.Refused(
                                "there are more than " + MAX_TIMELINES + " timelines in the store"));
                    } else if (listed.nextToken() == null) {
                        handler.accept(new CatalogOutcome.Names(names));
                    } else {
                        list(request.from(listed.nextToken()), names, handler);
                    }
                }
                case Failed failed ->
                    handler.accept(
                            new CatalogOutcome.Refused(StoreSentence.of("cannot list " + TimelineKeys.ROOT, failed)));
            }
        });
    }

    /** What stands below the root and can be no timeline is somebody else's, and left alone. */
    private static void addNames(final List<String> prefixes, final List<String> names) {
        for (final String prefix : prefixes) {
            final String name = prefix.substring(TimelineKeys.ROOT.length(), prefix.length() - 1);
            if (TimelineKeys.isName(name)) {
                names.add(name);
            }
        }
    }

    /**
     * Deletes everything of a timeline, its entry last, or that which makes it a branch: when it is cut short, the name stays taken, and
     * it can be repeated.
     * Nobody may write to the timeline any more.
     *
     * @param handler hears {@link CatalogOutcome.Deleted} or {@link CatalogOutcome.Refused}.
     */
    public void delete(final String name, final Consumer<CatalogOutcome> handler) {
        new Deletion(new TimelineKeys(name), handler).begin();
    }

    /** Uploads first, as they turn into objects; then objects, page by page from the beginning; then the entry; then that of a branch. */
    private final class Deletion {
        private final TimelineKeys keys;
        private final Consumer<CatalogOutcome> handler;
        private long deleted;

        Deletion(final TimelineKeys keys, final Consumer<CatalogOutcome> handler) {
            this.keys = keys;
            this.handler = handler;
        }

        void begin() {
            session.abortStaleUploads(keys.prefix(), 0, options, outcome -> {
                switch (outcome) {
                    case SweepOutcome.Swept _ -> listPage();
                    case Failed failed -> refuse(StoreSentence.of("cannot abort uploads of " + keys.prefix(), failed));
                }
            });
        }

        private void listPage() {
            session.list(ListRequest.ofPrefix(keys.prefix()), options, outcome -> {
                switch (outcome) {
                    case ListOutcome.Listed listed -> deletePage(listed);
                    case Failed failed -> refuse(StoreSentence.of("cannot list " + keys.prefix(), failed));
                }
            });
        }

        private void deletePage(final ListOutcome.Listed listed) {
            final List<String> page = listed.objects().stream()
                    .map(ListOutcome.ListedObject::key)
                    .filter(key -> !key.equals(keys.entry()) && !key.equals(keys.branch()))
                    .toList();
            // A page may hold fewer keys than there are, the entry alone too.
            final boolean last = page.isEmpty() && listed.nextToken() == null;
            final List<String> wanted = last ? List.of(keys.entry()) : page;
            if (wanted.isEmpty()) {
                listFurther(listed.nextToken());
                return;
            }
            session.deleteAll(wanted, options, outcome -> {
                switch (outcome) {
                    case DeleteOutcome.Deleted _ -> {
                        deleted += page.size();
                        if (last) {
                            deleteBranch();
                        } else {
                            listPage();
                        }
                    }
                    case DeleteOutcome.PartlyDeleted partly ->
                        refuse("cannot delete " + partly.refused().getFirst().key() + ": "
                                + partly.refused().getFirst().reason());
                    case Failed failed -> refuse(StoreSentence.of("cannot delete what is in " + keys.prefix(), failed));
                }
            });
        }

        /** A log without its branch would be a timeline that has lost its base backup. */
        private void deleteBranch() {
            session.delete(keys.branch(), options, outcome -> {
                if (outcome instanceof final Failed failed) {
                    refuse(StoreSentence.of("cannot delete " + keys.branch(), failed));
                } else {
                    handler.accept(new CatalogOutcome.Deleted(deleted));
                }
            });
        }

        private void listFurther(final String token) {
            session.list(ListRequest.ofPrefix(keys.prefix()).from(token), options, outcome -> {
                switch (outcome) {
                    case ListOutcome.Listed listed -> deletePage(listed);
                    case Failed failed -> refuse(StoreSentence.of("cannot list " + keys.prefix(), failed));
                }
            });
        }

        private void refuse(final String sentence) {
            handler.accept(new CatalogOutcome.Refused(sentence));
        }
    }
}
