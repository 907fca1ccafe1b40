package dev.firn.server.pages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.server.quorum.StatusJson;

/**
 * How a page server stands with a timeline, at one moment.
 *
 * @param parent empty when it is no branch.
 * @param branchLsn 0 when it is none.
 * @param appliedLsn 0 while it is not open; so are those after it.
 * @param forks that are known, those that are gone included; with the floors, what of a timeline stays in memory for good.
 * @param trouble what keeps it from going on, in one sentence; empty for nothing.
 */
record ServedStatus(
        String name,
        String parent,
        long branchLsn,
        String state,
        long appliedLsn,
        long uploadedLsn,
        long historyLsn,
        long committedLsn,
        long bytesFromNodes,
        long bytesFromArchive,
        int forks,
        int floors,
        LayerSums layers,
        String trouble) {
    /** With the keys of {@code firn status}. */
    ObjectNode document() {
        final ObjectNode document = StatusJson.object();
        document.put("name", name);
        put(document, "parent", parent);
        put(document, "branchLsn", branchLsn);
        put(document, "appliedLsn", appliedLsn);
        put(document, "uploadedLsn", uploadedLsn);
        final ObjectNode pages = document.putObject("pages");
        pages.put("state", state);
        pages.put("detail", trouble);
        put(pages, "historyLsn", historyLsn);
        pages.put("lagBytes", appliedLsn == 0 ? 0 : Math.max(0, committedLsn - appliedLsn));
        pages.put("forks", forks);
        pages.put("floors", floors);
        pages.put("deltaLayers", layers.deltas());
        pages.put("deltaBytes", layers.deltaBytes());
        pages.put("imageLayers", layers.images());
        pages.put("imageBytes", layers.imageBytes());
        final ObjectNode counters = pages.putObject("counters");
        counters.put("walBytesFromNodes", bytesFromNodes);
        counters.put("walBytesFromArchive", bytesFromArchive);
        return document;
    }

    private static void put(final ObjectNode document, final String key, final long lsn) {
        document.put(key, lsn == 0 ? null : StatusJson.lsn(lsn));
    }

    private static void put(final ObjectNode document, final String key, final String text) {
        document.put(key, text.isEmpty() ? null : text);
    }
}
