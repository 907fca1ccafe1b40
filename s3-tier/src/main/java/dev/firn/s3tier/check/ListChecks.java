package dev.firn.s3tier.check;

import static dev.firn.s3tier.check.Workspace.require;

import dev.firn.s3tier.store.ListOutcome.Listed;
import dev.firn.s3tier.store.ListOutcome.ListedObject;
import dev.firn.s3tier.store.ListRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Lists: what was just written is on them, in order, page by page. */
final class ListChecks {
    private static final int ROUNDS = 16;
    private static final int PAGE_KEYS = 7;
    private static final Comparator<String> BY_UTF8 =
            Comparator.comparing(key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private final Workspace work;

    ListChecks(final Workspace work) {
        this.work = work;
    }

    Finding listAfterWrite() {
        final String folder = work.folder("list");
        final List<String> there = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            final String key = work.tracked(folder + name(i));
            work.write(key, work.body(64));
            there.add(key);
            require(work.list(folder).equals(there), "a list that began after a put was answered did not have its key");
        }
        final String etag = work.write(there.getFirst(), work.body(128));
        final ListedObject replaced = work.pages(folder, "", ListRequest.MAX_KEYS)
                .getFirst()
                .objects()
                .getFirst();
        require(
                replaced.lengthBytes() == 128 && replaced.etag().equals(etag),
                "a list that began after a replacing put was answered has the old length or ETag");
        for (int i = ROUNDS - 1; i >= 0; i--) {
            work.delete(there.removeLast());
            require(work.list(folder).equals(there), "a list that began after a delete was answered still had its key");
        }
        return Finding.held(ROUNDS + " puts and " + ROUNDS + " deletes: each was seen by the list after it");
    }

    Finding orderAndPages() {
        final String folder = work.folder("pages");
        final List<String> keys = new ArrayList<>();
        for (int i = 0; i < 3 * PAGE_KEYS; i++) {
            keys.add(folder + "level/" + name(i * 8 % (3 * PAGE_KEYS)));
        }
        // U+FF5E comes after U+1F427 in UTF-16, and before it in UTF-8; upper case before lower; - and . before /.
        keys.addAll(List.of(
                folder + "Zebra",
                folder + "ant",
                folder + "level-1",
                folder + "level.1",
                folder + "level0",
                folder + "\uff5e",
                folder + "\ud83d\udc27",
                folder + "other/1"));
        keys.forEach(key -> work.write(work.tracked(key), work.body(16)));
        final List<String> sorted = keys.stream().sorted(BY_UTF8).toList();
        final List<Listed> pages = work.pages(folder, "", PAGE_KEYS);
        final List<String> listed = pages.stream()
                .flatMap(page -> page.objects().stream())
                .map(ListedObject::key)
                .toList();
        require(
                pages.stream().allMatch(page -> page.objects().size() <= PAGE_KEYS),
                "a page asked for with " + PAGE_KEYS + " keys has more");
        require(
                listed.stream().sorted(BY_UTF8).toList().equals(sorted),
                "pages of a list have " + listed.size() + " keys, "
                        + listed.stream().distinct().count() + " different, of " + keys.size() + " that are there");
        require(
                listed.stream()
                        .filter(ListChecks::isAscii)
                        .toList()
                        .equals(sorted.stream().filter(ListChecks::isAscii).toList()),
                "a list is not in the order of its keys' bytes");
        requireLevel(folder, sorted);
        if (!listed.equals(sorted)) {
            return Finding.remark("keys beyond ASCII are not listed in the order of their UTF-8 bytes;"
                    + " Firn's own keys are made of ASCII");
        }
        return Finding.held(
                keys.size() + " keys on pages of " + PAGE_KEYS + ", complete and in order; levels fold into prefixes");
    }

    private void requireLevel(final String folder, final List<String> sorted) {
        final List<Listed> level = work.pages(folder, "/", PAGE_KEYS);
        final List<String> prefixes =
                level.stream().flatMap(page -> page.commonPrefixes().stream()).toList();
        final List<String> direct = level.stream()
                .flatMap(page -> page.objects().stream())
                .map(ListedObject::key)
                .toList();
        require(
                prefixes.equals(List.of(folder + "level/", folder + "other/")),
                "a list by levels has " + prefixes.size() + " common prefixes, and not the 2 that there are");
        require(
                direct.stream()
                        .sorted(BY_UTF8)
                        .toList()
                        .equals(sorted.stream()
                                .filter(key -> key.indexOf('/', folder.length()) < 0)
                                .toList()),
                "a list by levels does not have the objects of its level");
    }

    private static boolean isAscii(final String key) {
        return key.chars().allMatch(c -> c < 0x80);
    }

    private static String name(final int index) {
        return String.format(Locale.ROOT, "%04d", index);
    }
}
